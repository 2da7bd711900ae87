import { dayChart } from "./chart.js";
import { element, get } from "./dom.js";
import { money } from "./format.js";

const DAYS = 30;
const SOON = 400; // milliseconds: the ledger writes behind the answer

/** @typedef {{requests: number, prompt_tokens: number, completion_tokens: number, cost: {nano_usd: number, unknown: number}}} Spent */

/** What the key, or this machine, has spent: today's below the list, and each day of the last thirty when one asks. */
export class SpentView {
  #freshet;
  #today = get("today");
  #dialog = /** @type {HTMLDialogElement} */ (get("spent"));
  #body = get("spent-body");
  #told = true; // whether the gateway tells

  /** @param {import("../freshet.js").Freshet} freshet */
  constructor(freshet) {
    this.#freshet = freshet;
    this.#today.addEventListener("click", () => void this.#show());
  }

  /** After an answer, and when the page opens. @param {boolean} [soon] not at once */
  async refresh(soon = false) {
    if (!this.#told) return;
    if (soon) await new Promise((resolve) => setTimeout(resolve, SOON));
    const usage = await this.#usage(today());
    this.#told = Boolean(usage);
    this.#today.hidden = !usage;
    if (usage) this.#today.textContent = `Today ${short(usage.total)}`;
  }

  /** @param {string} since @returns {Promise<any>} null where it does not tell */
  async #usage(since) {
    try {
      const response = await this.#freshet.fetch(`/usage?since=${since}`);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  async #show() {
    const since = new Date(Date.now() - (DAYS - 1) * 86_400_000).toISOString().slice(0, 10);
    const usage = await this.#usage(since);
    this.#body.replaceChildren(...(usage ? drawn(usage) : [element("p", "error", "The gateway does not answer. Is it running?")]));
    this.#dialog.showModal();
  }
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

/** @param {Spent} spent */
function short({ requests, cost }) {
  if (cost.nano_usd > 0) return money(cost.nano_usd);
  return `${requests} ${requests === 1 ? "answer" : "answers"}`;
}

/** @param {Spent} spent */
function full({ requests, completion_tokens, cost }) {
  return [`${requests} ${requests === 1 ? "answer" : "answers"}`, `${completion_tokens} tokens`, priced(cost)].join(" · ");
}

/** @param {Spent["cost"]} cost */
function priced({ nano_usd, unknown }) {
  if (nano_usd === 0 && unknown > 0) return "cost not known";
  return money(nano_usd) + (unknown > 0 ? `, and ${unknown} of unknown cost` : "");
}

/** @param {any} usage @returns {HTMLElement[]} */
function drawn({ total, days, models, budgets }) {
  const byDay = new Map(days.map((/** @type {any} */ one) => [one.day, one]));
  const paid = total.cost.nano_usd > 0;
  const bars = Array.from({ length: DAYS }, (_, i) => {
    const day = new Date(Date.now() - (DAYS - 1 - i) * 86_400_000).toISOString().slice(0, 10);
    const spent = /** @type {Spent | undefined} */ (byDay.get(day));
    return { day, value: (paid ? spent?.cost.nano_usd : spent?.completion_tokens) ?? 0, told: spent ? full(spent) : "nothing" };
  });
  const picture = element("div", "");
  picture.append(dayChart(bars, paid ? "Cost" : "Tokens"));
  return [
    element("p", "", `In ${DAYS} days: ${full(total)}`),
    picture,
    table("Model", models.map((/** @type {any} */ one) => [one.model, one])),
    table("Day", [...days].reverse().map((/** @type {any} */ one) => [one.day, one])),
    ...budgets.map((/** @type {any} */ one) => element("p", "", `Budget of the ${one.of}: ${money(one.spent_nano_usd)} of ${money(one.nano_usd)} a ${one.per}`)),
  ];
}

/** @param {string} of @param {[string, Spent][]} rows */
function table(of, rows) {
  const cells = (/** @type {string} */ tag, /** @type {string[]} */ texts) => element("tr", "", ...texts.map((text) => element(tag, "", text)));
  const body = rows.map(([name, spent]) => cells("td", [name, String(spent.requests), String(spent.completion_tokens), priced(spent.cost)]));
  const box = element("div", "table", element("table", "", element("thead", "", cells("th", [of, "Answers", "Tokens", "Cost"])), element("tbody", "", ...body)));
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `By ${of.toLowerCase()}`);
  return box;
}
