import { Freshet } from "../freshet.js";
import { Composer } from "./composer.js";
import { ConversationView } from "./conversation.js";
import { button, element, get } from "./dom.js";
import { Follow } from "./follow.js";
import { History } from "./history.js";
import { List } from "./list.js";
import { DEMO, Models } from "./models.js";
import { PROMPTS } from "./prompts.js";
import { Runs } from "./runs.js";
import { Search } from "./search.js";
import { SettingsForm } from "./settings.js";
import { key, onSignIn, signIn, takeKeyFromAddress } from "./signin.js";
import { SpentView } from "./spent.js";
import { toggleTheme } from "./looks.js";
import { TransferForm } from "./transferform.js";

/** @typedef {import("./runs.js").AnswerRun} AnswerRun */

const [side, status, alert] = ["side", "status", "alert"].map((id) => get(id));
const [send, stop, open] = ["send", "stop", "open"].map((id) => /** @type {HTMLButtonElement} */ (get(id)));

takeKeyFromAddress();
const freshet = new Freshet({ url: location.origin, key });
freshet.gateway = true; // it has served this page
const history = await History.open();
const runs = new Runs(freshet, history);
const search = new Search(history);
const models = new Models();
const settings = new SettingsForm();
const composer = new Composer((kind) => models.take(kind));
const follow = new Follow(get("scroll"), /** @type {HTMLButtonElement} */ (get("latest")));
const conversation = new ConversationView(history, runs, follow, { models, settings, edit: (message) => composer.edit(message) });
const list = new List(history, search);
const spent = new SpentView(freshet);
new TransferForm(history, () => conversation, complain);

/* What is said, and what runs */

runs.addEventListener("begin", (event) => {
  const run = /** @type {CustomEvent<AnswerRun>} */ (event).detail;
  run.addEventListener("change", () => {
    if (run.message.conversation === conversation.id) say(run);
  });
  calm();
  say(run);
  busy();
});

runs.addEventListener("end", (event) => {
  const run = /** @type {CustomEvent<AnswerRun>} */ (event).detail;
  busy();
  void spent.refresh(true);
  if (run.message.conversation !== conversation.id) return;
  const { state, error } = run.message;
  if (conversation.running.length === 0) status.textContent = state === "done" ? "Complete." : state === "stopped" ? "Stopped." : "";
  if (error) complain(error.message, "heard");
  if (error?.status === 401) signIn();
});

/** @param {string} text @param {"seen" | "heard"} how heard: what went wrong stands where it happened already */
function complain(text, how = "seen") {
  alert.classList.toggle("hidden", how === "heard");
  alert.textContent = text;
}

/** For who does not see it. @param {AnswerRun} run */
function say(run) {
  const { name } = run.state;
  const text = name === "reconnecting" ? "Reconnecting…" : name === "resumed" && run.message.content ? "Reconnected. Generating…" : "Generating…";
  if (name !== "done" && name !== "stopped" && name !== "failed" && status.textContent !== text) status.textContent = text;
}

function busy() {
  const yes = conversation.running.length > 0;
  composer.busy = yes;
  if (stop.hidden !== yes) return;
  const focused = document.activeElement === (yes ? send : stop);
  send.hidden = yes;
  stop.hidden = !yes;
  if (focused) (yes ? stop : get("message")).focus();
}

function stopAll() {
  for (const { answer } of conversation.running) void answer.stop();
}
stop.addEventListener("click", stopAll);

/* Writing */

composer.addEventListener("send", (event) => {
  const { text, files, instead } = /** @type {CustomEvent} */ (event).detail;
  status.textContent = "";
  void conversation.ask(text, { files, instead });
});
composer.addEventListener("complain", (event) => complain(/** @type {CustomEvent} */ (event).detail));
composer.addEventListener("last", () => {
  const mine = conversation.shown.filter(({ role }) => role === "user").at(-1);
  if (mine && conversation.running.length === 0) composer.edit(mine);
});

