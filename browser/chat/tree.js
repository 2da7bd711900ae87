/*
 * A conversation is a tree: each message names the one before it. What is shown is one path through it, from the root to
 * a leaf; where a message has siblings, other paths begin. Answers that were asked for together are side by side.
 */

/** @typedef {import("./history.js").Message} Message */

/** @typedef {{at: number, of: number, earlier: Message | null, later: Message | null}} Place among its siblings, from 1 on */

/** The messages from the root to one of them, it included. @param {Message[]} messages @param {string | null | undefined} to nothing where it is not there */
export function line(messages, to) {
  const byId = new Map(messages.map((message) => [message.id, message]));
  /** @type {Message[]} */ const found = [];
  const seen = new Set(); // what came from elsewhere may go round in circles
  for (let one = byId.get(to ?? ""); one && !seen.has(one); one = byId.get(one.parent ?? "")) {
    seen.add(one);
    found.unshift(one);
  }
  return found;
}

/**
 * The messages from the root to a leaf and, below it, to the newest of each.
 * @param {Message[]} messages in the order in which they were made
 * @param {string | null} [leaf] one of them; without it, or where it is not there, the newest at each turn
 */
export function path(messages, leaf) {
  const newest = new Map(messages.map((message) => [message.parent, message]));
  const shown = line(messages, leaf);
  const seen = new Set(shown);
  for (let next = newest.get(shown.at(-1)?.id ?? null); next && !seen.has(next); next = newest.get(next.id)) {
    seen.add(next);
    shown.push(next);
  }
  return shown;
}

/** Those that were asked for together with a message, it included. @param {Message[]} messages @param {Message} message */
export function together(messages, message) {
  if (!message.pair) return [message];
  return messages.filter(({ parent, pair }) => parent === message.parent && pair === message.pair);
}

/** @param {Message[]} messages @param {Message} message @returns {Place} */
export function place(messages, message) {
  const seen = new Set();
  const siblings = messages.filter(({ parent, pair }) => {
    if (parent !== message.parent || (pair && seen.has(pair))) return false;
    seen.add(pair);
    return true;
  });
  const at = siblings.findIndex(({ id, pair }) => id === message.id || (pair && pair === message.pair));
  return { at: at + 1, of: siblings.length, earlier: siblings[at - 1] ?? null, later: siblings[at + 1] ?? null };
}
