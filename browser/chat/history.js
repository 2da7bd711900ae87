import { openDB } from "./vendor/idb.mjs";

/**
 * @typedef {{id: string, title: string, created: number, updated: number, model: string}} Conversation
 *
 * @typedef {object} Message One saying. An answer's siblings, with the same parent, are other answers to the same.
 * @property {string} id
 * @property {string} conversation
 * @property {string | null} parent the message before
 * @property {number} created
 * @property {"user" | "assistant"} role
 * @property {string} content
 * @property {string} [reasoning]
 * @property {string} [model] that answers
 * @property {"running" | "done" | "stopped" | "failed"} [state]
 * @property {string} [key] the request's Idempotency-Key
 * @property {string} [stream] the stream's id at the gateway
 * @property {string} [base] what stood there before the answer was gone on with
 * @property {object} [extra] more members of the request
 * @property {{code: string, message: string, status: number, retryable: boolean}} [error]
 * @property {string | null} [finish]
 * @property {Figures} [figures]
 * @property {string[]} [notes] what happened on the way
 *
 * @typedef {{first: number, speed: number, tokens: number, estimated: boolean, cost: number | null}} Figures milliseconds, tokens a second (0: not known), billionths of a dollar
 */

const NAME = "freshet";

/** Conversations, in the browser's own database; every tab is told of each change. */
export class History extends EventTarget {
  /** Whether what is written is kept; where the browser refuses storage it is not. */
  kept = true;
  /** @type {import("./vendor/idb.mjs").Database | null} */ #database = null;
  /** @type {Map<string, Conversation>} */ #conversations = new Map();
  /** @type {Map<string, Message>} */ #messages = new Map();
  #channel = new BroadcastChannel(NAME);

  static async open() {
    const history = new History();
    try {
      history.#database = await openDB(NAME, 1, {
        upgrade(database) {
          database.createObjectStore("conversations", { keyPath: "id" }).createIndex("updated", "updated");
          database.createObjectStore("messages", { keyPath: "id" }).createIndex("conversation", "conversation");
        },
      });
    } catch {
      history.kept = false;
    }
    history.#channel.addEventListener("message", ({ data }) => history.#tell(data, true));
    return history;
  }

  /** The newest first. @returns {Promise<Conversation[]>} */
  async conversations() {
    const all = this.#database ? await this.#database.getAllFromIndex("conversations", "updated") : [...this.#conversations.values()];
    return all.sort((/** @type {Conversation} */ a, /** @type {Conversation} */ b) => b.updated - a.updated);
  }

  /** @param {string} id @returns {Promise<Conversation | undefined>} */
  async conversation(id) {
    return this.#database ? this.#database.get("conversations", id) : this.#conversations.get(id);
  }

  /** In the order in which they were made. @param {string} conversation @returns {Promise<Message[]>} */
  async messages(conversation) {
    const all = this.#database
      ? await this.#database.getAllFromIndex("messages", "conversation", conversation)
      : [...this.#messages.values()].filter((message) => message.conversation === conversation);
    return all.sort((/** @type {Message} */ a, /** @type {Message} */ b) => a.created - b.created);
  }

  /** @param {Conversation} conversation */
  async keep(conversation) {
    this.#conversations.set(conversation.id, conversation);
    await this.#write("conversations", conversation);
    this.#changed({ conversation: conversation.id });
  }

  /** @param {Message} message @param {boolean} [quietly] whether no tab need know */
  async keepMessage(message, quietly = false) {
    this.#messages.set(message.id, message);
    await this.#write("messages", message);
    if (!quietly) this.#changed({ conversation: message.conversation, message: message.id });
  }

  /** @param {string} id of a conversation */
  async remove(id) {
    const messages = await this.messages(id);
    this.#conversations.delete(id);
    for (const message of messages) this.#messages.delete(message.id);
    if (this.#database) {
      const transaction = this.#database.transaction(["conversations", "messages"], "readwrite");
      await Promise.all([
        transaction.objectStore("conversations").delete(id),
        ...messages.map((message) => transaction.objectStore("messages").delete(message.id)),
        transaction.done,
      ]);
    }
    this.#changed({ conversation: id });
  }

  /** @param {string} store @param {object} value */
  async #write(store, value) {
    try {
      await this.#database?.put(store, value);
    } catch {
      this.kept = false; // full, or taken away: the page goes on with what it has in memory
      this.dispatchEvent(new Event("unkept"));
    }
  }

  /** @param {{conversation: string, message?: string}} change */
  #changed(change) {
    this.#channel.postMessage(change);
    this.#tell(change, false);
  }

  /** @param {{conversation: string, message?: string}} change @param {boolean} elsewhere in another tab */
  #tell(change, elsewhere) {
    this.dispatchEvent(new CustomEvent("change", { detail: { ...change, elsewhere } }));
  }
}

/**
 * What is shown of a conversation: of several answers to the same, the newest.
 * @param {Message[]} messages in the order in which they were made
 */
export function thread(messages) {
  /** @type {Map<string | null, Message>} */
  const last = new Map(messages.map((message) => [message.parent, message]));
  const shown = [];
  for (let next = last.get(null); next; next = last.get(next.id)) shown.push(next);
  return shown;
}
