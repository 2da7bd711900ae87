import { randomId } from "../random.js";
import { ArticleView } from "./article.js";
import { arrange, element, get } from "./dom.js";
import { title } from "./format.js";
import { compared } from "./took.js";
import { line, path, place, together } from "./tree.js";

/** @typedef {import("./history.js").Message} Message */
/** @typedef {import("./runs.js").AnswerRun} AnswerRun */

const FIRST = 12; // messages at the end that are drawn at once; the earlier ones follow, so that a long conversation opens as fast as a short one

/** The conversation that is shown: one path through its tree. `change` events tell that another is, or that it has changed. */
export class ConversationView extends EventTarget {
  id = "";
  /** @type {Message[]} the path that is shown */ shown = [];
  #history;
  #runs;
  #follow;
  #ways;
  /** @type {Message[]} the whole tree */ #all = [];
  #transcript = get("transcript");
  /** @type {Map<string, ArticleView>} */ #views = new Map();
  /** @type {Map<string, {box: HTMLElement, picture: HTMLElement | null, drawn: string}>} */ #pairs = new Map();
  /** @type {Set<AnswerRun>} */ #dirty = new Set();
  #frame = 0;
  #from = 0; // how many at the beginning are not drawn yet
  #said = 0; // how often something was said here
  #turn = 0; // how often one was asked to be shown: a later one wins

