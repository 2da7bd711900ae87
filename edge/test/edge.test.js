// Each platform for real, before the simulated provider and before a real Freshet gateway.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Freshet } from "../../browser/freshet.js";
import { gateway, simulator } from "../../browser/test/programs.js";
import { PLATFORMS } from "./platforms.js";

const KEY = "sk-of-the-upstream-0123456789";
const [ONE, OTHER] = ["secret-of-one", "secret-of-another"];
const IDLE = 800; // milliseconds
const HUGE = 50_000_000; // bytes
const FIVE = "1 2 3 4 5 ";
const ask = (model, more = {}) => ({ model, stream: true, messages: [{ role: "user", content: "count" }], ...more });

/** A network before the upstream that shows what is sent through it, and how many connections are open. */
async function watched(url) {
  const target = new URL(url);
  let sent = "";
  let first = 0; // when the last answer's first token passed
  const running = new Map(); // by connection: the model that it was last asked for
  const server = createServer((client) => {
    const up = connect(Number(target.port), target.hostname);
    client.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      sent += text;
      const model = /"model":"([\w-]+)"/.exec(text)?.[1];
      if (model) running.set(client, model);
      up.write(bytes);
    });
    up.on("data", (bytes) => {
      if (bytes.includes('"content":"1 "')) first = performance.now();
      client.write(bytes);
    });
    up.on("end", () => client.end()).on("error", () => client.resetAndDestroy()); // what was written is sent before the end
    client.on("error", () => up.destroy()).on("close", () => (running.delete(client), up.destroy()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}/v1`, sent: () => sent, forget: () => (sent = ""), first: () => first, running: (model) => [...running.values()].includes(model), stop: () => server.close() };
}

async function eventually(condition, what) {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Asks; again, where the connection that the platform took for it had just been closed by the upstream: no platform repeats a POST. */
async function post(base, body, headers = {}) {
  for (let tries = 1; ; tries++) {
    const response = await fetch(`${base}/v1/chat/completions`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${ONE}`, ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });
    if (response.status !== 502 || tries === 5 || (await response.clone().json()).error.code !== "upstream_unreachable") return response;
  }
}

/** The guide's reader: lines of a buffer. */
async function read(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const seen = { text: "", done: false, error: null, raw: "", times: [] };
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return seen;
    const part = decoder.decode(value, { stream: true });
    seen.raw += part;
    const lines = (buffer + part).split(/\r\n|\n|\r/);
    buffer = lines.pop();
    for (const line of lines) {
      if (line === "data: [DONE]") seen.done = true;
      if (!line.startsWith("data: {")) continue;
      const chunk = JSON.parse(line.slice(6));
      if (chunk.error) seen.error = chunk.error;
      const delta = chunk.choices?.[0]?.delta?.content;
      if (delta) seen.times.push(performance.now());
      seen.text += delta ?? "";
    }
  }
}

const PYTHON = `
import json, sys, httpx
body = {"model": "tokens-5", "stream": True, "messages": [{"role": "user", "content": "count"}]}
with httpx.stream("POST", sys.argv[1] + "/v1/chat/completions", json=body, headers={"Authorization": "Bearer " + sys.argv[2]}, timeout=30) as response:
    for line in response.iter_lines():
        if line == "data: [DONE]":
            print("done")
        elif line.startswith("data: "):
            text = json.loads(line[6:])["choices"][0]["delta"].get("content")
            if text:
                print(text.strip())
`;

