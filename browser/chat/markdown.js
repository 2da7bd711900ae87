import markdownIt from "./vendor/markdown-it.mjs";
import { calm } from "./calm.js";
import { codeHeads, highlight } from "./code.js";
import { formulas, typeset } from "./formula.js";
import { ADDRESS, safeText } from "./safe.js";

const LARGEST = 50_000; // characters of one block: a larger one is shown as it is
const UNSETTLED = 2; // blocks at the end that may still become others: a list goes on, a paragraph gets an underline

/** What turns the reading order around, and the eye with it. Shown by name. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g;

const md = markdownIt({ html: false, linkify: true });
md.use(formulas);
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
md.validateLink = (/** @type {string} */ url) => ADDRESS.test(url);
md.inline.ruler.before("autolink", "br", (/** @type {any} */ state, /** @type {boolean} */ silent) => {
  const found = /^<br *\/?>/i.exec(state.src.slice(state.pos, state.pos + 8));
  if (!found) return false;
  if (!silent) state.push("hardbreak", "br", 0);
  state.pos += found[0].length;
  return true;
});
md.renderer.rules.link_open = (/** @type {any} */ tokens, /** @type {number} */ at, /** @type {any} */ options, /** @type {any} */ _, /** @type {any} */ self) => {
  tokens[at].attrSet("target", "_blank");
  tokens[at].attrSet("rel", "noopener noreferrer");
  return self.renderToken(tokens, at, options);
};
// Loading a picture would carry data out: it is a link.
md.renderer.rules.image = (/** @type {any} */ tokens, /** @type {number} */ at) => {
  const escape = md.utils.escapeHtml;
  return `<a href="${escape(tokens[at].attrGet("src") ?? "")}" target="_blank" rel="noopener noreferrer">Picture: ${escape(tokens[at].content || "without a name")}</a>`;
};
md.renderer.rules.fence = (/** @type {any} */ tokens, /** @type {number} */ at) => {
  const { content, info, map } = tokens[at];
  const lines = content.split("\n").length - (content.endsWith("\n") || !content ? 1 : 0);
  const closed = map[1] - map[0] === lines + 2;
  const language = /^[\w+#.-]{1,30}/.exec(info)?.[0].toLowerCase();
  return `<pre><code class="${closed ? "closed" : "open"}${language ? ` language-${language}` : ""}">${md.utils.escapeHtml(content)}</code></pre>`;
};
md.renderer.rules.heading_open = (/** @type {any} */ tokens, /** @type {number} */ at, /** @type {any} */ _, /** @type {any} */ env) => `<${level(tokens[at], env)}>`;
md.renderer.rules.heading_close = (/** @type {any} */ tokens, /** @type {number} */ at, /** @type {any} */ _, /** @type {any} */ env) => `</h${env.level}>\n`;

/** Headings below the message's own, without gaps, whatever levels the model took. @param {any} token @param {any} env */
function level(token, env) {
  const own = Number(token.tag[1]);
  while (env.levels.length > 0 && env.levels.at(-1) >= own) env.levels.pop();
  env.levels.push(own);
  env.level = Math.min(6, 2 + env.levels.length);
  return `h${env.level}`;
}

/** @typedef {{source: string, element: HTMLElement, levels: number[], after: number[]}} Block */

/**
 * Shows Markdown that grows, in an element of its own. Blocks that can no longer change are never rendered again; the
 * last ones are, and what of them is still the same stays as it is.
 */
export class Markdown {
  #root;
  #text = "";
  #settled = 0; // characters
  /** @type {Block[]} */ #tail = [];
  /** @type {number[]} */ #levels = [];
  #defines = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** @param {string} text all of it so far @param {boolean} whole whether nothing follows */
  show(text, whole) {
    const anew = !text.startsWith(this.#text) || (whole && this.#defines);
    if (anew) this.#clear();
    this.#text = text;
    const rest = text.slice(this.#settled).replace(BIDI, named);
    const sources = this.#blocks(whole ? rest : calm(rest));
    const same = this.#same(sources);
    const old = this.#tail.splice(same);
    for (const [i, source] of sources.slice(same).entries()) this.#tail.push(this.#render(source, old[i]));
    for (const block of old.slice(sources.length - same)) block.element.remove();
    if (rest.length === text.length - this.#settled) this.#settle(rest);
  }

  #clear() {
    this.#root.replaceChildren();
    this.#settled = 0;
    this.#tail = [];
    this.#levels = [];
    this.#defines = false;
  }

  /** @param {string} text @returns {string[]} the source of each block, without the space around it */
  #blocks(text) {
    const env = {};
    /** @type {number[]} */ const starts = [];
    for (const token of parsed(text, env)) if (token.level === 0 && token.map && token.nesting !== -1) starts.push(token.map[0]);
    this.#defines ||= Object.keys(/** @type {any} */ (env).references ?? {}).length > 0;
    if (starts.length === 0) return text.trim() && !this.#defines ? [text.trimEnd()] : [];
    const lines = lineStarts(text);
    return starts.map((start, i) => text.slice(i === 0 ? 0 : lines[start], i + 1 < starts.length ? lines[starts[i + 1]] : text.length).trimEnd());
  }

  /** How many blocks are as they were. @param {string[]} sources */
  #same(sources) {
    let same = 0;
    while (same < sources.length && same < this.#tail.length && sources[same] === this.#tail[same].source) same++;
    return same;
  }

  /** @param {string} source @param {Block | undefined} old whose place it takes @returns {Block} */
  #render(source, old) {
    const levels = this.#tail.at(-1)?.after ?? this.#levels;
    if (old && grown(old, source)) return { ...old, source };
    const element = document.createElement("div");
    element.className = "block";
    element.dir = "auto";
    const env = { levels: [...levels], level: 3 };
    const fragment = rendered(source, env);
    codeHeads(fragment);
    for (const table of fragment.querySelectorAll("table")) scrollable(table);
    element.append(fragment);
    if (old) old.element.replaceWith(element);
    else this.#root.append(element);
    void typeset(element);
    void highlight(element);
    return { source, element, levels, after: env.levels };
  }

  /** @param {string} rest */
  #settle(rest) {
    while (this.#tail.length > UNSETTLED) {
      const block = /** @type {Block} */ (this.#tail.shift());
      this.#levels = block.after;
      const next = this.#tail[0].source;
      const at = rest.indexOf(block.source) + block.source.length;
      const begin = rest.indexOf(next, at);
      if (begin < 0) return;
      this.#settled += begin;
      rest = rest.slice(begin);
    }
  }
}

/** @param {string} text @param {object} env @returns {any[]} */
function parsed(text, env) {
  return text.length > LARGEST && !text.includes("\n\n") ? [] : md.parse(text, env);
}

/** @param {string} source @param {object} env */
function rendered(source, env) {
  if (source.length <= LARGEST) return safeText(md.render(source, env));
  const fragment = document.createDocumentFragment();
  const plain = document.createElement("p");
  plain.className = "plain";
  plain.append(source);
  fragment.append(plain);
  return fragment;
}

/** Whether a block is code that is still open and only got longer: then its text is appended. @param {Block} old @param {string} source */
function grown(old, source) {
  const code = old.element.querySelector(":scope > .code > pre > code.open");
  if (!code || !source.startsWith(old.source) || !/^(`{3,}|~{3,})[^\n]*\n/.test(old.source)) return false;
  if (/\n *(`{3,}|~{3,}) *$/.test(source)) return false; // it is closed now
  /** @type {Text} */ (code.firstChild ?? code.appendChild(new Text())).appendData(source.slice(old.source.length));
  return true;
}

/** @param {HTMLTableElement} table */
function scrollable(table) {
  const box = document.createElement("div");
  box.className = "table";
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Table");
  table.replaceWith(box);
  box.append(table);
}

/** @param {string} text */
function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** @param {string} mark */
function named(mark) {
  return `⟦U+${mark.charCodeAt(0).toString(16).toUpperCase()}⟧`;
}
