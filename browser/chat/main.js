import { Freshet } from "../freshet.js";
import { randomId } from "../random.js";
import { ArticleView, button, element } from "./article.js";
import { Follow } from "./follow.js";
import { title } from "./format.js";
import { History, thread } from "./history.js";
import { PROMPTS } from "./prompts.js";
import { Runs } from "./runs.js";

/** @typedef {import("./history.js").Message} Message */
/** @typedef {import("./runs.js").AnswerRun} AnswerRun */

const KEY = "freshet.key";
const THEME = "freshet.theme";
const MODEL = "freshet.model";
const DEMO = "demo";

/** @template {HTMLElement} [T=HTMLElement] @param {string} id @returns {T} */
const get = (id) => /** @type {T} */ (document.getElementById(id));
const [transcript, welcome, list, side, status, alert] = ["transcript", "welcome", "list", "side", "status", "alert"].map((id) => get(id));
const model = /** @type {HTMLSelectElement} */ (get("model"));
const message = /** @type {HTMLTextAreaElement} */ (get("message"));
const [send, stop, open] = ["send", "stop", "open"].map((id) => /** @type {HTMLButtonElement} */ (get(id)));
const signin = /** @type {HTMLDialogElement} */ (get("signin"));

takeKeyFromAddress();
const freshet = new Freshet({ url: location.origin, key: () => sessionStorage.getItem(KEY) ?? "" });
freshet.gateway = true; // it has served this page
const history = await History.open();
const runs = new Runs(freshet, history);
const follow = new Follow(get("scroll"), /** @type {HTMLButtonElement} */ (get("latest")));

/** The conversation that is shown: its id, what was said, and the view of each. */
let shown = { id: "", messages: /** @type {Message[]} */ ([]) };
/** @type {Map<string, ArticleView>} */ const views = new Map();
/** @type {Set<AnswerRun>} */ const dirty = new Set();
let frame = 0;
let typed = 0; // how many conversations were asked to be shown: a later one wins

/* The conversation */

/** @param {string} id empty: a new one */
async function show(id) {
  const turn = ++typed;
  const messages = (id ? thread(await history.messages(id)) : []).map((one) => runs.get(one.id)?.message ?? one);
  const conversation = id ? await history.conversation(id) : undefined;
  if (turn !== typed) return;
  const anew = shown.id !== id;
  if (anew) {
    status.textContent = "";
    transcript.replaceChildren();
    views.clear();
  }
  shown = { id, messages };
  document.title = conversation ? `${conversation.title} – Freshet` : "Freshet";
  if (anew && conversation) choose(conversation.model);
  draw();
  if (anew) follow.toLatest();
  for (const [i, one] of messages.entries()) if (one.state === "running") runs.follow(one, messages.slice(0, i));
  busy();
  await drawList();
}

function draw() {
  const { messages } = shown;
  follow.during(() => {
    const kept = new Set(messages.map(({ id }) => id));
    for (const [id, view] of views) {
      if (kept.has(id)) continue;
      view.root.remove();
      views.delete(id);
    }
    for (const [i, one] of messages.entries()) {
      const run = runs.get(one.id) ?? null;
      let view = views.get(one.id);
      if (!view || (!run && changed(view.message, one))) {
        const old = view?.root;
        view = new ArticleView(run?.message ?? one, actions);
        views.set(one.id, view);
        if (old) old.replaceWith(view.root);
        else transcript.append(view.root);
      }
      view.update(run, i === messages.length - 1);
    }
    welcome.hidden = messages.length > 0;
  });
}

/** @param {Message} old @param {Message} now as it is in the history */
function changed(old, now) {
  return old !== now && JSON.stringify(old) !== JSON.stringify(now);
}

const actions = {
  /** @param {Message} old */
  regenerate(old) {
    void answer(old.parent, old.extra);
  },
  /** @param {Message} old */
  retry(old) {
    void answer(old.parent, old.extra);
  },
  /** @param {Message} old */
  goOn(old) {
    complain("");
    runs.goOn(old, before(old.id));
    draw();
  },
};

/** @param {string} id */
function before(id) {
  return shown.messages.slice(0, shown.messages.findIndex((one) => one.id === id));
}

