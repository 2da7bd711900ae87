import { element, get, sign } from "./dom.js";

/** @typedef {import("./history.js").Conversation} Conversation */

const FIRST = 60; // conversations that are drawn at once; the others as one scrolls to them
const EXPLAINED = 12; // found ones whose words are shown

/** The list of conversations, and the search in it. `discard` events ask for the deletion of one. */
export class List extends EventTarget {
  #list = get("list");
  #field = /** @type {HTMLInputElement} */ (get("search"));
  #told = get("found");
  #history;
  #search;
  /** @type {Conversation[]} */ #all = [];
  #shown = ""; // the conversation that is open
  #drawn = "";
  #turn = 0; // a later search wins
  #more = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && this.#grow());

  /** @param {import("./history.js").History} history @param {import("./search.js").Search} search */
  constructor(history, search) {
    super();
    this.#history = history;
    this.#search = search;
    this.#field.addEventListener("input", () => void this.#find());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("keydown", (event) => this.#walk(event));
  }

  /** Draws it, where something has changed. @param {string} shown the conversation that is open @param {boolean} [anew] whether what was found may be another @returns {Promise<void>} */
  async draw(shown, anew = false) {
    this.#shown = shown;
    if (this.#field.value.trim()) return anew ? this.#find() : this.#mark();
    const all = await this.#history.conversations();
    if (this.#field.value.trim()) return;
    this.#all = all;
    const now = JSON.stringify([shown, all.map(({ id, title }) => [id, title])]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.#list.replaceChildren();
    this.#grow();
  }

  /** Lets one write what to look for. */
  search() {
    this.#field.focus();
    this.#field.select();
  }

  #grow() {
    this.#more.disconnect();
    const from = this.#list.childElementCount;
    this.#list.append(...this.#all.slice(from, from + FIRST).map((one) => this.#row(one)));
    const last = this.#list.lastElementChild;
    if (last && this.#list.childElementCount < this.#all.length) this.#more.observe(last);
  }

  /** @param {Conversation} conversation */
  #row({ id, title }) {
    const link = /** @type {HTMLAnchorElement} */ (element("a", "", element("span", "title", title)));
    link.href = `#/c/${id}`;
    if (id === this.#shown) link.setAttribute("aria-current", "page");
    const remove = sign("✕", `Delete ${title}`, () => this.dispatchEvent(new CustomEvent("discard", { detail: { id, title } })));
    return element("li", "", link, remove);
  }

  #mark() {
    for (const link of this.#list.querySelectorAll("a")) {
      if (link.getAttribute("href")?.startsWith(`#/c/${this.#shown}`)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** @returns {Promise<void>} */
  async #find() {
    const turn = ++this.#turn;
    const query = this.#field.value.trim();
    this.#drawn = "";
    if (!query) {
      this.#told.textContent = "";
      return this.draw(this.#shown);
    }
    const found = await this.#search.find(query);
    if (turn !== this.#turn) return;
    this.#all = found;
    this.#list.replaceChildren();
    this.#grow();
    this.#told.textContent = found.length === 0 ? "Nothing was found." : `${found.length} found`;
    for (const [i, row] of [...this.#list.children].slice(0, EXPLAINED).entries()) await this.#explain(turn, row, found[i], query);
  }

  /** Shows the words that were found, and leads to their message. @param {number} turn @param {Element} row @param {Conversation} conversation @param {string} query */
  async #explain(turn, row, { id }, query) {
    const where = turn === this.#turn ? await this.#search.where(id, query) : null;
    const link = row.querySelector("a");
    if (!where || !link || turn !== this.#turn) return;
    link.href = `#/c/${id}/${where.message.id}`;
    link.append(element("span", "excerpt", where.before, element("mark", "", where.match), where.after));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const first = /** @type {HTMLAnchorElement | null} */ (this.#list.querySelector("a"));
    if (event.key === "Enter" && this.#field.value.trim()) first?.click();
    else if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Escape" && this.#field.value) {
      event.stopPropagation(); // it stops no answer
      this.#field.value = "";
      void this.#find();
    } else return;
    event.preventDefault();
  }

  /** Up and down in the list. @param {KeyboardEvent} event */
  #walk(event) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const row = /** @type {HTMLElement} */ (event.target).closest("li");
    if (!step || !row) return;
    event.preventDefault();
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    if (next) next.querySelector("a")?.focus();
    else if (step < 0) this.#field.focus();
  }
}
