// What the tests use of `node:assert/strict`, for engines without it.
const shown = (value) => JSON.stringify(value, (_, one) => (one === undefined ? "undefined" : one))?.slice(0, 2_000);

function fail(message, ...values) {
  throw new Error(`${message ?? ""} ${values.map(shown).join(" and ")}`);
}

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

const assert = {
  ok: (value, message) => value || fail(message, value),
  equal: (a, b, message) => Object.is(a, b) || fail(message, a, b),
  notEqual: (a, b, message) => Object.is(a, b) && fail(message, a),
  deepEqual: (a, b, message) => same(a, b) || fail(message, a, b),
  async rejects(promise, expected) {
    let thrown;
    try {
      await (typeof promise === "function" ? promise() : promise);
    } catch (error) {
      thrown = error;
    }
    if (!thrown) fail("it was not rejected");
    const fits =
      typeof expected !== "function"
        ? Object.entries(expected).every(([key, value]) => same(thrown[key], value))
        : expected.prototype instanceof Error || expected === TypeError
          ? thrown instanceof expected
          : expected(thrown);
    if (!fits) fail("it was rejected otherwise:", String(thrown));
  },
};
export default assert;
