import { Assembly } from "./assembly.js";
import { asError, FreshetError, neverConnected, parsed, refusal, told } from "./error.js";
import { randomId } from "./random.js";
import { SseDecoder } from "./sse.js";
import { sleep, wait, within } from "./wait.js";

/**
 * @typedef {{model: string, messages: object[], [field: string]: unknown}} ChatRequest
 *
 * @typedef {object} ChatOptions Times in milliseconds.
 * @property {AbortSignal} [signal] stops the answer
 * @property {number} [firstToken] from the request to the first content; 300000
 * @property {number} [idle] between two pieces of content, heartbeats are none; 30000
 * @property {number} [total] all of it; 900000
 * @property {(text: string, tokens: number) => boolean} [stopWhen] looks at what came so far, after each piece of content
 * @property {(request: ChatRequest) => ChatRequest | undefined} [retryWith] after a stop by the rule: the better request, once
 * @property {number} [restarts] how often a broken answer may be dropped and asked for again, which may be billed twice; 0
 * @property {number} [tries] of what does no harm, without content in between; 8
 * @property {number} [maxWait] the longest wait between two; 20000
 * @property {string} [grace] how long a Freshet goes on without a reader; 2m
 * @property {string} [idempotencyKey] of the first request; a new one if absent. The same key and request give the same stream at a Freshet gateway
 * @property {Record<string, string>} [headers]
 * @property {number} [eventBytes] the largest event; 4 MiB
 *
 * @typedef {object} Delta
 * @property {string} text
 * @property {string} reasoning
 * @property {object[]} toolCalls the pieces, as they came
 *
 * @typedef {{name: "connecting" | "waiting" | "streaming" | "stalled" | "done" | "stopped" | "failed"}
 *   | {name: "reconnecting", in: number, tries: number, error: FreshetError}
 *   | {name: "resumed", cursor: string}
 *   | {name: "restarted", in: number, attempt: number, error: FreshetError | null}} State
 */

const DEFAULTS = { firstToken: 300_000, idle: 30_000, total: 900_000, restarts: 0, tries: 8, maxWait: 20_000, grace: "2m", eventBytes: 4 << 20 };
const NOTHING_DONE = [408, 425, 429, 503, 529]; // such a refusal was not billed
const BASE = 250;
const TELLING = 2_500; // how long a gateway has to tell the state of a stream that is over
const NAMING = 500; // how long a gateway has to name a stream that is to be stopped before its head came

/** Thrown within, to leave whatever is under way. */
const STOPPED = new Error("stopped");

/** Thrown within: what a function of the caller's has thrown. It ends the answer, and is no failure of the server's. */
class Thrown extends Error {}

/** @template T @param {() => T} call of the caller's */
function callersOwn(call) {
  try {
    return call();
  } catch (cause) {
    throw new Thrown("", { cause });
  }
}

/**
 * An answer on its way: iterate over it, once. Leaving the loop stops it. `state` events tell of each change of
 * [Answer.state]. What is known of it so far is in its properties.
 */
export class Answer extends EventTarget {
  /** @type {State} */ state = { name: "connecting" };
  /** The stream's at a Freshet gateway; else empty. */ id = "";
  /** The last event's number at a Freshet gateway; else empty. */ cursor = "";
  /** One for each time that it was asked for: why it ended, and its tokens. @type {{outcome: string, tokens: number, error?: FreshetError}[]} */ attempts = [];
  /** The stream's state at its end, as a Freshet gateway tells it. @type {any} */ report = null;
  timing = { begun: 0, firstToken: 0, ended: 0 };
  #assembly = new Assembly();
  #abort = new AbortController();
  /** @type {import("./freshet.js").Freshet} */ #client;
  /** @type {ChatRequest | null} */ #request;
  #options;
  #iterating = false;
  /** @type {Promise<void> | undefined} */ #stopping;
  /** @type {Promise<void> | undefined} the stream has its name, where the server gives one */ #opening;
  #retry = 0; // the stream's own reconnection time
  #posted = 0;
  #key = "";
  #tries = 1;
  #quiet = 0; // since when there is no content
  #stalled = false; // it was resumed for its silence, and has said nothing since
  #stops = 0; // by the rule
  #told = false; // the server has said in the stream that it failed

  /**
   * @param {import("./freshet.js").Freshet} client
   * @param {ChatRequest | null} request null: the stream `id` is read, behind `after`
   * @param {ChatOptions & {id?: string, after?: string}} options
   */
  constructor(client, request, options) {
    super();
    this.#client = client;
    this.#request = request;
    this.#options = { ...DEFAULTS, ...options };
    this.id = options.id ?? "";
    this.cursor = options.after ?? "";
    this.#key = options.idempotencyKey ?? "";
  }

