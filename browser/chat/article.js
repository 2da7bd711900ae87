import { Calls, given } from "./calls.js";
import { copied } from "./code.js";
import { button, element, sign } from "./dom.js";
import { figures, size, time } from "./format.js";
import { Markdown } from "./markdown.js";
import { took } from "./took.js";

/** @typedef {import("./history.js").Message} Message */
/**
 * @typedef {object} Actions
 * @property {(message: Message) => void} regenerate
 * @property {(message: Message) => void} goOn
 * @property {(message: Message) => void} edit
 * @property {(message: Message, label: string) => void} turnTo shows another version; label: of the button that was pressed
 * @property {(message: Message) => void} prefer of two side by side, goes on with this
 * @property {(message: Message, results: {id: string, content: string}[]) => void} give
 */
/** @typedef {{last: boolean, place: import("./tree.js").Place, rival: boolean, preferred: boolean, calls: import("./history.js").Call[]}} Standing of a message in its conversation; rival: another stands beside it; calls: of the message before */

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
  #calls = new Calls();
  #foot = element("footer");
  #footed = ""; // what the foot was drawn from
  #open = false; // whether what it took is shown
  #drawn = 0; // how long the last drawing took, in milliseconds
  #at = 0; // when it was

  /** @param {Message} message @param {Actions} actions */
  constructor(message, actions) {
    this.#message = message;
    this.#actions = actions;
    const { role, content, files = [] } = message;
    const label = role === "user" ? "You" : role === "tool" ? "Tool" : (message.model ?? "Answer");
    this.root = element("article", role === "user" ? "mine" : role === "tool" ? "tool" : "answer", element("h2", "", label));
    this.root.setAttribute("aria-label", label);
    this.root.dir = "auto";
    if (role === "assistant") {
      this.#markdown = new Markdown(this.#text);
      this.#reasoning.append(this.#summary, element("div", "thoughts", this.#thoughts));
      this.#reasoning.hidden = true;
      this.root.append(this.#reasoning, this.#text, this.#calls.root, this.#state, this.#foot);
      return;
    }
    this.#text.append(content);
    this.root.append(...(files.length > 0 ? [attached(files)] : []), this.#text, this.#foot);
  }

  get message() {
    return this.#message;
  }

  /** Whether there was so little time since a costly drawing that the page should breathe first. */
  get breathing() {
    return performance.now() - this.#at < 3 * this.#drawn - 12;
  }

  /** @param {import("./runs.js").AnswerRun | null} run while it grows @param {Standing} standing */
  update(run, standing) {
    if (!this.#markdown) return this.#still(standing);
    const { content, reasoning, calls } = this.#message;
    const begun = performance.now();
    this.#markdown.show(content, !run);
    this.#at = performance.now();
    this.#drawn = this.#at - begun;
    if (reasoning) this.#think(reasoning, Boolean(run) && !content);
    if (calls) this.#calls.show(calls, !run && standing.last ? (results) => this.#actions.give(this.#message, results) : null);
    this.#state.textContent = run ? situation(run) : "";
    this.root.classList.toggle("running", Boolean(run));
    if (run) this.#foots("", []);
    else this.#end(standing);
  }

  /** @param {string} reasoning @param {boolean} thinking */
  #think(reasoning, thinking) {
    this.#reasoning.hidden = false;
    this.#summary.textContent = thinking ? "Reasoning …" : "Reasoning";
    if (reasoning.startsWith(this.#thoughts.data)) this.#thoughts.appendData(reasoning.slice(this.#thoughts.length));
    else this.#thoughts.data = reasoning;
  }

  /** Gives a button of the versions the focus, or the one beside it. @param {string} label */
  focus(label) {
    const buttons = [.../** @type {NodeListOf<HTMLButtonElement>} */ (this.#foot.querySelectorAll(".versions button"))];
    const wanted = buttons.find((one) => one.title === label && !one.disabled) ?? buttons.find((one) => !one.disabled);
    wanted?.focus({ preventScroll: true });
  }

  /** What is below is drawn only when it changes, so that the focus stays where it is. @param {string} key @param {HTMLElement[]} children */
  #foots(key, children) {
    if (key === this.#footed) return;
    this.#footed = key;
    const had = /** @type {HTMLElement | null} */ (this.#foot.contains(document.activeElement) ? document.activeElement : null);
    const name = had?.getAttribute("aria-label") ?? had?.textContent;
    this.#foot.replaceChildren(...children);
    if (had) [...this.#foot.querySelectorAll("button")].find((one) => (one.getAttribute("aria-label") ?? one.textContent) === name)?.focus();
  }

  /** A message that does not grow: the user's, a tool's. @param {Standing} standing */
  #still({ place, calls }) {
    const message = this.#message;
    if (message.role === "tool") return this.#text.replaceChildren(...given(message, calls));
    const buttons = element("div", "actions", ...this.#versions(place), button("Edit", () => this.#actions.edit(message)), this.#copy());
    this.#foots(JSON.stringify(place), [buttons]);
  }

  #copy() {
    const copy = button("Copy", () => void copied(copy, this.#message.content));
    return copy;
  }

  /** @param {import("./tree.js").Place} place */
  #versions({ at, of, earlier, later }) {
    if (of < 2) return [];
    const turn = (/** @type {string} */ mark, /** @type {string} */ label, /** @type {Message | null} */ to) => {
      const made = sign(mark, label, () => to && this.#actions.turnTo(to, label));
      made.disabled = !to;
      return made;
    };
    return [element("span", "versions", turn("‹", "Earlier version", earlier), `${at} of ${of}`, turn("›", "Later version", later))];
  }

  /** @param {Standing} standing */
  #end(standing) {
    const message = this.#message;
    const { state, error, notes = [], finish, content, calls } = message;
    const children = [];
    if (notes.length > 0) children.push(element("ul", "notes", ...told(notes, Boolean(error)).map((note) => element("li", "", note))));
    if (state === "stopped") children.push(element("p", "ended", "Stopped."));
    else if (finish === "length") children.push(element("p", "ended", "It reached its greatest length."));
    else if (finish === "content_filter" && notes.length === 0) children.push(element("p", "ended", "A filter ended it."));
    if (error) children.push(element("p", "error", `${error.message} (${error.code})`));
    const { last, rival, preferred } = standing;
    const buttons = element("div", "actions", ...this.#versions(standing.place));
    if (rival && !preferred) buttons.append(button("Go on with this one", () => this.#actions.prefer(message), "plain small"));
    if (rival && preferred) buttons.append(element("span", "preferred", "Goes on from here."));
    if (content) buttons.append(this.#copy());
    if (state) buttons.append(button(last && state === "failed" ? "Try again" : "Regenerate", () => this.#actions.regenerate(message)));
    const broken = state === "failed" || state === "stopped" || finish === "length";
    if (last && broken && content && !calls) buttons.append(button("Continue", () => this.#actions.goOn(message)));
    children.push(buttons, ...this.#took(buttons));
    this.#foots(JSON.stringify([standing, state, error, notes, finish, content.length, this.#open]), children);
  }

  /** The figures, which open the rest of them. @param {HTMLElement} buttons */
  #took(buttons) {
    if (!this.#message.figures) return [];
    const line = figures(this.#message.figures);
    if (!line) return [];
    const more = took(this.#message);
    more.hidden = !this.#open;
    const open = button(line, () => {
      this.#open = more.hidden;
      more.hidden = !this.#open;
      open.setAttribute("aria-expanded", String(this.#open));
      if (this.#open) more.scrollIntoView({ block: "nearest" });
    }, "quiet figures");
    open.setAttribute("aria-expanded", String(this.#open));
    open.title = "What it took";
    buttons.append(open);
    return [more];
  }
}

/** @param {import("./history.js").Attached[]} files */
function attached(files) {
  return element("ul", "files", ...files.map(({ name, type, url, size: bytes }) => {
    const inside = url && type.startsWith("image/") ? /** @type {HTMLImageElement} */ (element("img")) : null;
    if (!inside || !url) return element("li", "file", `${name} · ${size(bytes)}`);
    inside.src = url;
    inside.alt = name;
    return element("li", "", inside);
  }));
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
    case "waiting":
      return message.settings?.rule?.then === "again" ? "Your rule looks at the first words before they are shown …" : state.name === "waiting" ? "Waiting for the first word …" : "Connecting …";
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
