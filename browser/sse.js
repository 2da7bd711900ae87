/**
 * The codec between bytes and server-sent events: WHATWG HTML, 9.2.5 and 9.2.6, to the letter, at any split.
 * Sizes are bounded. Nothing here needs a page: it runs in browsers, Node, Deno and Workers.
 *
 * @typedef {object} SseEvent
 * @property {string} type `message` unless the stream says otherwise
 * @property {string} data its lines, with a line feed between them
 * @property {string} lastEventId the last id that the stream has given by then
 *
 * @typedef {object} SseSink What a decoder tells.
 * @property {(event: SseEvent) => void} event
 * @property {(millis: number) => void} [retry] the reconnection time, at most 2147483647
 * @property {() => void} [comment]
 */

const [LF, CR, SPACE, COLON] = [10, 13, 32, 58];
const MARK = [0xef, 0xbb, 0xbf];
const MOST_RETRY = 2147483647;
const DEFAULT_LIMIT = 4 << 20;

/** A line or an event is larger than allowed. The decoder takes nothing more. */
export class SseLimitError extends Error {
  /** @param {"line" | "event"} what @param {number} bytes */
  constructor(what, bytes) {
    super(`${what === "line" ? "a line" : "an event"} is longer than ${bytes} bytes`);
    this.name = "SseLimitError";
    this.what = what;
  }
}

/** Reads one stream. */
export class SseDecoder {
  /** What to continue from when the stream ends here. */
  lastEventId = "";
  /** @type {SseSink} */ #sink;
  /** @type {number} */ #lineBytes;
  /** @type {number} */ #eventBytes;
  #text = new TextDecoder("utf-8", { ignoreBOM: true });
  /** @type {Uint8Array[]} the line so far, where a read has cut it */ #parts = [];
  #partLength = 0;
  #first = true; // the first line may begin with a byte order mark
  #swallow = false; // a CR ended the last line; an LF now is its second half
  #broken = false;
  #data = "";
  #dataLength = -1; // in bytes; -1: no data
  #type = "";
  /** @type {string | undefined} */ #id;

  /** @param {SseSink} sink @param {{lineBytes?: number, eventBytes?: number}} [limits] */
  constructor(sink, { lineBytes = DEFAULT_LIMIT, eventBytes = DEFAULT_LIMIT } = {}) {
    this.#sink = sink;
    this.#lineBytes = lineBytes;
    this.#eventBytes = eventBytes;
  }

  /** Whether the stream would end inside of a line or of an event. What is unfinished is dropped. */
  get unfinished() {
    const begun = this.#first && markOf(this.#join()) === 3 ? this.#partLength - 3 : this.#partLength;
    return begun > 0 || this.#dataLength >= 0 || this.#type !== "" || this.#id !== undefined;
  }

  /** @param {Uint8Array} bytes @throws {SseLimitError} */
  feed(bytes) {
    let from = 0;
    for (let at = 0; at < bytes.length && !this.#broken; at++) {
      const byte = bytes[at];
      if (byte !== LF && byte !== CR) continue;
      const half = byte === LF && this.#swallow && at === from && this.#partLength === 0;
      this.#swallow = byte === CR;
      if (!half) this.#line(this.#whole(bytes.subarray(from, at)));
      from = at + 1;
    }
    if (this.#broken || from >= bytes.length) return;
    this.#swallow = false;
    this.#parts.push(bytes.slice(from));
    this.#partLength += bytes.length - from;
    if (this.#partLength - (this.#first ? markOf(this.#join()) : 0) > this.#lineBytes) this.#fail("line", this.#lineBytes);
  }

  /** @param {"line" | "event"} what @param {number} limit @returns {never} */
  #fail(what, limit) {
    this.#broken = true;
    this.#parts = [];
    throw new SseLimitError(what, limit);
  }

  #join() {
    if (this.#parts.length > 1) {
      const all = new Uint8Array(this.#partLength);
      let at = 0;
      for (const part of this.#parts) {
        all.set(part, at);
        at += part.length;
      }
      this.#parts = [all];
    }
    return this.#parts[0] ?? new Uint8Array(0);
  }

  /** @param {Uint8Array} rest the line's end @returns {Uint8Array} */
  #whole(rest) {
    let line = rest;
    if (this.#partLength > 0) {
      this.#parts.push(rest);
      this.#partLength += rest.length;
      line = this.#join();
      this.#parts = [];
      this.#partLength = 0;
    }
    if (this.#first) line = line.subarray(markOf(line) === 3 ? 3 : 0);
    this.#first = false;
    if (line.length > this.#lineBytes) this.#fail("line", this.#lineBytes);
    return line;
  }

  /** @param {Uint8Array} line */
  #line(line) {
    if (line.length === 0) return this.#dispatch();
    const colon = line.indexOf(COLON);
    if (colon === 0) return this.#sink.comment?.();
    const name = this.#text.decode(colon < 0 ? line : line.subarray(0, colon));
    let value = colon < 0 ? line.subarray(line.length) : line.subarray(colon + 1);
    if (value[0] === SPACE) value = value.subarray(1);
    if (name === "data") this.#addData(value);
    else if (name === "event") this.#type = this.#text.decode(value);
    else if (name === "id") {
      if (!value.includes(0)) this.#id = this.#text.decode(value);
    } else if (name === "retry") {
      const digits = this.#text.decode(value);
      if (/^[0-9]+$/.test(digits)) this.#sink.retry?.(Math.min(Number(digits), MOST_RETRY));
    }
  }

  /** @param {Uint8Array} value */
  #addData(value) {
    const begun = this.#dataLength >= 0;
    this.#dataLength += value.length + 1; // from -1 on: the line feeds stand between the lines
    if (this.#dataLength > this.#eventBytes) this.#fail("event", this.#eventBytes);
    this.#data += (begun ? "\n" : "") + this.#text.decode(value);
  }

  #dispatch() {
    if (this.#id !== undefined) this.lastEventId = this.#id;
    const event = { type: this.#type || "message", data: this.#data, lastEventId: this.lastEventId };
    const complete = this.#dataLength >= 0;
    this.#data = "";
    this.#dataLength = -1;
    this.#type = "";
    this.#id = undefined;
    if (complete) this.#sink.event(event);
  }
}

/** How many of the first bytes are a byte order mark, or may become one. @param {Uint8Array} bytes */
function markOf(bytes) {
  let count = 0;
  while (count < 3 && bytes[count] === MARK[count]) count++;
  return count;
}
