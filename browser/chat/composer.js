import { element, get, sign } from "./dom.js";
import { attach, needs } from "./files.js";
import { size } from "./format.js";

/** @typedef {import("./history.js").Message} Message */
/** @typedef {import("./history.js").Attached} Attached */

/**
 * Where one writes: a new message, or another version of an earlier one. `send` events carry `{text, files, instead}`;
 * `complain` events what could not be taken.
 */
export class Composer extends EventTarget {
  #text = /** @type {HTMLTextAreaElement} */ (get("message"));
  #chosen = /** @type {HTMLInputElement} */ (get("files"));
  #chips = get("attached");
  #editing = get("editing");
  /** @type {Attached[]} */ #files = [];
  /** @type {Message | null} whose other version is written */ #instead = null;
  #draft = ""; // what was being written before
  /** Whether something runs, so that nothing may be sent. */ busy = false;
  /** @type {(kind: "image" | "file") => boolean} */ #takes;

  /** @param {(kind: "image" | "file") => boolean} takes whether the chosen model may take such a file */
  constructor(takes) {
    super();
    this.#takes = takes;
    get("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    get("attach").addEventListener("click", () => this.#chosen.click());
    this.#chosen.addEventListener("change", () => {
      void this.#add([...(this.#chosen.files ?? [])]);
      this.#chosen.value = "";
    });
    this.#text.addEventListener("paste", (event) => this.#dropped(event, event.clipboardData));
    const page = get("page");
    page.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
    page.addEventListener("drop", (event) => this.#dropped(event, event.dataTransfer));
    get("leave").addEventListener("click", () => this.leave());
  }

  /** Whose other version is being written. */
  get instead() {
    return this.#instead;
  }

  focus() {
    this.#text.focus();
  }

  /** Writes another version of a message. @param {Message} message */
  edit(message) {
    if (!this.#instead) this.#draft = this.#text.value;
    this.#instead = message;
    this.#text.value = message.content;
    this.#files = [...(message.files ?? [])];
    this.#editing.hidden = false;
    this.#drawFiles();
    this.#text.focus();
    this.dispatchEvent(new Event("change"));
  }

  /** Leaves the message as it was. */
  leave() {
    if (!this.#instead) return;
    this.#done();
    this.#text.value = this.#draft;
    this.#text.focus();
  }

  #done() {
    this.#instead = null;
    this.#files = [];
    this.#editing.hidden = true;
    this.#drawFiles();
    this.dispatchEvent(new Event("change"));
  }

  #send() {
    const text = this.#text.value.trim();
    if ((!text && this.#files.length === 0) || this.busy) return;
    const refused = this.#files.map(needs).find((kind) => kind && !this.#takes(kind));
    if (refused) return this.#complain(`This model takes no ${refused === "image" ? "pictures" : "PDFs"}. Choose another one, or take ${refused === "image" ? "the picture" : "the file"} away.`);
    const detail = { text, files: this.#files, instead: this.#instead };
    this.#text.value = this.#instead ? this.#draft : "";
    this.#done();
    this.#text.focus();
    this.dispatchEvent(new CustomEvent("send", { detail }));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "ArrowUp" && !this.#text.value && !this.#instead) {
      event.preventDefault();
      this.dispatchEvent(new Event("last"));
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#send();
  }

  /** @param {Event} event @param {DataTransfer | null} from */
  #dropped(event, from) {
    const files = [...(from?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void this.#add(files);
  }

  /** @param {File[]} files */
  async #add(files) {
    for (const file of files) {
      try {
        this.#files = [...this.#files, await attach(file)];
      } catch (error) {
        this.#complain(/** @type {Error} */ (error).message);
      }
    }
    this.#drawFiles();
    this.#text.focus();
  }

  #drawFiles() {
    this.#chips.replaceChildren(
      ...this.#files.map((file) => {
        const { name, type, url } = file;
        const label = element("span", "", `${name} · ${size(file.size)}`);
        const picture = url && type.startsWith("image/") ? /** @type {HTMLImageElement} */ (element("img")) : null;
        if (picture && url) {
          picture.src = url;
          picture.alt = "";
        }
        const remove = sign("✕", `Take ${name} away`, () => {
          this.#files = this.#files.filter((one) => one !== file);
          this.#drawFiles();
          this.#text.focus();
        });
        return element("li", "chip", ...(picture ? [picture] : []), label, remove);
      }),
    );
  }

  /** @param {string} text */
  #complain(text) {
    this.dispatchEvent(new CustomEvent("complain", { detail: text }));
  }
}
