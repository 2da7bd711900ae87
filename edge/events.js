import { SseDecoder, SseLimitError } from "../browser/sse.js";
import { Failure, meant, OURS, refused } from "./errors.js";

/*
 * An event stream on its way: its bytes go on as they are, whole events at a time, while what they mean is watched.
 * So a heartbeat or an error never stands inside of an event, and an end that lies is found out.
 */
const LARGEST = 4 << 20; // bytes of one event
const [LF, CR, COLON] = [10, 13, 58];

/** Finds where events end, in bytes. */
class Boundaries {
  #start = true; // at the start of a line
  #comment = false;
  #begun = false; // a line of an event has begun
  #cr = false;

  /** @param {Uint8Array} bytes @returns {number} how many of them are up to the last place between two events; 0 where there is none */
  last(bytes) {
    let last = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      const second = byte === LF && this.#cr; // of a CRLF
      this.#cr = byte === CR;
      if (byte !== LF && byte !== CR) {
        if (this.#start) this.#comment = byte === COLON;
        if (this.#start && !this.#comment) this.#begun = true;
        this.#start = false;
        continue;
      }
      if (!second) {
        if (this.#start) this.#begun = false;
        this.#start = true;
      }
      if (!this.#begun) last = at + 1;
    }
    return last;
  }
}

/** What is known of an answer. */
export class Watch {
  content = 0; // pieces
  /** @type {any} */ usage = null;
  model = "";
  /** @type {"" | "done" | "failed"} the stream has its own end */ over = "";
  /** @type {Failure | null} */ failure = null;
  #choices = new Map();
  #ids;
  #events = /** @type {import("../browser/sse.js").SseEvent[]} */ ([]);
  #decoder = new SseDecoder({ event: (event) => this.#events.push(event) }, { lineBytes: LARGEST, eventBytes: LARGEST });
  #boundaries = new Boundaries();
  #held = /** @type {Uint8Array[]} */ ([]);
  #heldBytes = 0;

  /** @param {boolean} ids whether a Freshet gateway numbers the events: then `event: end` is the end */
  constructor(ids) {
    this.#ids = ids;
  }

  /** Whether the events have numbers, so that a reader can go on behind any of them. */
  get numbered() {
    return this.#ids;
  }

  /** Whether every choice has its finish_reason, which is as good an end as any. */
  get finished() {
    return this.#choices.size > 0 && [...this.#choices.values()].every(Boolean);
  }

  /** @param {Uint8Array} bytes @returns {{pass: Uint8Array[], content: boolean}} what may go on */
  take(bytes) {
    const before = this.content;
    const pass = [];
    // Line by line, because nothing behind the end may go on.
    for (let rest = bytes; rest.length > 0 && !this.over; ) {
      const length = this.#line(rest);
      const piece = rest.subarray(0, length);
      rest = rest.subarray(length);
      const whole = this.#boundaries.last(piece) === piece.length;
      this.#feed(piece);
      this.#held.push(piece);
      this.#heldBytes += piece.length;
      if (this.failure) break;
      if (!whole) continue;
      pass.push(...this.#held.splice(0));
      this.#heldBytes = 0;
    }
    if (this.#heldBytes > LARGEST) this.failure = new Failure(502, "upstream_broken", "The provider sent an event that is too large.");
    return { pass, content: this.content > before };
  }

  /** How long the first line is, with its end; all of the bytes where that has not come. @param {Uint8Array} bytes */
  #line(bytes) {
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] !== LF && bytes[at] !== CR) continue;
      return bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
    }
    return bytes.length;
  }

  /** @param {Uint8Array} bytes */
  #feed(bytes) {
    try {
      this.#decoder.feed(bytes);
    } catch (error) {
      if (!(error instanceof SseLimitError)) throw error;
      this.failure = new Failure(502, "upstream_broken", "The provider sent an event that is too large.");
    }
    for (const event of this.#events.splice(0)) this.#look(event);
  }

  /** @param {import("../browser/sse.js").SseEvent} event */
  #look({ type, data }) {
    if (this.#ids && type === "end") this.over = "done";
    else if (data === "[DONE]") this.over = this.#ids ? "" : "done";
    else if (type === "message" || type === "error") this.#chunk(type, data);
  }

  /** @param {string} type @param {string} data */
  #chunk(type, data) {
    let chunk;
    try {
      chunk = JSON.parse(data);
    } catch {
      return; // passed on as it is
    }
    const error = chunk?.error ?? (chunk?.object === "error" || type === "error" ? chunk : null);
    if (error) return this.#failed(error);
    this.model = chunk?.model ?? this.model;
    this.usage = chunk?.usage ?? this.usage;
    for (const { index = 0, delta, finish_reason } of chunk?.choices ?? []) {
      if (delta && Object.entries(delta).some(([name, value]) => name !== "role" && value && value.length !== 0)) this.content++;
      this.#choices.set(index, this.#choices.get(index) || Boolean(finish_reason));
    }
  }

  /** @param {any} error */
  #failed(error) {
    if (OURS.has(error.code)) {
      if (!this.#ids) this.over = "failed"; // a gateway's, which is right as it is
      return;
    }
    const failure = refused(meant(error), error);
    this.failure = new Failure(failure.status, failure.code === "upstream_rejected" ? "upstream_failed" : failure.code, failure.message, { type: failure.type });
  }
}
