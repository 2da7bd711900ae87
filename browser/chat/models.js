import { refusal } from "../error.js";
import { get } from "./dom.js";

/** @typedef {{id: string, architecture?: {input_modalities?: string[]}}} Model what a gateway says of one */

const MODEL = "freshet.model";
export const DEMO = "demo";

/** The models that there are, and the one or two that are chosen. `change` events tell when. */
export class Models extends EventTarget {
  #select = /** @type {HTMLSelectElement} */ (get("model"));
  #second = /** @type {HTMLSelectElement} */ (get("second"));
  #compare = get("compare");
  /** @type {Map<string, Model>} */ #known = new Map();
  #wanted = "";

  constructor() {
    super();
    this.#select.addEventListener("change", () => {
      this.#wanted = this.#select.value;
      remember(this.#wanted);
      this.#changed();
    });
    this.#second.addEventListener("change", () => this.#changed());
    this.#compare.addEventListener("click", () => {
      this.#beside(this.#second.hidden);
      if (!this.#second.hidden) this.#second.focus();
    });
  }

  get name() {
    return this.#select.value;
  }

  /** Those that are to answer: one, or two side by side. */
  get names() {
    return this.#second.hidden ? [this.name] : [this.name, this.#second.value];
  }

  /** @param {import("../freshet.js").Freshet} freshet @returns {Promise<number>} how many there are @throws {import("../error.js").FreshetError} */
  async load(freshet) {
    const response = await freshet.fetch("/models");
    if (!response.ok) throw refusal(response, await response.text());
    /** @type {Model[]} */ const all = (await response.json()).data;
    this.#known = new Map(all.map((model) => [model.id, model]));
    for (const select of [this.#select, this.#second]) select.replaceChildren(...all.map(({ id }) => new Option(id, id)));
    if (all.length > 1) this.#second.selectedIndex = 1;
    this.choose(this.#wanted || remembered());
    this.#changed();
    return all.length;
  }

  /** @param {string} name nothing where it is not there */
  choose(name) {
    this.#wanted = name; // also where the list comes later
    if (![...this.#select.options].some(({ value }) => value === name)) return;
    this.#select.value = name;
    this.#changed();
  }

  /** Whether the chosen ones may take pictures, or PDFs; where the gateway does not know, they may. @param {"image" | "file"} kind */
  take(kind) {
    return this.names.every((name) => this.#known.get(name)?.architecture?.input_modalities?.includes(kind) ?? true);
  }

  /** @param {boolean} yes */
  #beside(yes) {
    this.#second.hidden = !yes;
    this.#compare.setAttribute("aria-pressed", String(yes));
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function remembered() {
  try {
    return localStorage.getItem(MODEL) ?? "";
  } catch {
    return ""; // a browser may refuse that
  }
}

/** @param {string} name */
function remember(name) {
  try {
    localStorage.setItem(MODEL, name);
  } catch {
    // then it is chosen again
  }
}