const FAULTS = {
  "fault-4": { status: 504, code: "upstream_timeout", text: "" },
  "fault-5": { status: 200, code: "upstream_timeout", text: "" },
  "fault-6": { status: 200, code: "upstream_stalled", text: FIVE },
  "fault-7": { status: 200, code: "upstream_stalled", text: FIVE },
  "fault-8": { status: 200, code: "upstream_timeout", text: "" },
  "fault-8-after-5": { status: 200, code: "upstream_stalled", text: FIVE },
  "fault-9": { status: 429, code: "upstream_rate_limited", text: "" },
  "fault-10": { status: 200, code: "upstream_rate_limited", text: "" },
  "fault-11": { status: 200, code: "upstream_rate_limited", text: FIVE },
  "fault-11-error": { status: 200, code: "upstream_failed", text: FIVE },
  "fault-12": { status: 502, code: "upstream_failed", text: "" },
  "fault-13": { status: 502, code: "upstream_failed", text: "" },
  "fault-15-html": { status: 502, code: "upstream_broken", text: "" },
  "fault-18": { status: 200, code: "upstream_truncated", text: FIVE },
  "fault-19": { status: 200, code: "upstream_truncated", text: FIVE },
  "fault-20": { status: 200, code: "upstream_truncated", text: FIVE },
  "fault-21": { status: 200, code: "upstream_truncated", text: FIVE },
  "fault-22": { status: 200, code: "upstream_truncated", text: FIVE },
  "fault-28": { status: 200, code: "upstream_broken", text: "1 " },
};
const SURVIVED = ["fault-15", "fault-16", "fault-20-finished", "fault-21-finished", "fault-22-finished", "fault-23", "fault-24", "fault-26", "fault-26-crlf", "fault-27", "fault-31", "fault-32", "fault-34"];
const TEXTS = { "fault-24": "na\u00efve \u20ac \u{1f600} " };

let provider;
let served;
let network;
before(async () => {
  provider = await simulator();
  served = await gateway(provider.url);
  network = await watched(provider.url);
});
after(async () => {
  network?.stop();
  await Promise.all([served?.stop(), provider?.stop()]);
});

