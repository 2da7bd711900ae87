import { safeFormula } from "./safe.js";

const LONGEST = 5_000; // characters: what a search for the end may cost
const OPEN = [
  { open: "$$", close: "$$", display: true },
  { open: "\\[", close: "\\]", display: true },
  { open: "\\(", close: "\\)", display: false },
];

/** Lets markdown-it find formulas: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`. They become `code.formula` with TeX in it. @param {any} md */
export function formulas(md) {
  md.inline.ruler.before("escape", "formula", inline);
  md.block.ruler.before("fence", "formula", block, { alt: ["paragraph", "reference", "blockquote", "list"] });
  const show = (/** @type {any[]} */ tokens, /** @type {number} */ at) =>
    `<code class="formula${tokens[at].block || tokens[at].meta ? " display" : ""}">${md.utils.escapeHtml(tokens[at].content)}</code>`;
  md.renderer.rules.formula = show;
}

/** @param {any} state @param {boolean} silent */
function inline(state, silent) {
  const { src, pos, posMax } = state;
  const first = src[pos];
  if (first !== "$" && first !== "\\") return false;
  const found = OPEN.find(({ open }) => src.startsWith(open, pos)) ?? (first === "$" ? { open: "$", close: "$", display: false } : null);
  if (!found) return false;
  const from = pos + found.open.length;
  const length = src.slice(from, Math.min(posMax, from + LONGEST)).indexOf(found.close);
  if (length < 1) return false;
  const tex = src.slice(from, from + length);
  const end = from + length + found.close.length;
  // As pandoc has it, so that prices stay prices.
  if (found.open === "$" && (/^\s|\s$/.test(tex) || /\d/.test(src[end] ?? ""))) return false;
  if (!silent) {
    const token = state.push("formula", "", 0);
    token.content = tex.trim();
    token.meta = found.display;
  }
  state.pos = end;
  return true;
}

/** @param {any} state @param {number} line @param {number} last @param {boolean} silent */
function block(state, line, last, silent) {
  const begin = state.bMarks[line] + state.tShift[line];
  const found = OPEN.find(({ open, display }) => display && state.src.startsWith(open, begin));
  if (!found) return false;
  const from = begin + found.open.length;
  for (let at = line; at < last; at++) {
    const end = state.eMarks[at];
    if (end - from > LONGEST) return false;
    const close = state.src.indexOf(found.close, at === line ? from : state.bMarks[at]);
    if (close === -1) return false;
    if (close >= end) continue;
    if (state.src.slice(close + found.close.length, end).trim()) return false; // text goes on: it is one in a line
    if (silent) return true;
    const token = state.push("formula", "", 0);
    token.block = true;
    token.content = state.src.slice(from, close).trim();
    token.map = [line, at + 1];
    state.line = at + 1;
    return true;
  }
  return false;
}

/** @type {Promise<any> | undefined} */
let loading;

/** Turns the TeX of a fragment into MathML; what is no formula after all stays as it is. @param {ParentNode} root */
export async function typeset(root) {
  const found = [...root.querySelectorAll("code.formula")];
  if (found.length === 0) return;
  const { default: temml } = await (loading ??= import("./vendor/temml.mjs"));
  for (const code of found) {
    const display = code.classList.contains("display");
    try {
      const mathml = temml.renderToString(code.textContent ?? "", { displayMode: display, throwOnError: true, trust: false, maxSize: [20, 20], maxExpand: 200 });
      const box = document.createElement(display ? "div" : "span");
      box.className = code.className;
      if (display) box.tabIndex = 0; // it may be wider than the page
      if (display) box.setAttribute("role", "group");
      if (display) box.setAttribute("aria-label", "Formula");
      box.append(safeFormula(mathml));
      code.replaceWith(box);
    } catch {
      code.classList.add("unreadable");
    }
  }
}
