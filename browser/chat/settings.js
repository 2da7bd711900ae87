import { get } from "./dom.js";
import { described } from "./took.js";

/** @typedef {import("./history.js").Settings} Settings */
/** @typedef {import("./history.js").Rule} Rule */

/** What the value of a rule is, for the kinds that have one. @type {Record<string, string>} */
const VALUE = {
  says: "One of these (between commas)",
  matches: "A regular expression (RE2)",
  language: "Languages that are fine (de, en, …)",
  tokens: "Tokens",
};

/** How a conversation is asked: system prompt, parameters, a stop rule. `change` events tell when. */
export class SettingsForm extends EventTarget {
  #dialog = /** @type {HTMLDialogElement} */ (get("settings"));
  #form = /** @type {HTMLFormElement} */ (get("settings-form"));
  #open = get("settings-open");

  constructor() {
    super();
    this.#open.addEventListener("click", () => this.#dialog.showModal());
    this.#form.addEventListener("input", () => this.#changed());
    this.#form.addEventListener("reset", () => setTimeout(() => this.#changed()));
    this.#dialog.addEventListener("close", () => get("message").focus());
    get("settings-form").addEventListener("submit", (event) => {
      if (this.#more()) return;
      event.preventDefault(); // what is wrong stands there
    });
    this.#draw();
  }

  /** @returns {Settings | undefined} undefined: as the model has it */
  get value() {
    /** @type {Settings} */
    const made = {
      ...text("system", this.#of("system")),
      ...number("temperature", this.#of("temperature")),
      ...number("topP", this.#of("topP")),
      ...number("longest", this.#of("longest")),
      ...text("effort", this.#of("effort")),
    };
    const more = this.#more();
    if (more && Object.keys(more).length > 0) made.more = more;
    const rule = this.#rule();
    if (rule) made.rule = rule;
    return Object.keys(made).length > 0 ? made : undefined;
  }

  /** @param {Settings | undefined} settings */
  set value(settings) {
    const { more, rule, ...others } = settings ?? {};
    this.#form.reset();
    for (const [name, value] of Object.entries(others)) this.#field(name).value = String(value);
    if (more) this.#field("more").value = JSON.stringify(more, null, 2);
    if (rule) for (const [name, value] of Object.entries(rule)) this.#field(`rule-${name}`).value = String(value);
    this.#draw();
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }

  /** @param {string} name */
  #of(name) {
    return this.#field(name).value.trim();
  }

  /** @returns {object | null} null: it is not what it should be */
  #more() {
    const given = this.#of("more");
    const field = this.#field("more");
    try {
      const value = given ? JSON.parse(given) : {};
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("no object");
      field.setCustomValidity("");
      return value;
    } catch {
      field.setCustomValidity("This is no JSON object. One looks like {\"seed\": 7}.");
      return null;
    }
  }

  /** @returns {Rule | null} */
  #rule() {
    const kind = /** @type {Rule["kind"] | ""} */ (this.#of("rule-kind"));
    const value = this.#of("rule-value");
    if (!kind || (VALUE[kind] && !value)) return null;
    const then = kind === "tokens" ? "end" : /** @type {Rule["then"]} */ (this.#of("rule-then"));
    return { kind, value, then, append: this.#of("rule-append") };
  }

  #changed() {
    this.#more();
    this.#draw();
    this.dispatchEvent(new Event("change"));
  }

  /** What makes no sense is not shown; that something is set is. */
  #draw() {
    const kind = this.#of("rule-kind");
    const again = this.#of("rule-then") === "again" && kind !== "tokens";
    get("rule-value-label").textContent = VALUE[kind] ?? "";
    get("rule-value-row").hidden = !VALUE[kind];
    get("rule-then-row").hidden = !kind || kind === "tokens";
    get("rule-again").hidden = !kind || !again;
    this.#field("rule-value").required = Boolean(VALUE[kind]);
    this.#field("rule-append").required = Boolean(kind) && again;
    const told = this.value ? described(this.value) : "";
    get("settings-told").textContent = told;
    this.#open.classList.toggle("set", Boolean(told));
    this.#open.title = told ? `Settings: ${told}` : "Settings";
  }
}

/** @param {string} name @param {string} value */
function text(name, value) {
  return value ? { [name]: value } : {};
}

/** @param {string} name @param {string} value */
function number(name, value) {
  return value !== "" && Number.isFinite(Number(value)) ? { [name]: Number(value) } : {};
}