document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (matchMedia("(max-width: 45rem)").matches) drawer(true);
    list.search();
  } else if (command && event.shiftKey && event.key.toLowerCase() === "o") {
    event.preventDefault();
    newChat();
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    if (side.classList.contains("open")) drawer(false);
    else if (composer.instead) composer.leave();
    else stopAll();
  }
});

/* The list of conversations */

conversation.addEventListener("change", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.anew) {
    status.textContent = "";
    composer.leave();
  }
  busy();
  void list.draw(conversation.id);
});

list.addEventListener("discard", async (event) => {
  const { id, title } = /** @type {CustomEvent} */ (event).detail;
  if (!confirm(`Delete “${title}”?`)) return;
  await Promise.all((await history.messages(id)).map((one) => runs.get(one.id)?.answer.stop()));
  await history.remove(id);
  void list.draw(conversation.id, true);
  if (conversation.id === id) location.hash = "";
});

/** @param {boolean} yes */
function drawer(yes) {
  side.classList.toggle("open", yes);
  open.setAttribute("aria-expanded", String(yes));
  (yes ? get("close") : open).focus();
}
open.addEventListener("click", () => drawer(true));
get("close").addEventListener("click", () => drawer(false));
get("new").addEventListener("click", newChat);

function newChat() {
  location.hash = "";
  if (side.classList.contains("open")) drawer(false);
  composer.focus();
}

let learning = 0;
history.addEventListener("change", (event) => {
  clearTimeout(learning);
  learning = setTimeout(() => void catchUp(), 1000);
  const { conversation: id, elsewhere } = /** @type {CustomEvent} */ (event).detail;
  if (elsewhere && id === conversation.id) void conversation.show(id);
  else void list.draw(conversation.id);
});

/* What the browser does not keep */

/** Nothing is wrong any more, but for what is not kept. */
function calm() {
  complain(history.kept ? "" : UNKEPT);
}

const UNKEPT = "The browser keeps nothing more for this page: its storage is full, or switched off. What is said now is gone with the tab; export it, or delete other conversations.";
history.addEventListener("unkept", () => complain(UNKEPT));
history.addEventListener("kept", () => {
  if (alert.textContent === UNKEPT) calm();
});
addEventListener("beforeunload", (event) => {
  if (history.loose > 0) event.preventDefault();
});

/** Learns what search needs, when there is nothing else to do. */
function catchUp() {
  const idle = () => new Promise((resolve) => ("requestIdleCallback" in globalThis ? requestIdleCallback(resolve, { timeout: 5000 }) : setTimeout(resolve, 50)));
  return search.catchUp(idle);
}

/* The address, the key, the models */

async function route() {
  takeKeyFromAddress();
  const [, id = "", message] = /^#\/c\/([\w-]+)(?:\/([\w-]+))?$/.exec(location.hash) ?? [];
  await conversation.show(id, message);
  if (side.classList.contains("open")) drawer(false);
}
addEventListener("hashchange", () => void route());

onSignIn(() => {
  calm();
  void listModels();
});

async function listModels() {
  try {
    const count = await models.load(freshet);
    if (count === 0) complain("There is no model here; configure a provider, or ask who runs the gateway.");
    else void spent.refresh();
  } catch (thrown) {
    const error = /** @type {import("../error.js").FreshetError} */ (thrown);
    if (error.status === 401) signIn();
    else complain("The models could not be listed. Is the gateway running? Reload the page to try again.");
  }
}

models.addEventListener("change", () => {
  const demo = models.name === DEMO;
  get("greeting").textContent = demo ? "A simulated model, to see Freshet work" : "What is on your mind?";
  const prompts = demo ? PROMPTS : [];
  get("prompts").replaceChildren(
    ...prompts.map(({ title, hint, prompt, extra }) => {
      const made = button(title, () => void conversation.ask(prompt, { extra }), "");
      made.append(element("span", "", hint));
      return element("li", "", made);
    }),
  );
});

get("theme").addEventListener("click", toggleTheme);
if (!history.kept) complain(UNKEPT);
await Promise.all([listModels(), route()]);
void catchUp();
