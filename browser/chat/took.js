import { paceChart } from "./chart.js";
import { element } from "./dom.js";
import { money, time } from "./format.js";

/** @typedef {import("./history.js").Message} Message */

const OUTCOME = {
  completed: "complete",
  cancelled: "stopped",
  failed: "broke",
  guard_stopped: "stopped by a rule",
};

/** What an answer took, in a picture and a few words. @param {Message} message */
export function took(message) {
  const { pace, figures, attempts = [], settings, stream } = message;
  const box = element("div", "took");
  if (pace && figures) box.append(paceChart([{ name: message.model ?? "", first: figures.first, pace }]));
  if (attempts.length > 0) box.append(element("ol", "attempts", ...attempts.map((one) => element("li", "", tried(one)))));
  const asked = settings && described(settings);
  if (asked) box.append(element("p", "", `Asked with ${asked}.`));
  if (figures?.took) box.append(element("p", "", `It took ${time(figures.took)}. Stream ${stream ?? "unknown"}`));
  return box;
}

/** @param {import("./history.js").Attempt} attempt */
function tried({ outcome, provider, model, tokens, cost }) {
  const cause = OUTCOME[/** @type {keyof OUTCOME} */ (outcome)] ?? outcome.replaceAll("_", " ");
  return [`${provider}${model && model !== provider ? ` ${model}` : ""}: ${cause}`, `${tokens} tokens`, cost !== null && money(cost)].filter(Boolean).join(" · ");
}

/** Settings in a line; empty where there are none. @param {import("./history.js").Settings} settings */
export function described({ system, temperature, topP, longest, effort, more, rule }) {
  return [
    system && "a system prompt",
    temperature !== undefined && `temperature ${temperature}`,
    topP !== undefined && `top-p ${topP}`,
    longest !== undefined && `at most ${longest} tokens`,
    effort && `effort ${effort}`,
    more && Object.keys(more).join(", "),
    rule && "a stop rule",
  ].filter(Boolean).join(", ");
}

/** Two answers in one picture, when both are there; null before. @param {Message[]} answers */
export function compared(answers) {
  const series = answers.flatMap(({ model = "", figures, pace }) => (figures && pace ? [{ name: model, first: figures.first, pace }] : []));
  if (series.length < 2) return null;
  const legend = element("figcaption", "", ...series.map(({ name }, i) => element("span", `key key-${i}`, name)));
  return element("figure", "compared", paceChart(series), legend);
}
