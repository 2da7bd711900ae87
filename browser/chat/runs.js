import { randomId } from "../random.js";
import { Clock } from "./pace.js";
import { OWN_RULE, requestOf } from "./request.js";

/** @typedef {import("./history.js").Message} Message */
/** @typedef {import("../answer.js").Answer} Answer */

const GRACE = "10m"; // how long a gateway goes on while nobody reads: a reload, a train's tunnel
const KEEPING = 500; // milliseconds between two writes of an answer that grows
const REPEATABLE = 300_000; // so long a request whose stream never got its name may be sent again: its key makes it the same one

/** A run as the page shows it. */
class Run extends EventTarget {
  /** @param {Message} message @param {Answer} answer */
  constructor(message, answer) {
    super();
    this.message = message;
    this.answer = answer;
    /** @type {import("../answer.js").State} */ this.state = answer.state;
    this.replayed = 0; // characters of what is read again and stands there already
    this.clock = new Clock();
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
    message.turn = (message.turn ?? 0) + 1;
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
    const options = { grace: GRACE, idempotencyKey: message.key };
    return this.#run(message, this.#freshet.chat(requestOf(message, before), options));
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
    const leaving = () => void this.#history.keepMessage(message, true);
    addEventListener("pagehide", leaving);
    try {
      await this.#history.keepMessage(message, true);
      await this.#grow(run);
      message.state = answer.state.name === "stopped" ? "stopped" : "done";
    } catch (thrown) {
      this.#failed(message, /** @type {any} */ (thrown));
    } finally {
      removeEventListener("pagehide", leaving);
    }
    this.#ended(run);
    await this.#history.keepMessage(message);
    await this.#history.change(message.conversation, { updated: Date.now() });
  }

  /** @param {Run} run */
  async #grow(run) {
    const { message, answer, clock } = run;
    let kept = performance.now();
    let text = message.base ?? "";
    for await (const delta of answer) {
      text += delta.text;
      clock.token();
      message.reasoning = answer.reasoning;
      if (delta.toolCalls.length > 0) message.calls = answer.message.tool_calls;
      if (text.length < run.replayed) continue; // it stands there already
      message.content = text;
      run.changed();
      if (performance.now() - kept < KEEPING) continue;
      kept = performance.now();
      void this.#history.keepMessage(message, true);
    }
    message.content = text;
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
    const { message, answer, clock } = run;
    run.state = answer.state;
    clock.state(run.state.name);
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
    const asked = answer.report?.attempts?.length ?? 1;
    if (asked > 1) message.attempts = answer.report.attempts.map(attempt);
    message.figures = figuresOf(run, asked);
    if (message.figures.first) message.pace = run.clock.pace(message.figures.tokens);
    for (const one of answer.guard) (message.notes ??= []).push(verdict(one));
    if (asked > 1 && answer.guard.length === 0) (message.notes ??= []).push(askedAgain(message.attempts ?? []));
    this.#runs.delete(message.id);
    run.changed();
    this.dispatchEvent(new CustomEvent("end", { detail: run }));
  }
}

/** @param {Run} run @param {number} asked how often the provider was @returns {import("./history.js").Figures} */
function figuresOf({ message, answer, replayed }, asked) {
  const { timing, usage } = answer;
  const took = timing.ended - timing.begun;
  const first = message.key && timing.firstToken && !replayed ? timing.firstToken - timing.begun : 0;
  const tokens = usage?.completion_tokens ?? 0;
  return {
    first: first || (message.figures?.first ?? 0),
    // what others than the shown ones were spent, or what came at once after a reload, says nothing of the speed
    speed: asked === 1 && first && took - first > 50 ? (tokens * 1000) / (took - first) : 0,
    tokens,
    estimated: usage?.source === "estimated",
    cost: answer.cost?.nano_usd ?? null,
    took: first ? took : (message.figures?.took ?? 0),
  };
}

/** @param {any} one of a stream's state @returns {import("./history.js").Attempt} */
function attempt({ outcome, provider, model, usage, cost }) {
  return { outcome, provider, model, tokens: usage?.completion_tokens ?? 0, cost: cost?.nano_usd ?? null };
}

/** @param {import("./history.js").Attempt[]} attempts */
function askedAgain(attempts) {
  const begun = attempts.slice(0, -1).some(({ tokens }) => tokens > 0);
  return `The provider was asked ${attempts.length} times; ${begun ? "what broke was gone on with" : "nothing had come before"}.`;
}

const GUARD = { retried: "stopped an attempt and asked again", truncated: "ended the answer", failed: "stopped the answer", passed: "let pass" };

/** @param {{rule: string, match: string, at: number, why?: string, action: string}} verdict of a guard */
function verdict({ rule, match, at, why, action }) {
  const name = rule === OWN_RULE ? "Your rule" : `The guard “${rule}”`;
  const what = match ? `“${match}” at character ${at}` : (why ?? `at character ${at}`);
  return `${name} ${GUARD[/** @type {keyof GUARD} */ (action)] ?? action}: ${what}.`;
}
