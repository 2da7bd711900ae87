import { randomId } from "../random.js";

/** @typedef {import("./history.js").Message} Message */
/** @typedef {import("../answer.js").Answer} Answer */

const GRACE = "10m"; // how long a gateway goes on while nobody reads: a reload, a train's tunnel
const KEEPING = 500; // milliseconds between two writes of an answer that grows
const REPEATABLE = 300_000; // so long a request whose stream never got its name may be sent again: its key makes it the same one
const GO_ON = "Continue exactly where you stopped. Do not repeat anything, and do not introduce it.";

/** A run as the page shows it. */
class Run extends EventTarget {
  /** @param {Message} message @param {Answer} answer */
  constructor(message, answer) {
    super();
    this.message = message;
    this.answer = answer;
    /** @type {import("../answer.js").State} */ this.state = answer.state;
    this.replayed = 0; // characters of what is read again and stands there already
  }
  changed() {
    this.dispatchEvent(new Event("change"));
  }
}
/** @typedef {Run} AnswerRun */

/** The answers that grow. Each is kept as it grows, so that a reload, or another tab, goes on with it. */
export class Runs extends EventTarget {
  #freshet;
  #history;
  /** @type {Map<string, Run>} by message */ #runs = new Map();

  /** @param {import("../freshet.js").Freshet} freshet @param {import("./history.js").History} history */
  constructor(freshet, history) {
    super();
    this.#freshet = freshet;
    this.#history = history;
  }

  /** @param {string} id of a message */
  get(id) {
    return this.#runs.get(id);
  }

  /** Asks. @param {Message} message the answer to be @param {Message[]} before it */
  start(message, before) {
    message.key = randomId();
    message.state = "running";
    return this.#ask(message, before);
  }

  /** Goes on with an answer that was stopped, or broke. @param {Message} message @param {Message[]} before */
  goOn(message, before) {
    message.base = message.content;
    delete message.stream;
    delete message.error;
    return this.start(message, before);
  }

  /** Goes on reading an answer that this page, or another tab, has begun. @param {Message} message @param {Message[]} before */
  follow(message, before) {
    if (this.#runs.has(message.id)) return;
    if (message.stream) return void this.#run(message, this.#freshet.resume(message.stream));
    if (message.key && Date.now() - message.created < REPEATABLE) return void this.#ask(message, before);
    message.error = { code: "interrupted", message: "The page was closed before the answer began.", status: 0, retryable: true };
    message.state = "failed";
    void this.#history.keepMessage(message);
  }

  /** @param {Message} message @param {Message[]} before */
  #ask(message, before) {
    const messages = before.map(({ role, content }) => ({ role, content }));
    if (message.base) messages.push({ role: "assistant", content: message.base }, { role: "user", content: GO_ON });
    const request = { model: message.model ?? "", messages, stream_options: { include_usage: true }, ...message.extra };
    return this.#run(message, this.#freshet.chat(request, { grace: GRACE, idempotencyKey: message.key }));
  }

  /** @param {Message} message @param {Answer} answer */
  #run(message, answer) {
    const run = new Run(message, answer);
    this.#runs.set(message.id, run);
    run.replayed = message.content.length;
    void this.#read(run);
    this.dispatchEvent(new CustomEvent("begin", { detail: run }));
    return run;
  }

  /** @param {Run} run */
  async #read(run) {
    const { message, answer } = run;
    answer.addEventListener("state", () => this.#state(run));
    let kept = performance.now();
    let text = message.base ?? "";
    let reasoning = "";
    const keep = () => this.#history.keepMessage(message, true);
    const leaving = () => void keep();
    addEventListener("pagehide", leaving);
    try {
      await keep();
      for await (const delta of answer) {
        text += delta.text;
        reasoning += delta.reasoning;
        message.reasoning = reasoning;
        if (text.length < run.replayed) continue; // it stands there already
        message.content = text;
        run.changed();
        if (performance.now() - kept < KEEPING) continue;
        kept = performance.now();
        void keep();
      }
      message.content = text;
      message.state = answer.state.name === "stopped" ? "stopped" : "done";
    } catch (thrown) {
      this.#failed(message, /** @type {any} */ (thrown));
    } finally {
      removeEventListener("pagehide", leaving);
    }
    this.#ended(run);
    await this.#history.keepMessage(message);
  }

  /** @param {Message} message @param {import("../error.js").FreshetError} error */
  #failed(message, error) {
    const { code = "broken", status = 0, retryable = true } = error;
    message.state = code === "stream_cancelled" ? "stopped" : "failed"; // another tab has stopped it
    if (message.state === "stopped") return;
    message.error = { code, message: error.message, status, retryable };
  }

  /** @param {Run} run */
  #state(run) {
    const { message, answer } = run;
    run.state = answer.state;
    const notes = (message.notes ??= []);
    if (run.state.name === "resumed" && message.stream && run.state.cursor) notes.push("resumed");
    if (answer.id && message.stream !== answer.id) {
      message.stream = answer.id;
      void this.#history.keepMessage(message);
    }
    run.changed();
  }

  /** @param {Run} run */
  #ended(run) {
    const { message, answer } = run;
    message.finish = answer.finishReason;
    const { timing, usage, report } = answer;
    const asked = report?.attempts?.length ?? 1;
    const took = timing.ended - timing.begun;
    const first = message.key && timing.firstToken && !run.replayed ? timing.firstToken - timing.begun : 0;
    const tokens = usage?.completion_tokens ?? 0;
    message.figures = {
      first: first || (message.figures?.first ?? 0),
      // what others than the shown ones were spent, or what came at once after a reload, says nothing of the speed
      speed: asked === 1 && first && took - first > 50 ? (tokens * 1000) / (took - first) : 0,
      tokens,
      estimated: usage?.source === "estimated",
      cost: answer.cost?.nano_usd ?? null,
    };
    for (const { rule, match, at, action } of answer.guard) (message.notes ??= []).push(`The guard “${rule}” ${GUARD[/** @type {keyof GUARD} */ (action)] ?? action}: “${match}” at character ${at}.`);
    if (asked > 1 && answer.guard.length === 0) (message.notes ??= []).push(`The provider was asked ${asked} times; what broke was gone on with.`);
    this.#runs.delete(message.id);
    run.changed();
    this.dispatchEvent(new CustomEvent("end", { detail: run }));
  }
}

const GUARD = { retried: "stopped an attempt and asked again", truncated: "ended the answer", failed: "stopped the answer", passed: "let pass" };
