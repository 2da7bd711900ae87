// What the pipe does on every platform: the conformance cases, and what protects a purse.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { SseDecoder } from "../../browser/sse.js";
import { Watch } from "../events.js";
import { pipe } from "../pipe.js";

const cases = new URL("../../conformance/sse/", import.meta.url);

/** What goes on of a stream that comes in pieces, and how it ended. */
function passed(pieces) {
  const watch = new Watch(false);
  const out = [];
  for (const piece of pieces) {
    if (watch.over || watch.failure) break;
    out.push(...watch.take(piece).pass.map((bytes) => Buffer.from(bytes)));
  }
  return { bytes: Buffer.concat(out).toString("latin1"), over: watch.over, failure: watch.failure?.code ?? null };
}

function decoded(bytes) {
  const events = [];
  new SseDecoder({ event: (event) => events.push(event) }).feed(bytes);
  return events;
}

for (const name of readdirSync(cases).filter((one) => one.endsWith(".sse")))
  test(`${name.slice(0, -4)} goes on as it is, however it is cut`, () => {
    const bytes = new Uint8Array(readFileSync(new URL(name, cases)));
    const whole = passed([bytes]);
    const original = Buffer.from(bytes).toString("latin1");
    assert.ok(original.startsWith(whole.bytes), "what goes on is the upstream's");
    if (!whole.over && !whole.failure) {
      assert.deepEqual(decoded(Buffer.from(whole.bytes, "latin1")), decoded(bytes), "no event is missing");
    }
    assert.deepEqual(passed(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))), whole, "byte by byte");
    const step = bytes.length > 4_000 ? Math.ceil(bytes.length / 300) : 1;
    for (let at = 0; at <= bytes.length; at += step) assert.deepEqual(passed([bytes.subarray(0, at), bytes.subarray(at)]), whole, `cut at ${at}`);
  });

