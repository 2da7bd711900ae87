import { copied } from "./code.js";
import { figures, time } from "./format.js";
import { Markdown } from "./markdown.js";

/** @typedef {import("./history.js").Message} Message */
/** @typedef {{regenerate(message: Message): void, retry(message: Message): void, goOn(message: Message): void}} Actions */

/** @param {string} tag @param {string} [name] its class @param {...(Node | string)} children */
export function element(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children);
  return made;
}

/** @param {string} label @param {() => void} act @param {string} [name] */
export function button(label, act, name = "quiet") {
  const made = /** @type {HTMLButtonElement} */ (element("button", name, label));
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** One message. What changes of it is shown with [ArticleView.update]. */
export class ArticleView {
  #message;
  #actions;
  #markdown;
  #text = element("div", "text");
  #state = element("p", "state");
  #reasoning = /** @type {HTMLDetailsElement} */ (element("details", "reasoning"));
  #summary = element("summary");
  #thoughts = new Text();
  #foot = element("footer");
  #drawn = 0; // how long the last drawing took, in milliseconds
  #at = 0; // when it was

  /** @param {Message} message @param {Actions} actions */
  constructor(message, actions) {
    this.#message = message;
    this.#actions = actions;
    const mine = message.role === "user";
    const label = mine ? "You" : (message.model ?? "Answer");
    this.root = element("article", mine ? "mine" : "answer", element("h2", "", label));
    this.root.setAttribute("aria-label", label);
    this.root.dir = "auto";
    if (mine) {
      this.#text.append(message.content);
      this.root.append(this.#text);
      return;
    }
    this.#markdown = new Markdown(this.#text);
    this.#reasoning.append(this.#summary, element("div", "thoughts", this.#thoughts));
    this.#reasoning.hidden = true;
    this.root.append(this.#reasoning, this.#text, this.#state, this.#foot);
    this.update(null, false);
  }

  get message() {
    return this.#message;
  }

  /** Whether there was so little time since a costly drawing that the page should breathe first. */
  get breathing() {
    return performance.now() - this.#at < 3 * this.#drawn - 12;
  }

  /** @param {import("./runs.js").AnswerRun | null} run while it grows @param {boolean} last whether nothing follows it in the conversation */
  update(run, last) {
    if (!this.#markdown) return;
    const { content, reasoning } = this.#message;
    const begun = performance.now();
    this.#markdown.show(content, !run);
    this.#at = performance.now();
    this.#drawn = this.#at - begun;
    if (reasoning) this.#think(reasoning, Boolean(run) && !content);
    this.#state.textContent = run ? situation(run) : "";
    this.root.classList.toggle("running", Boolean(run));
    if (!run) this.#end(last);
    else if (this.#foot.childElementCount > 0) this.#foot.replaceChildren();
  }

  /** @param {string} reasoning @param {boolean} thinking */
  #think(reasoning, thinking) {
    this.#reasoning.hidden = false;
    this.#summary.textContent = thinking ? "Reasoning …" : "Reasoning";
    if (reasoning.startsWith(this.#thoughts.data)) this.#thoughts.appendData(reasoning.slice(this.#thoughts.length));
    else this.#thoughts.data = reasoning;
  }

  /** @param {boolean} last */
  #end(last) {
    const message = this.#message;
    const { state, error, notes = [], finish } = message;
    const children = [];
    if (notes.length > 0) children.push(element("ul", "notes", ...told(notes, Boolean(error)).map((note) => element("li", "", note))));
    if (state === "stopped") children.push(element("p", "ended", "Stopped."));
    else if (finish === "length") children.push(element("p", "ended", "It reached its greatest length."));
    else if (finish === "content_filter" && notes.length === 0) children.push(element("p", "ended", "A filter ended it."));
    if (error) children.push(element("p", "error", `${error.message} (${error.code})`));
    const buttons = element("div", "actions");
    const copy = button("Copy", () => void copied(copy, message.content));
    if (message.content) buttons.append(copy);
    const broken = state === "failed" || state === "stopped" || finish === "length";
    if (last && state === "failed") buttons.append(button("Try again", () => this.#actions.retry(message)));
    else if (last && state) buttons.append(button("Regenerate", () => this.#actions.regenerate(message)));
    if (last && broken && message.content) buttons.append(button("Continue", () => this.#actions.goOn(message)));
    if (message.figures) buttons.append(element("span", "figures", figures(message.figures)));
    this.#foot.replaceChildren(...children, buttons);
  }
}

/** @param {string[]} notes @param {boolean} failed */
function told(notes, failed) {
  const resumed = notes.filter((note) => note === "resumed").length;
  const others = notes.filter((note) => note !== "resumed");
  return resumed === 0 ? others : [`The connection was lost ${resumed === 1 ? "once" : `${resumed} times`}${failed ? "" : "; nothing is missing"}.`, ...others];
}

/** What an answer is waiting for. @param {import("./runs.js").AnswerRun} run */
function situation({ state, message }) {
  switch (state.name) {
    case "connecting":
      return "Connecting …";
    case "waiting":
      return "Waiting for the first word …";
    case "reconnecting":
      return navigator.onLine ? `The connection was lost; try ${state.tries} in ${time(state.in)} …` : "The connection was lost; waiting until there is a network …";
    case "resumed":
      return message.content ? "Reconnected." : "Waiting for the first word …";
    case "restarted":
      return `It broke; asked again (attempt ${state.attempt}) …`;
    default:
      return "";
  }
}
