// The same tests of the library in other engines: workerd (Cloudflare's Workers), and Chromium.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Miniflare } from "miniflare";
import { bundle, launch } from "./chromium.js";
import { cutter, gateway, simulator } from "./programs.js";

const here = (path) => new URL(path, import.meta.url).pathname;
const CASES = here("../../conformance/sse/");

/** Puts the tests and the library into one file; what an engine does not have is replaced. */
async function suites(entry, engine) {
  const files = Object.fromEntries(readdirSync(CASES).map((name) => [name, readFileSync(CASES + name, "base64")]));
  const fs = `const files = ${JSON.stringify(files)};
    export const readdirSync = () => Object.keys(files);
    export const readFileSync = (url) => Uint8Array.from(atob(files[url.pathname.split("/").at(-1)]), (c) => c.charCodeAt(0));`;
  return bundle(entry, {
    define: { "import.meta.url": JSON.stringify("file:///browser/test/bundle.js"), ENGINE: JSON.stringify(engine) },
    alias: { "node:test": here("engines/runner.js"), "node:assert/strict": here("engines/assert.js") },
    plugins: [
      {
        name: "replaced",
        setup(all) {
          all.onResolve({ filter: /^node:fs$/ }, () => ({ path: "fs", namespace: "cases" }));
          all.onLoad({ filter: /.*/, namespace: "cases" }, () => ({ contents: fs }));
          all.onResolve({ filter: /^\.\/programs\.js$/ }, () => ({ path: here("engines/programs.js") }));
        },
      },
    ],
  });
}

let provider;
let served;
let control;
let page = "";
const networks = [];
before(async () => {
  provider = await simulator();
  served = await gateway(provider.url);
  control = createServer(async (request, response) => {
    const body = await request.toArray();
    const asked = body.length ? JSON.parse(Buffer.concat(body).toString()) : null;
    const answers = {
      "/": () => `<!doctype html><title>The library's tests</title><script type="module">${page}</script>`,
      "/simulator": () => ({ url: provider.url }),
      "/gateway": () => ({ url: served.url }),
      "/cutter": async () => {
        let next = 0;
        const network = await cutter(asked.url, () => asked.budgets[next++ % asked.budgets.length]);
        return { url: network.url, number: networks.push(network) - 1 };
      },
      "/cuts": () => networks[asked].cuts(),
      "/stop": () => (networks[asked].stop(), null),
    };
    const answer = await answers[request.url]?.();
    if (typeof answer === "string") response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer ?? null));
  });
  control.listen(0, "127.0.0.1");
  await once(control, "listening");
});
after(async () => {
  control?.closeAllConnections();
  control?.close();
  for (const network of networks) network.stop();
  await Promise.all([served?.stop(), provider?.stop()]);
});
const address = () => `http://127.0.0.1:${control.address().port}`;

/** Runs each test of an engine, and reports it as a test of its own. */
async function all(t, names, run) {
  assert.ok(names.length > 150, `${names.length} tests`);
  for (const name of names)
    await t.test(name, async () => {
      const failure = await run(name);
      if (failure) assert.fail(failure);
    });
}

/** Begins an answer in a tab, behind a network that can be cut. */
async function begin(tab) {
  const network = await cutter(served.url, () => Infinity);
  networks.push(network);
  await tab.evaluate(async (url) => {
    const answer = new globalThis.Freshet({ url }).chat({ model: "tokens-200-at-100", messages: [{ role: "user", content: "count" }] });
    const states = [];
    answer.addEventListener("state", () => states.push(answer.state.name));
    Object.assign(globalThis, { answer, states, reading: (async () => { for await (const _ of answer); })() });
    while (!answer.text.includes("20 ")) await new Promise((resolve) => setTimeout(resolve, 10));
  }, network.url);
  return network;
}

const counted = Array.from({ length: 200 }, (_, at) => `${at + 1} `).join("");

async function offline(tab) {
  const network = await begin(tab);
  await tab.context().setOffline(true);
  network.break();
  await tab.waitForFunction(() => globalThis.states.includes("reconnecting"));
  const tries = network.count();
  await tab.waitForTimeout(2_000); // many times the first wait
  assert.equal(network.count(), tries, "nothing is tried without a network");
  await tab.context().setOffline(false);
  await tab.waitForFunction(() => globalThis.states.includes("resumed"), null, { timeout: 5_000 });
  await tab.evaluate(() => globalThis.reading);
  assert.equal(await tab.evaluate(() => globalThis.answer.text), counted);
}

async function lookedAtAgain(tab) {
  const network = await begin(tab);
  network.refuse(true);
  network.break();
  // Until it waits for long; then the network is back, and somebody looks.
  await tab.waitForFunction(() => globalThis.answer.state.name === "reconnecting" && globalThis.answer.state.in > 3_000, null, { timeout: 60_000 });
  network.refuse(false);
  await tab.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await tab.waitForFunction(() => globalThis.states.includes("resumed"), null, { timeout: 2_500 });
  await tab.evaluate(() => globalThis.reading);
  assert.equal(await tab.evaluate(() => globalThis.answer.text), counted);
}

test("workerd", async (t) => {
  const worker = new Miniflare({
    modules: true,
    script: await suites("worker.js", "workerd"),
    compatibilityDate: "2025-10-01",
    bindings: { CONTROL: address() },
  });
  try {
    const names = await (await worker.dispatchFetch("http://worker/")).json();
    await all(t, names, async (name) => (await worker.dispatchFetch(`http://worker/?name=${encodeURIComponent(name)}`)).text());
  } finally {
    await worker.dispose();
  }
});

test("Chromium", async (t) => {
  page = await suites("page.js", "chromium");
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    await tab.goto(address());
    const names = await tab.evaluate(() => globalThis.names());
    await all(t, names, (name) => tab.evaluate((one) => globalThis.run(one), name));
    await t.test("a page that is offline waits, and goes on at once when it is back", () => offline(tab));
    await t.test("a page that is looked at again tries at once", () => lookedAtAgain(tab));
  } finally {
    await browser.close();
  }
});
