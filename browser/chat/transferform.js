import { get, save } from "./dom.js";
import { fileName, json, markdown, take } from "./transfer.js";

/** Export and import. */
export class TransferForm {
  #history;
  #shown;
  #complain;
  #dialog = /** @type {HTMLDialogElement} */ (get("transfer"));
  #told = get("transfer-told");
  #file = /** @type {HTMLInputElement} */ (get("import-file"));

  /**
   * @param {import("./history.js").History} history
   * @param {() => {id: string, shown: import("./history.js").Message[]}} shown the conversation
   * @param {(text: string) => void} complain
   */
  constructor(history, shown, complain) {
    this.#history = history;
    this.#shown = shown;
    this.#complain = complain;
    get("transfer-open").addEventListener("click", () => this.#open());
    get("export-markdown").addEventListener("click", () => void this.#markdown());
    get("export-json").addEventListener("click", () => void this.#one());
    get("export-all").addEventListener("click", () => void this.#all());
    get("import").addEventListener("click", () => this.#file.click());
    this.#file.addEventListener("change", () => void this.#import());
  }

  #open() {
    this.#told.textContent = "";
    const none = !this.#shown().id;
    for (const id of ["export-markdown", "export-json"]) /** @type {HTMLButtonElement} */ (get(id)).disabled = none;
    this.#dialog.showModal();
  }

  async #markdown() {
    const conversation = await this.#history.conversation(this.#shown().id);
    if (!conversation) return;
    save(`${fileName(conversation.title)}.md`, [markdown(conversation, this.#shown().shown)], "text/markdown");
  }

  async #one() {
    const conversation = await this.#history.conversation(this.#shown().id);
    if (conversation) save(`${fileName(conversation.title)}.json`, await json(this.#history, [conversation]), "application/json");
  }

  async #all() {
    const day = new Date().toISOString().slice(0, 10);
    save(`freshet-${day}.json`, await json(this.#history, await this.#history.conversations()), "application/json");
  }

  async #import() {
    const file = this.#file.files?.[0];
    this.#file.value = "";
    if (!file) return;
    try {
      const count = await take(this.#history, await file.text());
      this.#told.textContent = `${count} ${count === 1 ? "conversation is" : "conversations are"} here now.`;
      this.#complain("");
    } catch (error) {
      this.#told.textContent = /** @type {Error} */ (error).message;
    }
  }
}