let upstream;
let asked;
let env;
before(async () => {
  upstream = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    asked = { path: request.url, headers: request.headers, body: body ? JSON.parse(body) : null, text: body };
    if (request.url === "/v1/models") return response.end(JSON.stringify({ object: "list", data: [{ id: "small" }, { id: "large" }] }));
    if (asked.body?.stream) response.writeHead(200, { "Content-Type": "text/event-stream" }).end('data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    else response.writeHead(200, { "Content-Type": "application/json" }).end('{"choices":[]}');
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  env = { FRESHET_UPSTREAM: `http://127.0.0.1:${upstream.address().port}/v1`, FRESHET_UPSTREAM_KEY: "sk-up", FRESHET_ACCESS: "s1" };
});
after(() => (upstream.close(), upstream.closeAllConnections()));

const request = (body, headers = {}, path = "/v1/chat/completions") =>
  new Request(`https://edge.example${path}`, body === null ? { headers } : { method: "POST", headers: { "Content-Type": "application/json", Authorization: "Bearer s1", ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });
const error = async (response) => [response.status, (await response.json()).error.code];
const ask = (more) => ({ model: "small", messages: [], stream: true, ...more });

test("a maximum of tokens is lowered, or added under the name that the provider knows", async () => {
  const limited = { ...env, FRESHET_MAX_TOKENS: "100" };
  const sent = async (body, settings = limited) => (await (await pipe(request(ask(body)), settings)).text(), asked.body);
  assert.equal((await sent({})).max_tokens, 100);
  assert.equal((await sent({ max_tokens: 5000 })).max_tokens, 100);
  assert.equal((await sent({ max_tokens: 50 })).max_tokens, 50);
  const both = await sent({ max_completion_tokens: 5000, max_tokens: 20 });
  assert.deepEqual([both.max_completion_tokens, both.max_tokens], [100, 20]);
  const named = await sent({}, { ...limited, FRESHET_MAX_TOKENS_FIELD: "max_completion_tokens" });
  assert.deepEqual([named.max_completion_tokens, named.max_tokens], [100, undefined]);
  for (const bad of [{ n: 2 }, { max_tokens: -1 }, { max_tokens: "many" }, { max_completion_tokens: 1.5 }]) assert.deepEqual(await error(await pipe(request(ask(bad)), limited)), [400, "invalid_request"]);
});

test("only the allowed models are there, also where a member stands twice", async () => {
  const some = { ...env, FRESHET_MODELS: "small, tiny" };
  assert.deepEqual(await error(await pipe(request(ask({ model: "large" })), some)), [404, "unknown_model"]);
  assert.deepEqual((await (await pipe(request(null, { Authorization: "Bearer s1" }, "/v1/models"), some)).json()).data, [{ id: "small" }]);
  await (await pipe(request('{"model":"large","model":"small","stream":true,"messages":[]}'), some)).text();
  assert.equal(asked.text.match(/"model"/g).length, 1);
  assert.equal(asked.body.model, "small");
});

test("without FRESHET_ACCESS nobody may, with open everybody", async () => {
  assert.deepEqual(await error(await pipe(request(ask()), { ...env, FRESHET_ACCESS: undefined })), [401, "invalid_api_key"]);
  assert.equal((await pipe(request(ask(), { Authorization: "" }), { ...env, FRESHET_ACCESS: "open" })).status, 200);
  assert.deepEqual(await error(await pipe(request(ask(), { Authorization: "Bearer s" }), env)), [401, "invalid_api_key"]);
});

test("settings that are wrong say so", async () => {
  for (const wrong of [{ FRESHET_UPSTREAM: "https://api.example" }, { FRESHET_MAX_TOKENS: "many" }, { FRESHET_IDLE_MS: "soon" }]) {
    const response = await pipe(request(ask()), { ...env, ...wrong });
    assert.equal(response.status, 500);
    assert.match((await response.json()).error.message, new RegExp(Object.keys(wrong)[0]));
  }
});

test("each caller's Idempotency-Key is its own", async () => {
  const two = { ...env, FRESHET_ACCESS: "s1,s2" };
  const key = async (secret) => (await (await pipe(request(ask(), { Authorization: `Bearer ${secret}`, "Idempotency-Key": "k" }), two)).text(), asked.headers["idempotency-key"]);
  const [first, second, again] = [await key("s1"), await key("s2"), await key("s1")];
  assert.equal(first, again);
  assert.ok(first !== second && first !== "k");
});

test("what became of an answer is told once, and the platform waits for it", async () => {
  const told = [];
  const waited = [];
  await (await pipe(request(ask()), env, { waitUntil: (work) => waited.push(work), settled: (answer) => told.push(answer) })).text();
  await Promise.all(waited);
  assert.equal(told.length, 1);
  assert.deepEqual({ outcome: told[0].outcome, content: told[0].content, kind: told[0].kind }, { outcome: "completed", content: 1, kind: "asked" });
});

test("an answer that is not asked for as a stream comes whole", async () => {
  const response = await pipe(request(ask({ stream: false })), env);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.deepEqual(await response.json(), { choices: [] });
});

test("the Next route serves each method with the settings of the process", async () => {
  const route = await import("../vercel/route.js");
  assert.equal(route.runtime, "edge");
  const before = { ...process.env };
  Object.assign(process.env, env, { FRESHET_CORS: "https://app.example" });
  try {
    assert.match(await (await route.POST(request(ask()))).text(), /\[DONE\]/);
    assert.equal((await route.GET(request(null, { Authorization: "Bearer s1" }, "/v1/models"))).status, 200);
    const preflight = new Request("https://edge.example/v1/chat/completions", { method: "OPTIONS", headers: { Origin: "https://app.example" } });
    assert.equal((await route.OPTIONS(preflight)).status, 204);
    assert.equal((await route.DELETE(new Request("https://edge.example/v1/streams/x", { method: "DELETE", headers: { Authorization: "Bearer s1" } }))).status, 404);
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  }
});
