import { safeCode } from "./safe.js";

const LARGEST = 100_000; // characters: more is not coloured

/** @type {Promise<any> | undefined} */
let loading;

/** Gives each block of code its head: the language, and a button that copies. @param {ParentNode} root */
export function codeHeads(root) {
  for (const pre of root.querySelectorAll("pre")) {
    const code = pre.querySelector("code");
    if (!code) continue;
    pre.tabIndex = 0; // it may be wider than the page
    pre.setAttribute("aria-label", "Code");
    pre.setAttribute("role", "group");
    const head = document.createElement("div");
    head.className = "codehead";
    const language = document.createElement("span");
    language.textContent = languageOf(code);
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "quiet";
    copy.textContent = "Copy code";
    copy.addEventListener("click", () => copied(copy, code.textContent ?? ""));
    head.append(language, copy);
    const box = document.createElement("div");
    box.className = "code";
    pre.replaceWith(box);
    box.append(head, pre);
  }
}

/** @param {HTMLButtonElement} button that says so @param {string} text */
export async function copied(button, text) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => (button.textContent = before), 1500);
}

/** @param {Element} code */
function languageOf(code) {
  return [...code.classList].find((name) => name.startsWith("language-"))?.slice(9) ?? "";
}

/** Colours what is closed, when there is time for it. @param {ParentNode} root */
export async function highlight(root) {
  const found = [...root.querySelectorAll("pre > code.closed")].filter((code) => languageOf(code) && (code.textContent ?? "").length <= LARGEST);
  if (found.length === 0) return;
  const { default: hljs } = await (loading ??= import("./vendor/highlight.mjs"));
  for (const code of found) {
    const language = languageOf(code);
    if (!hljs.getLanguage(language)) continue;
    await idle();
    if (code.isConnected) code.replaceChildren(safeCode(hljs.highlight(code.textContent, { language, ignoreIllegals: true }).value));
  }
}

function idle() {
  return new Promise((resolve) => ("requestIdleCallback" in globalThis ? requestIdleCallback(resolve, { timeout: 1000 }) : setTimeout(resolve, 1)));
}