for (const [name, start] of Object.entries(PLATFORMS).filter(([one]) => !process.env.ONLY || one.includes(process.env.ONLY)))
  describe(name, () => {
    let edge;
    let ahead;
    before(async () => {
      const settings = { FRESHET_UPSTREAM_KEY: KEY, FRESHET_ACCESS: `${ONE}, ${OTHER}`, FRESHET_IDLE_MS: String(IDLE), FRESHET_HEARTBEAT_MS: "200" };
      edge = await start({ ...settings, FRESHET_UPSTREAM: network.url, FRESHET_CORS: "https://app.example.com" });
      ahead = await start({ ...settings, FRESHET_UPSTREAM: served.url, FRESHET_IDLE_MS: "5000" });
    });
    after(async () => {
      await edge?.stop();
      await ahead?.stop();
    });

    test("tokens arrive one by one, and the first at once", async () => {
      const response = await post(edge.url, ask("tokens-40-at-20"));
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type"), /^text\/event-stream/);
      assert.match(response.headers.get("cache-control"), /no-transform/);
      assert.equal(response.headers.get("x-accel-buffering"), "no");
      const { text, done, times } = await read(response);
      assert.ok(done && text.endsWith(" 40 "));
      const gaps = times.slice(1).map((time, at) => time - times[at]).sort((a, b) => a - b);
      const median = gaps[gaps.length >> 1];
      const first = times[0] - network.first();
      console.log(`${name}: the first token after ${first.toFixed(1)} ms; gaps of tokens that are 50 ms apart: median ${median.toFixed(1)} ms, most ${gaps.at(-1).toFixed(1)} ms`);
      assert.ok(median > 30 && median < 100, `${median}`);
      assert.ok(first < 500, `${first}`);
    });

    for (const fault of SURVIVED)
      test(`${fault} is survived`, async () => {
        const { text, done, error } = await read(await post(edge.url, ask(fault)));
        assert.deepEqual({ text, done, error }, { text: TEXTS[fault] ?? FIVE, done: true, error: null });
      });

    for (const [fault, expected] of Object.entries(FAULTS))
      test(`${fault} has its error`, async () => {
        const response = await post(edge.url, ask(fault));
        const status = response.status;
        if (status !== 200) {
          const { error } = await response.json();
          assert.deepEqual({ status, code: error.code, text: "" }, expected);
          return;
        }
        const { text, done, error } = await read(response);
        assert.equal(done, false, "an end that lies");
        const reset = (fault === "fault-18" || fault === "fault-19") && FIVE.startsWith(text); // what a reset takes with it is the engine's
        assert.deepEqual({ status, code: error?.code, text: reset ? FIVE : text }, expected, JSON.stringify(error));
      });

    test("the bytes are the upstream's", async () => {
      for (const model of ["fault-23", "fault-24", "fault-26-crlf", "fault-28-fits"]) {
        const [through, direct] = await Promise.all([edge.url, provider.url.replace(/\/v1$/, "")].map(async (url) => (await read(await post(url, ask(model)))).raw));
        assert.equal(through.replaceAll(":\n", ""), direct.replaceAll(":\n", ""), model);
      }
    });

    test("heartbeats come in silence, between events", async () => {
      const { raw } = await read(await post(edge.url, ask("fault-6")));
      assert.match(raw, /\n\n(:\n)+data: \{"error"/);
    });

    test("who leaves stops the upstream", async () => {
      for (const model of ["tokens-5000-at-100", "stall-after-5"]) {
        const leaving = new AbortController();
        const response = await fetch(`${edge.url}/v1/chat/completions`, { method: "POST", signal: leaving.signal, headers: { "Content-Type": "application/json", Authorization: `Bearer ${ONE}` }, body: JSON.stringify(ask(model)) });
        const reader = response.body.getReader();
        let came = "";
        while (!came.includes('"content":"2 "')) came += new TextDecoder().decode((await reader.read()).value);
        assert.ok(network.running(model), "it is asked");
        leaving.abort();
        await reader.cancel().catch(() => {});
        await eventually(() => !network.running(model), `${model} goes on without a reader`);
      }
    });

    if (!name.includes("edge-runtime")) // its console is nobody's
      test("what became of an answer is told, also when its client has left", async () => {
        const outcomes = () => [...edge.said().matchAll(/\{"outcome":.*\}/g)].map(([line]) => JSON.parse(line));
        await read(await post(edge.url, ask("tokens-7")));
        await eventually(() => outcomes().some(({ outcome, content, model }) => outcome === "completed" && content === 7 && model === "tokens-7"), edge.said());
        await eventually(() => ["tokens-5000-at-100", "scripted"].every((left) => outcomes().some(({ outcome, content, model }) => outcome === "cancelled" && content > 0 && model === left)), edge.said());
      });

    test("memory does not grow with the length of the answer", async () => {
      const event = Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "x".repeat(32_000) } }] })}\n\n`);
      const huge = createHttpServer(async (request, response) => {
        request.resume();
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        for (let bytes = 0; bytes < HUGE; bytes += event.length) if (!response.write(event)) await once(response, "drain");
        response.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
      });
      huge.listen(0, "127.0.0.1");
      await once(huge, "listening");
      const tall = await start({ FRESHET_UPSTREAM: `http://127.0.0.1:${huge.address().port}/v1`, FRESHET_ACCESS: "open" });
      try {
        const memory = () => (tall.pid ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${tall.pid}/status`, "utf8"))[1]) / 1024 : process.memoryUsage().rss / 1024 / 1024);
        await read(await post(tall.url, ask("warm")));
        const before = memory();
        let most = 0;
        let bytes = 0;
        const response = await post(tall.url, ask("huge"));
        for await (const part of response.body) {
          bytes += part.length;
          most = Math.max(most, memory());
        }
        console.log(`${name}: ${(bytes / 1e6).toFixed(0)} MB passed, memory from ${before.toFixed(0)} to ${most.toFixed(0)} MiB`);
        assert.ok(bytes > HUGE);
        if (tall.pid) assert.ok(most - before < 64, `${before} to ${most} MiB`);
      } finally {
        await tall.stop();
        huge.close();
        huge.closeAllConnections();
      }
    });

    test("no secret goes where it should not", async () => {
      network.forget();
      const response = await post(edge.url, ask("tokens-3"), { Cookie: "session=1", "X-Other": "yes" });
      const answer = JSON.stringify([...response.headers]) + (await response.text());
      assert.ok(network.sent().includes(`Bearer ${KEY}`), "the provider gets its key");
      for (const secret of [ONE, "session=1", "X-Other", "x-other"]) assert.ok(!network.sent().includes(secret), `${secret} went on`);
      const errors = await Promise.all(["fault-9", "fault-12", "status-401"].map(async (model) => (await post(edge.url, ask(model))).text()));
      for (const text of [answer, ...errors, edge.said()]) for (const secret of [KEY, ONE]) assert.ok(!text.includes(secret), text);
    });

    test("only who may asks only what is allowed", async () => {
      const refusals = [
        [await post(edge.url, ask("tokens-3"), { Authorization: "Bearer wrong" }), 401, "invalid_api_key"],
        [await post(edge.url, "{"), 400, "invalid_request"],
        [await post(edge.url, ask(""), {}), 400, "invalid_request"],
        [await post(edge.url, ask("tokens-3"), { "Content-Type": "text/plain" }), 415, "unsupported_media_type"],
        [await fetch(`${edge.url}/v1/files`, { headers: { Authorization: `Bearer ${ONE}` } }), 404, "not_found"],
        [await fetch(`${edge.url}/v1/chat/completions`), 405, "method_not_allowed"],
      ];
      for (const [response, status, code] of refusals) assert.deepEqual([response.status, (await response.json()).error.code], [status, code]);
    });

    test("a Python client that reads lines runs against it", async () => {
      const python = fileURLToPath(new URL("../../.cache/python/bin/python", import.meta.url));
      assert.ok(existsSync(python), "./check installs it");
      const { stdout } = await promisify(execFile)(python, ["-c", PYTHON, edge.url, ONE]);
      assert.equal(stdout, "1\n2\n3\n4\n5\ndone\n");
    });

    test("pages of allowed origins may read, others may not", async () => {
      const preflight = (origin) => fetch(`${edge.url}/v1/chat/completions`, { method: "OPTIONS", headers: { Origin: origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type" } });
      const allowed = await preflight("https://app.example.com");
      assert.equal(allowed.status, 204);
      assert.equal(allowed.headers.get("access-control-allow-origin"), "https://app.example.com");
      assert.equal(allowed.headers.get("access-control-allow-headers"), "authorization,content-type");
      const foreign = await preflight("https://evil.example");
      assert.equal(foreign.status, 403);
      assert.equal(foreign.headers.get("access-control-allow-origin"), null);
    });

    test("before a Freshet each caller has its own streams", async () => {
      const client = new Freshet({ url: ahead.url, key: ONE });
      const answer = client.chat({ model: "tokens-30-at-50", messages: [{ role: "user", content: "count" }] });
      let other;
      for await (const _ of answer) {
        if (other || !answer.text.startsWith(FIVE)) continue;
        other = await Promise.all(
          [ONE, OTHER].map(async (key) => {
            const headers = { Authorization: `Bearer ${key}` };
            const [state, stop] = [await fetch(`${ahead.url}/v1/streams/${answer.id}`, { headers }), key === OTHER ? await fetch(`${ahead.url}/v1/streams/${answer.id}`, { method: "DELETE", headers }) : null];
            return [state.status, stop?.status];
          }),
        );
      }
      assert.deepEqual(other, [[200, undefined], [404, 404]]);
      assert.equal(answer.text.split(" ").length, 31);
      assert.equal(answer.report.state, "completed");
      const again = client.resume(answer.id);
      let text = "";
      for await (const delta of again) text += delta.text;
      assert.equal(text, answer.text);
      const raw = answer.id.slice(0, answer.id.lastIndexOf("."));
      assert.equal((await fetch(`${ahead.url}/v1/streams/${raw}`, { headers: { Authorization: `Bearer ${ONE}` } })).status, 404, "an id without its mark");
      const stopped = client.chat({ model: "tokens-5000-at-100", messages: [{ role: "user", content: "count" }] });
      for await (const _ of stopped) if (stopped.text.startsWith(FIVE)) break;
      assert.equal(stopped.report.state, "cancelled");
    });
  });
