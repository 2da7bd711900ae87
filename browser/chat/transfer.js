/** @typedef {import("./history.js").Conversation} Conversation */
/** @typedef {import("./history.js").Message} Message */
/** @typedef {import("./history.js").History} History */

const FORMAT = "freshet.chat";
const VERSION = 1;
const ID = /^[\w-]{1,80}$/;
const URLS = /^data:(image\/(png|jpeg|webp|gif)|application\/pdf);base64,[A-Za-z0-9+/=]*$/;
const ROLES = ["user", "assistant", "tool"];

/** The path that is shown, as Markdown. @param {Conversation} conversation @param {Message[]} shown */
export function markdown({ title }, shown) {
  const parts = shown.map(({ role, content, model, files = [], calls = [], results = [] }) => [
    `## ${role === "user" ? "You" : role === "tool" ? "Tool" : model || "Answer"}`,
    ...files.map(({ name, url, type, text }) => (text !== undefined ? fenced(text, name) : url && type.startsWith("image/") ? `![${name}](${url})` : `*${name}*`)),
    content,
    ...calls.map((call) => fenced(call.function.arguments, `json ${call.function.name}`)),
    ...results.map((result) => fenced(result.content, "")),
  ].filter(Boolean).join("\n\n"));
  return `# ${title}\n\n${parts.join("\n\n")}\n`;
}

/** @param {string} text @param {string} info */
function fenced(text, info) {
  const mark = "`".repeat(Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([one]) => one.length)) + 1);
  return `${mark}${info}\n${text}\n${mark}`;
}

/** Everything of some conversations, in pieces: together they are one JSON text. @param {History} history @param {Conversation[]} conversations */
export async function json(history, conversations) {
  const parts = [`{"format":"${FORMAT}","version":${VERSION},"conversations":[`];
  for (const [i, conversation] of conversations.entries()) {
    const messages = await history.messages(conversation.id);
    parts.push(`${i > 0 ? "," : ""}\n${JSON.stringify({ ...conversation, messages: messages.map(kept) })}`);
  }
  return [...parts, "\n]}\n"];
}

/** Without what only serves while it grows. @param {Message} message */
function kept({ key, stream, conversation, ...message }) {
  return message;
}

/**
 * Takes in what was exported. What is there already stays as it is: messages that a conversation lacks are added.
 * @param {History} history @param {string} file its text @returns {Promise<number>} how many conversations
 * @throws {Error} what is wrong with it, for the person; nothing was taken in then
 */
export async function take(history, file) {
  const all = read(file);
  for (const { messages, ...conversation } of all) {
    const known = new Set((await history.messages(conversation.id)).map(({ id }) => id));
    await history.change(conversation.id, known.size > 0 ? { updated: Date.now() } : {}, conversation);
    for (const message of messages) if (!known.has(message.id)) await history.keepMessage({ ...message, conversation: conversation.id }, true);
    await history.change(conversation.id, {});
  }
  return all.length;
}

/** @param {string} json @returns {(Conversation & {messages: Message[]})[]} */
function read(json) {
  let file;
  try {
    file = JSON.parse(json);
  } catch {
    throw new Error("This file is no JSON. Choose one that “Everything as JSON” has made.");
  }
  if (file?.format !== FORMAT || !Array.isArray(file.conversations)) throw new Error("This JSON is no export of this page. Choose one that “Everything as JSON” has made.");
  if (file.version > VERSION) throw new Error("This file was made by a newer Freshet. Update the gateway, and try again.");
  return file.conversations.map(conversation);
}

/** @param {any} given @returns {Conversation & {messages: Message[]}} */
function conversation(given) {
  const { id, title, created, updated, model, leaf, settings, messages } = given ?? {};
  must(ID.test(id) && text(title) && Array.isArray(messages), "a conversation has no id, title or messages");
  return {
    id,
    title: title.slice(0, 200),
    created: date(created),
    updated: date(updated),
    model: String(model ?? ""),
    ...(ID.test(leaf) && { leaf }),
    ...(plain(settings) && { settings }),
    messages: messages.map(message),
  };
}

/** What a message may have besides, and what that must be. @type {Record<string, (value: any) => unknown>} */
const MORE = {
  files: list((file) => text(file?.name) && text(file.type) && Number.isFinite(file.size) && (file.text === undefined || text(file.text)) && (file.url === undefined || URLS.test(file.url))),
  reasoning: text,
  calls: list((call) => text(call?.id) && text(call.function?.name) && text(call.function.arguments)),
  results: list((result) => text(result?.id) && text(result.content)),
  model: text,
  pair: (pair) => ID.test(pair),
  settings: plain,
  state: (state) => ["running", "done", "stopped", "failed"].includes(state),
  turn: Number.isFinite,
  base: text,
  extra: plain,
  error: (error) => text(error?.code) && text(error.message),
  finish: (finish) => finish === null || text(finish),
  figures: (figures) => ["first", "speed", "tokens"].every((name) => Number.isFinite(figures?.[name])) && (figures.cost === null || Number.isFinite(figures.cost)),
  attempts: list((one) => text(one?.outcome) && text(one.provider) && text(one.model) && Number.isFinite(one.tokens)),
  pace: (pace) => list(Number.isFinite)(pace?.at) && list(Number.isFinite)(pace.tokens) && pace.at.length === pace.tokens.length && list((mark) => Number.isFinite(mark?.at) && text(mark.name))(pace.marks),
  notes: list(text),
};

/** @param {any} given @returns {Message} */
function message(given) {
  const { id, parent, role, content, created } = given ?? {};
  must(ID.test(id) && (parent === null || ID.test(parent)) && ROLES.includes(role) && text(content), "a message has no id, role or text");
  const more = Object.entries(MORE).flatMap(([name, fits]) => {
    if (given[name] === undefined) return [];
    must(fits(given[name]), `“${name}” of message ${id} is not what it should be`);
    return [[name, given[name]]];
  });
  const made = { id, parent, role, content, created: date(created), conversation: "", ...Object.fromEntries(more) };
  return made.state === "running" ? { ...made, state: "stopped" } : made; // its stream is another browser's
}

/** @param {(value: any) => unknown} fits */
function list(fits) {
  return (/** @type {any} */ value) => Array.isArray(value) && value.every((one) => fits(one));
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string";
}

/** @param {unknown} value */
function date(value) {
  return Number.isFinite(value) ? Number(value) : Date.now();
}

/** @param {unknown} value */
function plain(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} yes @param {string} wrong */
function must(yes, wrong) {
  if (!yes) throw new Error(`This file is damaged: ${wrong}. Nothing of it was taken in.`);
}

/** A name for a file. @param {string} title */
export function fileName(title) {
  return title.replace(/[^\p{L}\p{N} _-]+/gu, "").trim().slice(0, 60) || "chat";
}