  /**
   * @param {import("./history.js").History} history
   * @param {import("./runs.js").Runs} runs
   * @param {import("./follow.js").Follow} follow
   * @param {{models: import("./models.js").Models, settings: import("./settings.js").SettingsForm, edit: (message: Message) => void}} ways how to ask
   */
  constructor(history, runs, follow, ways) {
    super();
    this.#history = history;
    this.#runs = runs;
    this.#follow = follow;
    this.#ways = ways;
    runs.addEventListener("begin", (event) => this.#begun(/** @type {CustomEvent<AnswerRun>} */ (event).detail));
  }

  /** What grows here. */
  get running() {
    return this.shown.flatMap((one) => together(this.#all, one)).flatMap(({ id }) => this.#runs.get(id) ?? []);
  }

  /** @param {string} id empty: a new one @param {string} [target] the message to lead to @returns {Promise<void>} */
  async show(id, target) {
    const turn = ++this.#turn;
    const said = this.#said;
    const conversation = id ? await this.#history.conversation(id) : undefined;
    const messages = id ? await this.#history.messages(id) : [];
    if (turn !== this.#turn) return;
    if (said !== this.#said && this.id === id) return this.show(id, target); // what was said meanwhile is not in it
    const anew = this.id !== id;
    if (anew) this.#clear();
    // answers that were begun meanwhile are not in it either
    const known = new Set(messages.map((one) => one.id));
    const begun = this.#all.filter((one) => !known.has(one.id) && this.#runs.get(one.id));
    this.#all = [...messages.map((one) => this.#runs.get(one.id)?.message ?? one), ...begun];
    this.id = id;
    this.#take(target ?? (anew ? conversation?.leaf : this.shown.at(-1)?.id));
    document.title = conversation ? `${conversation.title} – Freshet` : "Freshet";
    if (anew) this.#ways.settings.value = conversation?.settings;
    if (anew && conversation) this.#ways.models.choose(conversation.model);
    if (anew) this.#from = target ? 0 : Math.max(0, this.shown.length - FIRST);
    else if (target) this.#from = 0;
    this.draw();
    if (anew) this.#follow.toLatest();
    if (anew) requestAnimationFrame(() => this.#earlier(id));
    if (target) this.#lead(target);
    for (const one of this.shown) for (const each of together(this.#all, one)) if (each.state === "running") this.#runs.follow(each, line(this.#all, each.parent));
    this.dispatchEvent(new CustomEvent("change", { detail: { anew } }));
  }

  #clear() {
    this.#transcript.replaceChildren();
    this.#views.clear();
    this.#pairs.clear();
    this.#all = [];
    this.shown = [];
    this.#from = 0;
  }

  /** @param {string} [leaf] */
  #take(leaf) {
    this.shown = path(this.#all, leaf);
  }

  /** @param {string} target */
  #lead(target) {
    const root = this.#views.get(target)?.root;
    if (!root) return;
    root.scrollIntoView({ block: "center" });
    root.classList.add("found");
    setTimeout(() => root.classList.remove("found"), 2000);
  }

  /* Drawing */

  /** Draws the earlier messages, some in each frame. @param {string} id of the conversation */
  #earlier(id) {
    if (this.id !== id || this.#from === 0) return;
    this.#from = Math.max(0, this.#from - FIRST);
    this.draw();
    requestAnimationFrame(() => this.#earlier(id));
  }

  draw() {
    this.#follow.during(() => {
      const kept = new Set(this.shown.flatMap((one) => together(this.#all, one)).map(({ id }) => id));
      for (const id of this.#views.keys()) if (!kept.has(id)) this.#views.delete(id);
      arrange(this.#transcript, this.shown.slice(this.#from).map((one) => this.#turnOf(one)));
      get("welcome").hidden = this.shown.length > 0;
    });
  }

  /** One message, or two side by side. @param {Message} message of the path */
  #turnOf(message) {
    const all = together(this.#all, message);
    for (const one of all) this.#update(one);
    const roots = all.map(({ id }) => /** @type {ArticleView} */ (this.#views.get(id)).root);
    if (!message.pair || all.length < 2) return roots[0];
    const pair = this.#pairs.get(message.pair) ?? { box: element("div", "pair"), picture: null, drawn: "" };
    this.#pairs.set(message.pair, pair);
    const now = JSON.stringify(all.map(({ id, figures }) => (this.#runs.get(id) ? null : figures)));
    if (pair.drawn !== now) Object.assign(pair, { picture: compared(all.filter(({ id }) => !this.#runs.get(id))), drawn: now });
    arrange(pair.box, [...roots, ...(pair.picture ? [pair.picture] : [])]);
    return pair.box;
  }

  /** @param {Message} message */
  #update(message) {
    const run = this.#runs.get(message.id) ?? null;
    let view = this.#views.get(message.id);
    if (!view || (!run && changed(view.message, message))) {
      view = new ArticleView(run?.message ?? message, this.#actions);
      this.#views.set(message.id, view);
    }
    view.update(run, this.#standing(message));
  }

  /** @param {Message} message @returns {import("./article.js").Standing} */
  #standing(message) {
    const rival = together(this.#all, message).length > 1;
    const before = this.#all.find(({ id }) => id === message.parent);
    const last = this.shown.at(-1);
    return {
      last: message.id === last?.id || Boolean(message.pair && message.pair === last?.pair),
      place: place(this.#all, message),
      rival,
      preferred: rival && this.shown.some(({ id }) => id === message.id),
      calls: before?.calls ?? [],
    };
  }

  #drawRuns() {
    this.#frame = 0;
    for (const run of this.#dirty) {
      const { id } = run.message;
      const view = this.#views.get(id);
      const over = !this.#runs.get(id);
      if (view && !over && view.breathing) {
        this.#frame ||= requestAnimationFrame(() => this.#drawRuns());
        continue;
      }
      this.#dirty.delete(run);
      if (over) this.draw();
      else if (view) this.#follow.during(() => view.update(run, this.#standing(run.message)));
    }
  }

  /** @param {AnswerRun} run */
  #begun(run) {
    let first = true;
    run.addEventListener("change", () => {
      this.#dirty.add(run);
      if (first && run.message.content) {
        first = false;
        this.#drawRuns(); // the first word waits for no frame
      } else this.#frame ||= requestAnimationFrame(() => this.#drawRuns());
    });
  }

  /* Asking */

  #actions = {
    regenerate: (/** @type {Message} */ old) => void this.#answer(old.parent, old.extra),
    goOn: (/** @type {Message} */ old) => {
      this.#runs.goOn(old, line(this.#all, old.parent));
      this.draw();
    },
    edit: (/** @type {Message} */ message) => this.#ways.edit(message),
    turnTo: (/** @type {Message} */ message, /** @type {string} */ label) => {
      this.#turnTo(message);
      this.#views.get(message.id)?.focus(label);
    },
    prefer: (/** @type {Message} */ message) => this.#turnTo(message),
    give: (/** @type {Message} */ message, /** @type {{id: string, content: string}[]} */ results) =>
      void this.#say({ role: "tool", content: "", results, parent: message.id }, message.extra),
  };

  /** @param {Message} message of another path */
  #turnTo(message) {
    this.#take(message.id);
    this.draw();
    this.dispatchEvent(new CustomEvent("change", { detail: { anew: false } }));
    void this.#history.change(this.id, { leaf: this.shown.at(-1)?.id ?? message.id });
  }

  /**
   * Says something, and asks for the answer.
   * @param {string} text
   * @param {{files?: import("./history.js").Attached[], instead?: Message | null, extra?: object}} [more] instead: whose other version it is; extra: members of the request
   */
  ask(text, { files = [], instead, extra } = {}) {
    const parent = instead ? instead.parent : (this.shown.at(-1)?.id ?? null);
    return this.#say({ role: "user", content: text, parent, ...(files.length > 0 && { files }) }, extra);
  }

  /** @param {Pick<Message, "role" | "content" | "parent" | "files" | "results">} what @param {object} [extra] */
  async #say(what, extra) {
    const now = Date.now();
    const id = this.id || randomId();
    /** @type {Message} */
    const said = { id: randomId(), conversation: id, created: now, ...what };
    const { models, settings } = this.#ways;
    const changes = { updated: now, model: models.name, leaf: said.id, settings: settings.value };
    const fresh = { id, title: title(what.content || what.files?.[0]?.name || "Chat"), created: now, ...changes };
    await this.#history.change(id, changes, fresh);
    await this.#history.keepMessage(said);
    if (this.id !== id) {
      this.#clear();
      this.id = id;
      location.hash = `#/c/${id}`;
    }
    if (!this.#all.some((one) => one.id === said.id)) this.#all.push(said);
    this.#said++;
    await this.#answer(said.id, extra);
  }

  /** Asks for an answer to a message, or for two. @param {string | null} parent @param {object} [extra] members of the request */
  async #answer(parent, extra) {
    const earlier = line(this.#all, parent);
    const names = this.#ways.models.names;
    const pair = names.length > 1 ? randomId() : "";
    const settings = this.#ways.settings.value;
    const made = names.map((model, i) => {
      /** @type {Message} */
      const one = { id: randomId(), conversation: this.id, parent, created: Date.now() + i, role: "assistant", model, content: "" };
      return { ...one, ...(pair && { pair }), ...(settings && { settings }), ...(extra && { extra }) };
    });
    this.#all.push(...made);
    this.#take(made[0].id);
    for (const one of made) this.#runs.start(one, earlier);
    this.draw();
    this.#follow.toLatest();
    this.dispatchEvent(new CustomEvent("change", { detail: { anew: false } }));
    await this.#history.change(this.id, { leaf: made[0].id });
  }
}

/** @param {Message} old @param {Message} now as it is in the history */
function changed(old, now) {
  return old !== now && JSON.stringify(old) !== JSON.stringify(now);
}
