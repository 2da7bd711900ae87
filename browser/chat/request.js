/** @typedef {import("./history.js").Message} Message */
/** @typedef {import("./history.js").Settings} Settings */
/** @typedef {import("./history.js").Rule} Rule */

const GO_ON = "Continue exactly where you stopped. Do not repeat anything, and do not introduce it.";
const HOLD = 40; // tokens that must look right before any is shown: what was shown cannot be asked for again

/** The name of the user's own rule in what the gateway reports. */
export const OWN_RULE = "yours";

/**
 * What is asked for. The same message and the same ones before it give the same request, to the letter: the key that goes
 * with it would not fit another.
 * @param {Message} message the answer to be @param {Message[]} before
 */
export function requestOf(message, before) {
  const settings = message.settings ?? {};
  const { temperature, topP, longest, effort, more } = settings;
  const messages = before.flatMap(said);
  if (settings.system) messages.unshift({ role: "system", content: settings.system });
  if (message.base) messages.push({ role: "assistant", content: message.base }, { role: "user", content: GO_ON });
  return {
    model: message.model ?? "",
    messages,
    stream_options: { include_usage: true },
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(longest !== undefined && { max_tokens: longest }),
    ...(effort && { reasoning_effort: effort }),
    ...more,
    ...(settings.rule && { freshet: { guard: guardOf(settings.rule) } }),
    ...message.extra,
  };
}

/** @param {Message} message @returns {object[]} as the API has it */
function said({ role, content, calls, results, files = [], reasoning }) {
  if (role === "tool") return (results ?? []).map(({ id, content }) => ({ role, tool_call_id: id, content }));
  if (role === "assistant") {
    if (calls?.length) return [{ role, content: content || null, tool_calls: calls, ...(reasoning && { reasoning_content: reasoning }) }];
    return content ? [{ role, content }] : []; // one that broke before its first word
  }
  const text = [content, ...files.flatMap(({ name, text }) => (text === undefined ? [] : [fenced(name, text)]))].filter(Boolean).join("\n\n");
  const parts = files.filter(({ url }) => url).map(part);
  return [{ role, content: parts.length === 0 ? text : [...(text ? [{ type: "text", text }] : []), ...parts] }];
}

/** @param {import("./history.js").Attached} file */
function part({ name, type, url }) {
  return type.startsWith("image/") ? { type: "image_url", image_url: { url } } : { type: "file", file: { filename: name, file_data: url } };
}

/** A file's text, in a fence that it does not close. @param {string} name @param {string} text */
function fenced(name, text) {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([mark]) => mark.length));
  const fence = "`".repeat(longest + 1);
  return `${name}:\n${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}

/** What the gateway is to do for a rule of the user's. @param {Rule} rule */
export function guardOf({ kind, value, then, append }) {
  const rule = { id: OWN_RULE, ...detector(kind, value) };
  if (then === "end") return { add: [rule] };
  return { add: [rule], hold: { tokens: HOLD }, then: { retry: { append } } };
}

/** @param {Rule["kind"]} kind @param {string} value */
function detector(kind, value) {
  switch (kind) {
    case "says":
      return { contains: phrases(value) };
    case "matches":
      return { matches: value };
    case "language":
      return { language: { expect: phrases(value).map((one) => one.toLowerCase()), min_chars: 80 } };
    case "refuses":
      return { opens_with: { list: "refusals", within_chars: 60 } };
    case "repeats":
      return { repeat: { copies: 4, span: 96 } };
    case "tokens":
      return { spend: { tokens: Number(value) } };
  }
}

/** @param {string} value */
function phrases(value) {
  return value.split(/[,\n]/).map((one) => one.trim()).filter(Boolean);
}