/** @param {string} text @param {object} [extra] */
async function ask(text, extra) {
  status.textContent = "";
  const now = Date.now();
  const id = shown.id || randomId();
  const conversation = (await history.conversation(id)) ?? { id, title: title(text), created: now, updated: now, model: model.value };
  const asked = { id: randomId(), conversation: id, parent: shown.messages.at(-1)?.id ?? null, created: now, role: /** @type {const} */ ("user"), content: text };
  await history.keep({ ...conversation, updated: now, model: model.value });
  await history.keepMessage(asked);
  if (shown.id !== id) {
    shown = { id, messages: [asked] };
    location.hash = `#/c/${id}`;
  } else if (!shown.messages.some((one) => one.id === asked.id)) shown.messages = [...shown.messages, asked];
  await answer(asked.id, extra);
}

/** Asks for an answer to a message. @param {string | null} parent @param {object} [extra] members of the request */
async function answer(parent, extra) {
  complain("");
  const at = shown.messages.findIndex((one) => one.id === parent);
  const earlier = shown.messages.slice(0, at + 1);
  /** @type {Message} */
  const made = { id: randomId(), conversation: shown.id, parent, created: Date.now(), role: "assistant", model: model.value, content: "", ...(extra && { extra }) };
  shown.messages = [...earlier, made];
  runs.start(made, earlier);
  draw();
  follow.toLatest();
}

/* What runs */

runs.addEventListener("begin", (event) => {
  const run = /** @type {CustomEvent<AnswerRun>} */ (event).detail;
  let first = true;
  run.addEventListener("change", () => {
    dirty.add(run);
    if (first && run.message.content) {
      first = false;
      drawRuns(); // the first word waits for no frame
    } else frame ||= requestAnimationFrame(drawRuns);
    if (run.message.conversation === shown.id) say(run);
  });
  say(run);
  busy();
});

runs.addEventListener("end", (event) => {
  const run = /** @type {CustomEvent<AnswerRun>} */ (event).detail;
  busy();
  if (run.message.conversation !== shown.id) return;
  const { state, error } = run.message;
  status.textContent = state === "done" ? "Complete." : state === "stopped" ? "Stopped." : "";
  if (error) complain(error.message, "heard");
  if (error?.status === 401) void signIn();
});

/** @param {string} text @param {"seen" | "heard"} how heard: what went wrong stands where it happened already */
function complain(text, how = "seen") {
  alert.classList.toggle("hidden", how === "heard");
  alert.textContent = text;
}

function drawRuns() {
  frame = 0;
  for (const run of dirty) {
    const view = views.get(run.message.id);
    const over = !runs.get(run.message.id);
    if (view && !over && view.breathing) {
      frame ||= requestAnimationFrame(drawRuns);
      continue;
    }
    dirty.delete(run);
    if (view) follow.during(() => view.update(over ? null : run, run.message.id === shown.messages.at(-1)?.id));
  }
}

/** For who does not see it. @param {AnswerRun} run */
function say(run) {
  const { name } = run.state;
  const text = name === "reconnecting" ? "Reconnecting…" : name === "resumed" && run.message.content ? "Reconnected. Generating…" : "Generating…";
  if (name !== "done" && name !== "stopped" && name !== "failed" && status.textContent !== text) status.textContent = text;
}

function running() {
  return shown.messages.map((one) => runs.get(one.id)).find(Boolean);
}

function busy() {
  const yes = Boolean(running());
  if (stop.hidden !== yes) return;
  const focused = document.activeElement === (yes ? send : stop);
  send.hidden = yes;
  stop.hidden = !yes;
  if (focused) (yes ? stop : message).focus();
}

/* Writing */

get("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = message.value.trim();
  if (!text || running()) return;
  message.value = "";
  message.focus();
  void ask(text);
});

message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  /** @type {HTMLFormElement} */ (get("form")).requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || signin.open) return;
  if (side.classList.contains("open")) drawer(false);
  else void running()?.answer.stop();
});

stop.addEventListener("click", () => void running()?.answer.stop());

/* The list of conversations */

