import { element } from "./dom.js";

/** @typedef {import("./history.js").Message} Message */
/** @typedef {import("./history.js").Call} Call */

/**
 * Shows the tools that a model calls: what is handed to each, as it comes; and, once the answer is over, a place for what
 * the tool gives. The page runs no tools itself: it shows what a program would be asked to do.
 */
export class Calls {
  root = element("div", "calls");
  #drawn = "";

  /** @param {Call[]} calls @param {((results: {id: string, content: string}[]) => void) | null} give where they are awaited */
  show(calls, give) {
    const now = JSON.stringify([calls, Boolean(give)]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.root.replaceChildren(...calls.map(shown));
    if (give) this.root.append(form(calls, give));
  }
}

/** @param {Call} call */
function shown({ function: { name, arguments: given } }) {
  const code = element("pre", "", element("code", "", pretty(given)));
  code.tabIndex = 0;
  code.setAttribute("role", "group");
  code.setAttribute("aria-label", `What ${name} is given`);
  return element("div", "code call", element("div", "codehead", `Calls ${name || "…"}`), code);
}

/** @param {string} json */
function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // it is still coming, or it is none
  }
}

/** @param {Call[]} calls @param {(results: {id: string, content: string}[]) => void} give */
function form(calls, give) {
  const fields = calls.map(({ id, function: { name } }) => {
    const text = /** @type {HTMLTextAreaElement} */ (element("textarea"));
    text.rows = 2;
    text.required = true;
    return { id, text, label: element("label", "", `Result of ${name}`, text) };
  });
  const send = /** @type {HTMLButtonElement} */ (element("button", "plain", calls.length === 1 ? "Give the result" : "Give the results"));
  const made = element("form", "results", ...fields.map(({ label }) => label), send);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    give(fields.map(({ id, text }) => ({ id, content: text.value })));
  });
  return made;
}

/** What tools gave. @param {Message} message @param {Call[]} calls */
export function given({ results = [] }, calls) {
  return results.map(({ id, content }) => {
    const name = calls.find((call) => call.id === id)?.function.name ?? "the tool";
    return element("div", "code call", element("div", "codehead", `${name} gave`), element("pre", "", element("code", "", pretty(content))));
  });
}
