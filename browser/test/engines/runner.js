// Stands in for `node:test` where there is none: the tests of a bundle, by name, run one at a time when they are asked for.
/** @type {{name: string, run: () => unknown}[]} */
const tests = [];
/** @type {(() => unknown)[]} */
const befores = [];
/** @type {Promise<unknown> | undefined} */
let ready;

export const test = (name, run) => void tests.push({ name, run });
export const before = (run) => void befores.push(run);
export const after = () => {};

export const names = () => tests.map(({ name }) => name);

/** @returns {Promise<string>} what went wrong; empty where nothing did */
export async function run(name) {
  try {
    await (ready ??= Promise.all(befores.map((one) => one())));
    await tests.find((one) => one.name === name).run();
    return "";
  } catch (error) {
    return String(error?.stack ?? error);
  }
}