let drawn = "";
async function drawList() {
  const all = await history.conversations();
  const now = JSON.stringify([shown.id, all.map(({ id, title }) => [id, title])]);
  if (now === drawn) return;
  drawn = now;
  list.replaceChildren(
    ...all.map(({ id, title }) => {
      const link = /** @type {HTMLAnchorElement} */ (element("a", "", title));
      link.href = `#/c/${id}`;
      if (id === shown.id) link.setAttribute("aria-current", "page");
      const remove = button("✕", () => void discard(id, title));
      remove.setAttribute("aria-label", `Delete ${title}`);
      return element("li", "", link, remove);
    }),
  );
}

/** @param {string} id @param {string} title */
async function discard(id, title) {
  if (!confirm(`Delete “${title}”?`)) return;
  await Promise.all((await history.messages(id)).map((one) => runs.get(one.id)?.answer.stop()));
  await history.remove(id);
  if (shown.id === id) location.hash = "";
}

/** @param {boolean} yes */
function drawer(yes) {
  side.classList.toggle("open", yes);
  open.setAttribute("aria-expanded", String(yes));
  (yes ? get("close") : open).focus();
}
open.addEventListener("click", () => drawer(true));
get("close").addEventListener("click", () => drawer(false));
get("new").addEventListener("click", () => {
  location.hash = "";
  if (side.classList.contains("open")) drawer(false);
  message.focus();
});

history.addEventListener("change", (event) => {
  const { conversation, elsewhere } = /** @type {CustomEvent} */ (event).detail;
  if (elsewhere && conversation === shown.id) void show(conversation);
  else void drawList();
});
history.addEventListener("unkept", unkept);
function unkept() {
  complain("The browser keeps nothing more for this page: its storage is full, or switched off. What is said now is gone with the tab.");
}

/* The address, the key, the models, the theme */

function takeKeyFromAddress() {
  const key = /^#\/key=(.+)$/.exec(location.hash)?.[1];
  if (!key) return;
  sessionStorage.setItem(KEY, decodeURIComponent(key));
  window.history.replaceState(null, "", location.pathname);
}

async function route() {
  takeKeyFromAddress();
  await show(/^#\/c\/([\w-]+)$/.exec(location.hash)?.[1] ?? "");
  if (side.classList.contains("open")) drawer(false);
}
addEventListener("hashchange", () => void route());

async function signIn() {
  if (signin.open) return;
  get("signin-wrong").textContent = sessionStorage.getItem(KEY) ? "This key is not known here." : "";
  signin.showModal();
}
get("signin-form").addEventListener("submit", () => {
  const key = /** @type {HTMLInputElement} */ (get("key"));
  sessionStorage.setItem(KEY, key.value.trim());
  key.value = "";
  complain("");
  void listModels();
});

async function listModels() {
  try {
    const names = await freshet.models();
    model.replaceChildren(...names.map((name) => new Option(name, name)));
    choose(localStorage.getItem(MODEL) ?? "");
    if (names.length === 0) complain("There is no model here); configure a provider, or ask who runs the gateway.");
    else greet();
  } catch (thrown) {
    const error = /** @type {import("../error.js").FreshetError} */ (thrown);
    if (error.status === 401) void signIn();
    else complain("The models could not be listed. Is the gateway running? Reload the page to try again.");
  }
}

/** @param {string} name */
function choose(name) {
  if ([...model.options].some(({ value }) => value === name)) model.value = name;
  greet();
}
model.addEventListener("change", () => {
  localStorage.setItem(MODEL, model.value);
  greet();
});

function greet() {
  const demo = model.value === DEMO;
  get("greeting").textContent = demo ? "A simulated model, to see Freshet work" : "What is on your mind?";
  get("prompts").replaceChildren(
    ...(demo ? PROMPTS : []).map(({ title, hint, prompt, extra }) => element("li", "", button(title, () => void ask(prompt, extra), ""))),
  );
  for (const [i, made] of [...get("prompts").querySelectorAll("button")].entries()) made.append(element("span", "", PROMPTS[i].hint));
}

get("theme").addEventListener("click", () => {
  const chosen = document.documentElement.className || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.className = chosen === "dark" ? "light" : "dark";
  localStorage.setItem(THEME, document.documentElement.className);
});

if (!history.kept) unkept();
await Promise.all([listModels(), route()]);
