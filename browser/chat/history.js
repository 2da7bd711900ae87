import { openDB } from "./vendor/idb.mjs";

/**
 * @typedef {{id: string, title: string, created: number, updated: number, model: string, leaf?: string, settings?: Settings}} Conversation leaf: the end of the path that was looked at last
 *
 * @typedef {object} Message One saying. Its siblings, with the same parent, are other versions of it.
 * @property {string} id
 * @property {string} conversation
 * @property {string | null} parent the message before
 * @property {number} created
 * @property {"user" | "assistant" | "tool"} role
 * @property {string} content
 * @property {Attached[]} [files]
 * @property {string} [reasoning]
 * @property {Call[]} [calls] of tools
 * @property {{id: string, content: string}[]} [results] what the tools gave
 * @property {string} [model] that answers
 * @property {string} [pair] the same for answers that were asked for together
 * @property {Settings} [settings] that it was asked for with
 * @property {"running" | "done" | "stopped" | "failed"} [state]
 * @property {number} [turn] how often it was begun: asked for, gone on with
 * @property {string} [key] the request's Idempotency-Key
 * @property {string} [stream] the stream's id at the gateway
 * @property {string} [base] what stood there before the answer was gone on with
 * @property {object} [extra] more members of the request
 * @property {{code: string, message: string, status: number, retryable: boolean}} [error]
 * @property {string | null} [finish]
 * @property {Figures} [figures]
 * @property {Attempt[]} [attempts] where there was more than one
 * @property {Pace} [pace]
 * @property {string[]} [notes] what happened on the way
 *
 * @typedef {{name: string, type: string, size: number, text?: string, url?: string}} Attached its text, or a data: URL
 * @typedef {{id: string, type: "function", function: {name: string, arguments: string}}} Call
 * @typedef {{kind: "says" | "matches" | "language" | "refuses" | "repeats" | "tokens", value: string, then: "end" | "again", append: string}} Rule
 * @typedef {{system?: string, temperature?: number, topP?: number, longest?: number, effort?: string, more?: object, rule?: Rule}} Settings
 * @typedef {{outcome: string, provider: string, model: string, tokens: number, cost: number | null}} Attempt
 * @typedef {{at: number[], tokens: number[], marks: {at: number, name: string}[]}} Pace milliseconds since it was asked, and how many tokens there were
 * @typedef {{first: number, speed: number, tokens: number, estimated: boolean, cost: number | null, took?: number}} Figures milliseconds, tokens a second (0: not known), billionths of a dollar
 */

const NAME = "freshet";