  get text() {
    return this.#assembly.text;
  }
  get reasoning() {
    return this.#assembly.reasoning;
  }
  /** Ready for the next request. */
  get message() {
    return this.#assembly.message;
  }
  get finishReason() {
    return this.#assembly.finishReason;
  }
  get model() {
    return this.#assembly.model;
  }
  get usage() {
    return this.report?.usage ?? this.#assembly.usage;
  }
  /** What it cost, where a Freshet gateway knows: `{nano_usd}`; else null. */
  get cost() {
    return this.report?.cost ?? null;
  }
  /** What guards did, where a Freshet gateway tells. */
  get guard() {
    return this.report?.guard ?? [];
  }

  /** Ends it, at the server too. Resolves when the server was told; then `usage` and `cost` are of what was spent. */
  async stop() {
    if (!this.timing.ended) await (this.#stopping ??= this.#stop());
  }

  async #stop() {
    // A gateway whose head is on its way would go on for the grace: it is waited for, to know the stream's name.
    if (!this.id && this.#client.gateway && this.#opening) await Promise.race([this.#opening, sleep(NAMING)]);
    this.#abort.abort(STOPPED);
    await this.#tellServer();
    this.#end("stopped");
  }

  /** @returns {AsyncGenerator<Delta, void, void>} @throws {FreshetError} */
  async *[Symbol.asyncIterator]() {
    if (this.#iterating) throw new TypeError("an answer is read once; asking twice would be billed twice");
    this.#iterating = true;
    const { signal } = this.#options;
    const left = () => void this.stop();
    signal?.addEventListener("abort", left);
    this.timing.begun = performance.now();
    try {
      if (signal?.aborted) await this.stop();
      if (!this.#stopping) yield* this.#attempts();
    } catch (error) {
      if (error instanceof Thrown) throw error.cause;
      if (!this.#stopping) throw this.#failed(error);
    } finally {
      signal?.removeEventListener("abort", left);
      await this.stop(); // nothing, where it has ended
    }
  }

  /** @param {unknown} thrown */
  #failed(thrown) {
    const error = asError(thrown);
    error.text = this.text;
    this.#end("failed");
    return error;
  }

  async *#attempts() {
    for (let restarts = 0; ; ) {
      try {
        yield* this.#attempt();
        this.attempts.push({ outcome: "completed", tokens: this.#assembly.tokens });
        return this.#end("done");
      } catch (thrown) {
        if (this.#stopping || thrown instanceof Thrown) throw thrown;
        const better = thrown === STOPPED && this.#stops++ === 0 ? this.#better() : undefined;
        const error = thrown === STOPPED ? null : asError(thrown);
        this.attempts.push({ outcome: error ? "failed" : "stopped", tokens: this.#assembly.tokens, ...(error && { error }) });
        if (better || (error && error.code !== "unreachable")) await this.#tellServer();
        if (better) this.#request = better;
        else if (!error) return await this.stop();
        else if (!this.#request || restarts++ >= this.#options.restarts || !this.#mayWait(error)) throw error;
        await this.#restart(error ? this.#backoff(restarts, error) : 0, error);
      }
    }
  }

  #better() {
    return this.#request ? callersOwn(() => this.#options.retryWith?.(/** @type {ChatRequest} */ (this.#request))) : undefined;
  }

  /** @param {number} millis @param {FreshetError | null} error */
  async #restart(millis, error) {
    this.#assembly = new Assembly();
    this.id = this.cursor = this.#key = "";
    this.report = null;
    this.timing.firstToken = 0;
    this.#tries = 1;
    this.#told = this.#stalled = false;
    this.#state({ name: "restarted", in: millis, attempt: this.attempts.length + 1, error });
    await this.#wait(millis);
  }

  /** One POST, and what follows from it: until its answer is whole. */
  async *#attempt() {
    for (;;) {
      try {
        if (yield* this.#connection()) return;
        throw new FreshetError("the stream ended before the answer was complete", { code: "truncated" });
      } catch (thrown) {
        if (thrown === STOPPED || this.#stopping || thrown instanceof Thrown) throw thrown;
        const error = asError(thrown);
        if (this.#assembly.finished && error.code !== "total_limit") return;
        if (!this.#harmless(error) || this.#tries >= this.#options.tries || !this.#mayWait(error)) throw error;
        const millis = this.#backoff(this.#tries++, error);
        this.#state({ name: "reconnecting", in: millis, tries: this.#tries, error });
        await this.#wait(millis);
      }
    }
  }

  /** Whether trying again loses and costs nothing. @param {FreshetError} error */
  #harmless(error) {
    const { code, status } = error;
    // A head that was cut is a whole one to Chromium: any line of it may be missing, or half of it.
    const cutHead = (this.id && status === 404) || code === "truncated";
    if (cutHead && this.#client.gateway && this.#request && !this.cursor) return !(this.id = ""); // the same key finds the same stream
    if (code === "total_limit" || code === "first_token_limit" || code === "broken" || this.#told) return false;
    if (this.id) {
      if (code === "idle_limit") return this.#stalled ? false : (this.#stalled = true);
      return status === 0 || status >= 500 || NOTHING_DONE.includes(status);
    }
    if (NOTHING_DONE.includes(status)) {
      this.#key = ""; // it was answered, so the next one is another request
      return error.retryable;
    }
    return code === "unreachable" && (this.#client.gateway || neverConnected(error.cause));
  }

  /** One response. @returns {AsyncGenerator<Delta, boolean, void>} whether the answer is whole */
  async *#connection() {
    if (this.#abort.signal.aborted) throw STOPPED;
    const abort = new AbortController();
    const stopping = () => abort.abort(STOPPED);
    this.#abort.signal.addEventListener("abort", stopping);
    try {
      const resuming = this.id !== "";
      const opening = this.#open(abort.signal);
      this.#opening = opening.then(
        (response) => {
          if (response.status === 200) this.id ||= response.headers.get("freshet-stream") ?? "";
        },
        () => {},
      );
      const response = await this.#limited(opening, abort);
      if (response.status === 204) {
        await this.#askState();
        return true;
      }
      if (response.type === "opaqueredirect") throw new FreshetError("the server sends elsewhere, where the key must not go", { code: "redirected", retryable: false });
      if (response.status < 100) throw new FreshetError("the connection broke in the head", { code: "truncated" }); // Chromium takes half a status
      if (response.status !== 200) throw refusal(response, await this.#limited(response.text(), abort));
      if (this.id) this.#client.gateway = true;
      this.#state(resuming ? { name: "resumed", cursor: this.cursor } : { name: "waiting" });
      const type = response.headers.get("content-type") ?? "text/event-stream";
      if (type.startsWith("application/json")) {
        const delta = this.#assembly.whole(parsed(await this.#limited(response.text(), abort)));
        if (delta) yield delta;
        return true;
      }
      if (!type.startsWith("text/event-stream") || !response.body)
        throw new FreshetError(`the server sent ${type}, and no event stream`, { code: this.#client.gateway ? "truncated" : "broken" });
      return yield* this.#events(response.body.getReader(), abort);
    } finally {
      this.#abort.signal.removeEventListener("abort", stopping);
      abort.abort();
    }
  }

  /** @param {AbortSignal} signal */
  #open(signal) {
    this.#quiet = performance.now();
    if (this.id) {
      const headers = this.cursor ? { "Last-Event-ID": this.cursor } : undefined;
      return this.#client.fetch(`/streams/${encodeURIComponent(this.id)}/events`, { headers, signal });
    }
    this.#state({ name: "connecting" });
    this.#posted = performance.now();
    this.#key ||= randomId();
    return this.#client.fetch("/chat/completions", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Freshet-Ids": "1",
        "Freshet-Grace": this.#options.grace,
        "Idempotency-Key": this.#key,
        ...this.#options.headers,
      },
      body: JSON.stringify({ ...this.#request, stream: true }),
      signal,
    });
  }

  /**
   * @param {ReadableStreamDefaultReader<Uint8Array>} reader
   * @param {AbortController} abort
   * @returns {AsyncGenerator<Delta, boolean, void>}
   */
  async *#events(reader, abort) {
    /** @type {import("./sse.js").SseEvent[]} */ let events = [];
    const { eventBytes } = this.#options;
    const decoder = new SseDecoder(
      { event: (event) => events.push(event), retry: (millis) => (this.#retry = millis) },
      { lineBytes: eventBytes, eventBytes },
    );
    let done = false;
    try {
      for (;;) {
        const { value, done: over } = await (done ? this.#telling(reader) : this.#limited(reader.read(), abort));
        if (over || !value) return done || this.#assembly.finished;
        let broken;
        try {
          decoder.feed(value);
        } catch (error) {
          broken = new FreshetError(`${/** @type {Error} */ (error).message} (eventBytes)`, { code: "broken" });
        }
        for (const event of events.splice(0)) {
          if (this.id && event.lastEventId) this.cursor = event.lastEventId;
          if (this.id && event.type === "end") {
            this.#reported(parsed(event.data));
            return true;
          }
          if (done) continue;
          if (event.data === "[DONE]") {
            if (!this.id) return true;
            done = true; // its state comes next
            continue;
          }
          const delta = this.#take(event);
          if (!delta) continue;
          yield delta;
          if (callersOwn(() => this.#options.stopWhen?.(this.text, this.#assembly.tokens))) throw STOPPED;
          this.#quiet = performance.now(); // what the reader took its time for is no silence of the server's
        }
        if (broken) throw broken;
      }
    } finally {
      reader.cancel().catch(() => {}); // Deno: aborting alone can leave the other side running
    }
  }

  /** @param {import("./sse.js").SseEvent} event @returns {Delta | null} */
  #take(event) {
    if (event.type !== "message" && event.type !== "error") return null;
    const chunk = parsed(event.data);
    if (chunk.error || chunk.object === "error" || event.type === "error") {
      const error = told(chunk.error ?? chunk, {});
      if (this.timing.firstToken || !NOTHING_DONE.includes(error.status)) this.#told = true;
      else this.id = this.cursor = ""; // nothing was done: another request may be
      throw error;
    }
    const delta = this.#assembly.add(chunk);
    if (!delta) return null;
    this.#quiet = performance.now();
    this.#stalled = false;
    this.#tries = 1;
    if (!this.timing.firstToken) {
      this.timing.firstToken = this.#quiet;
    }
    if (this.state.name !== "streaming") this.#state({ name: "streaming" });
    return delta;
  }

  /** @param {any} report */
  #reported(report) {
    this.report = report;
    if (report.error) {
      this.#told = true;
      throw told(report.error, {});
    }
  }

  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
  #telling(reader) {
    const late = sleep(TELLING).then(() => ({ done: true, value: undefined }));
    return /** @type {Promise<ReadableStreamReadResult<Uint8Array>>} */ (Promise.race([reader.read(), late]));
  }

  async #askState() {
    const response = await this.#client.fetch(`/streams/${encodeURIComponent(this.id)}`);
    if (response.ok) this.#reported(await response.json());
  }

  /** Tells a Freshet gateway to end the stream, and hears what was spent. */
  async #tellServer() {
    if (!this.id) return;
    const path = `/streams/${encodeURIComponent(this.id)}`;
    try {
      const signal = AbortSignal.timeout(TELLING);
      await this.#client.fetch(path, { method: "DELETE", signal });
      const response = await this.#client.fetch(path, { signal });
      if (response.ok) this.report = await response.json();
    } catch {
      // it cannot be told; its grace ends it
    }
  }

  /**
   * What is waited for, or the limit that is over first.
   * @template T @param {Promise<T>} promise @param {AbortController} abort @returns {Promise<T>}
   */
  #limited(promise, abort) {
    const { firstToken, idle, total } = this.#options;
    const content = this.timing.firstToken || !this.#request;
    const limits = [
      { code: "total_limit", at: this.timing.begun + total, is: total },
      content ? { code: "idle_limit", at: this.#quiet + idle, is: idle } : { code: "first_token_limit", at: this.#posted + firstToken, is: firstToken },
    ];
    const next = limits[0].at < limits[1].at ? limits[0] : limits[1];
    return within(promise, next.at - performance.now(), abort, () => {
      if (next !== limits[0]) this.#state({ name: "stalled" });
      return new FreshetError(`nothing came within the limit of ${next.is} ms (${next.code})`, { code: next.code, status: 504 });
    });
  }

  /** Exponential, full jitter; the server's wish counts where it is longer. @param {number} tries @param {FreshetError} error */
  #backoff(tries, error) {
    const most = Math.min(this.#options.maxWait, BASE * 2 ** (tries - 1));
    return Math.max(error.retryAfter ?? 0, Math.min(this.#retry, most), Math.random() * most);
  }

  /** @param {FreshetError} error */
  #mayWait(error) {
    return error.retryable && (error.retryAfter ?? 0) <= this.#options.maxWait && error.code !== "total_limit";
  }

  /** @param {number} millis */
  async #wait(millis) {
    const left = this.timing.begun + this.#options.total - performance.now();
    await wait(Math.min(millis, left), left, this.#abort.signal);
  }

  /** @param {State} state */
  #state(state) {
    if (this.timing.ended) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  /** @param {"done" | "stopped" | "failed"} name */
  #end(name) {
    if (this.timing.ended) return;
    this.#state({ name });
    this.timing.ended = performance.now();
  }
}
