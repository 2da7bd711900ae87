// Stands in for programs.js: the programs run in the Node process that drives the engine, which is asked for them.
const ask = async (path, body) => (await fetch(globalThis.CONTROL + path, { method: "POST", body: JSON.stringify(body ?? null) })).json();

export const simulator = () => ask("/simulator");
export const gateway = () => ask("/gateway");

export async function cutter(url, budget) {
  const budgets = Array.from({ length: 5_000 }, () => Math.min(budget(), Number.MAX_SAFE_INTEGER));
  const { url: own, number } = await ask("/cutter", { url, budgets });
  return { url: own, cuts: () => ask("/cuts", number), stop: () => ask("/stop", number) };
}