/** Conversations, in the browser's own database; every tab is told of each change. */
export class History extends EventTarget {
  /** @type {import("./vendor/idb.mjs").Database | null} */ #database = null;
  /** What the browser would not keep: this tab has it, until there is room. */
  #loose = { conversations: /** @type {Map<string, Conversation>} */ (new Map()), messages: /** @type {Map<string, Message>} */ (new Map()) };
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
      // refused: everything is loose
    }
    history.#channel.addEventListener("message", ({ data }) => history.#tell(data, true));
    return history;
  }

  /** Whether all of it is kept; where the browser refuses storage, or it is full, it is not. */
  get kept() {
    return Boolean(this.#database) && this.loose === 0;
  }

  /** How many messages and conversations only this tab has. */
  get loose() {
    return this.#loose.conversations.size + this.#loose.messages.size;
  }

  /** The newest first. @returns {Promise<Conversation[]>} */
  async conversations() {
    const all = over((await this.#database?.getAll("conversations")) ?? [], this.#loose.conversations);
    return all.sort((a, b) => b.updated - a.updated);
  }

  /** @param {string} id @returns {Promise<Conversation | undefined>} */
  async conversation(id) {
    return this.#loose.conversations.get(id) ?? this.#database?.get("conversations", id);
  }

  /** In the order in which they were made. @param {string} conversation @returns {Promise<Message[]>} */
  async messages(conversation) {
    const loose = new Map([...this.#loose.messages].filter(([, message]) => message.conversation === conversation));
    const all = over((await this.#database?.getAllFromIndex("messages", "conversation", conversation)) ?? [], loose);
    return all.sort((a, b) => a.created - b.created);
  }

  /**
   * Changes members of a conversation, and no others: two tabs may do so at once. Makes it where it is new.
   * @param {string} id @param {Partial<Conversation>} changes @param {Conversation} [first] what it is where it is new
   */
  async change(id, changes, first) {
    const loose = this.#loose.conversations.get(id);
    const made = await this.#write("conversations", id, (/** @type {Conversation | undefined} */ old) => {
      const from = loose ?? old ?? first;
      return from && { ...from, ...changes };
    });
    if (made) this.#changed({ conversation: id });
  }

  /**
   * Keeps a message, unless another tab has a newer form of it, or its conversation is deleted.
   * @param {Message} message @param {boolean} [quietly] whether no tab need know
   */
  async keepMessage(message, quietly = false) {
    if (!(await this.conversation(message.conversation))) return;
    await this.#write("messages", message.id, (/** @type {Message | undefined} */ old) => newer(old, message));
    if (!quietly) this.#changed({ conversation: message.conversation, message: message.id });
  }

  /** @param {string} id of a conversation */
  async remove(id) {
    const messages = await this.messages(id);
    this.#loose.conversations.delete(id);
    for (const message of messages) this.#loose.messages.delete(message.id);
    if (this.#database) {
      const transaction = this.#database.transaction(["conversations", "messages"], "readwrite");
      await Promise.all([
        transaction.objectStore("conversations").delete(id),
        ...messages.map((message) => transaction.objectStore("messages").delete(message.id)),
        transaction.done,
      ]);
    }
    this.#changed({ conversation: id });
    await this.#retry();
  }

  /**
   * Writes what `make` makes of what is there; in one transaction, so that nothing of another tab's is lost between.
   * @template {Conversation | Message} T
   * @param {"conversations" | "messages"} store @param {string} id @param {(old: T | undefined) => T | undefined} make
   */
  async #write(store, id, make) {
    const loose = /** @type {Map<string, T>} */ (this.#loose[store]);
    /** @type {T | undefined} */ let made;
    try {
      if (!this.#database) throw new Error("refused");
      const transaction = this.#database.transaction([store], "readwrite");
      const all = transaction.objectStore(store);
      transaction.done.catch(() => {}); // what fails is thrown by `put`, or below
      made = make(await all.get(id));
      if (made) await all.put(made);
      await transaction.done;
      if (loose.delete(id) && this.loose === 0) this.dispatchEvent(new Event("kept"));
      else if (this.loose > 0) await this.#retry();
    } catch {
      made ??= make(loose.get(id));
      if (!made) return;
      loose.set(id, made); // full, or taken away: the page goes on with what it has in memory
      this.dispatchEvent(new Event("unkept"));
    }
    return made;
  }

  /** There may be room again for what is loose. */
  async #retry() {
    if (!this.#database || this.loose === 0) return;
    const [conversations, messages] = [[...this.#loose.conversations.values()], [...this.#loose.messages.values()]];
    try {
      const transaction = this.#database.transaction(["conversations", "messages"], "readwrite");
      transaction.done.catch(() => {});
      for (const one of conversations) await transaction.objectStore("conversations").put(one);
      for (const one of messages) await transaction.objectStore("messages").put(one);
      await transaction.done;
    } catch {
      return;
    }
    for (const { id } of conversations) this.#loose.conversations.delete(id);
    for (const { id } of messages) this.#loose.messages.delete(id);
    this.dispatchEvent(new Event("kept"));
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

/** @template {{id: string}} T @param {T[]} kept @param {Map<string, T>} loose */
function over(kept, loose) {
  if (loose.size === 0) return kept;
  return [...kept.filter(({ id }) => !loose.has(id)), ...loose.values()];
}

/**
 * Which form of a message counts, where several tabs read the same answer: the later turn; of one turn an end before what
 * still grows, an answer before a lost connection, the longer text.
 * @param {Message | undefined} old @param {Message} now
 */
export function newer(old, now) {
  if (!old) return now;
  const [before, after] = [old.turn ?? 0, now.turn ?? 0];
  if (before !== after) return before > after ? old : now;
  if (old.state === "running" && now.state === "running") return old.content.length > now.content.length ? { ...now, content: old.content, reasoning: old.reasoning } : now;
  if (now.state === "running") return old;
  if (old.state === "running" || old.state === "failed") return now;
  return now.figures?.first || !old.figures ? now : old; // who asked knows when the first word came
}
