import { openDB } from "./vendor/idb.mjs";

/** @typedef {import("./history.js").Message} Message */
/** @typedef {{id: string, updated: number, text: string}} Words the different words of a conversation, between line feeds */

const NAME = "freshet-words";
const LONGEST = 60; // characters of a word: what is longer is no word, but data
const FEW = 20; // conversations whose words a search waits for
const AROUND = 40; // characters of text on each side of what was found

/**
 * Finds conversations by their words. For each its different words are kept, a tenth of its text: so few that all of them
 * are looked through at each key. They are made from the history and can always be made again; one whose conversation has
 * changed since is. It is a database of its own: losing it loses nothing.
 */
export class Search {
  #history;
  /** @type {Promise<import("./vendor/idb.mjs").Database | null>} */ #database;
  /** @type {Promise<Map<string, Words>> | null} */ #all = null;
  #busy = false; // catching up

  /** @param {import("./history.js").History} history */
  constructor(history) {
    this.#history = history;
    this.#database = openDB(NAME, 1, { upgrade: (database) => void database.createObjectStore("words", { keyPath: "id" }) }).catch(() => null);
  }

  /** Makes what is missing, a conversation at a time. @param {() => Promise<unknown>} rest between two */
  async catchUp(rest) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const all = await this.#words();
      for (const one of stale(all, await this.#history.conversations())) {
        await rest();
        await this.#learn(all, one.id);
      }
      await this.#forget(all);
    } finally {
      this.#busy = false;
    }
  }

  /** The conversations that have all the words of a query, or the beginnings or middles of them; the newest first. @param {string} query */
  async find(query) {
    const terms = termsOf(query);
    const all = await this.#words();
    const conversations = await this.#history.conversations();
    const changed = stale(all, conversations);
    if (changed.length <= FEW) for (const one of changed) await this.#learn(all, one.id);
    return conversations.filter(({ id, title }) => {
      const text = all.get(id)?.text ?? "";
      const name = folded(title);
      return terms.every((term) => name.includes(term) || text.includes(term.slice(0, LONGEST)));
    });
  }

  /** Where in a conversation it was found, and the words around it. @param {string} conversation @param {string} query */
  async where(conversation, query) {
    const terms = termsOf(query);
    let best = { found: 0, message: /** @type {Message | null} */ (null) };
    for (const message of await this.#history.messages(conversation)) {
      const text = folded(message.content);
      const found = terms.filter((term) => text.includes(term)).length;
      if (found > best.found) best = { found, message };
    }
    return best.message && { message: best.message, ...excerpt(best.message.content, terms) };
  }

  /** All of them, read once; what another tab has changed since shows by its conversation's time. */
  async #words() {
    return (this.#all ??= this.#database
      .then((database) => database?.getAll("words") ?? [])
      .catch(() => [])
      .then((/** @type {Words[]} */ all) => new Map(all.map((one) => [one.id, one]))));
  }

  /** @param {Map<string, Words>} all @param {string} id */
  async #learn(all, id) {
    const updated = (await this.#history.conversation(id))?.updated;
    if (updated === undefined || all.get(id)?.updated === updated) return;
    const words = { id, updated, text: wordsOf(await this.#history.messages(id)) };
    all.set(id, words);
    await (await this.#database)?.put("words", words).catch(() => {}); // no room: it is made again the next time
  }

  /** Drops the words of what was deleted. @param {Map<string, Words>} all */
  async #forget(all) {
    const known = new Set((await this.#history.conversations()).map(({ id }) => id));
    for (const id of [...all.keys()].filter((one) => !known.has(one))) {
      all.delete(id);
      await (await this.#database)?.delete("words", id).catch(() => {});
    }
  }
}

/** The conversations that have changed since their words were taken. @param {Map<string, Words>} all @param {import("./history.js").Conversation[]} conversations */
function stale(all, conversations) {
  return conversations.filter(({ id, updated }) => all.get(id)?.updated !== updated);
}

/** @param {Message[]} messages */
export function wordsOf(messages) {
  const words = new Set();
  for (const { content, files = [] } of messages)
    for (const text of [content, ...files.map(({ name }) => name)]) for (const word of folded(text).split(/\s+/)) words.add(word.slice(0, LONGEST));
  return `\n${[...words].join("\n")}\n`;
}

/** @param {string} query */
function termsOf(query) {
  return folded(query).split(/\s+/).filter(Boolean);
}

/** Without case and accents. @param {string} text */
function folded(text) {
  const lower = text.toLowerCase();
  return /^[\x00-\x7f]*$/.test(lower) ? lower : lower.normalize("NFD").replace(/\p{M}/gu, "").normalize("NFC");
}

/** @param {string} content @param {string[]} terms */
function excerpt(content, terms) {
  const text = content.replace(/\s+/g, " ");
  const lower = text.toLowerCase();
  const found = terms.map((term) => ({ at: lower.indexOf(term), length: term.length })).filter(({ at }) => at >= 0);
  const { at, length } = found.sort((a, b) => a.at - b.at)[0] ?? { at: 0, length: 0 };
  const from = Math.max(0, at - AROUND);
  return { before: (from > 0 ? "…" : "") + text.slice(from, at), match: text.slice(at, at + length), after: text.slice(at + length, at + length + AROUND) };
}
