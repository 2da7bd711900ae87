// Our client beside others in Chromium, over the same faults; what is seen stands in docs/browser-client.md.
//   WRITE=yes node --test test/contenders.test.js    writes it there
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { after, before, test } from "node:test";
import { bundle, launch } from "./chromium.js";
import { expectations, FAULTS, FIVE } from "./faults.js";
import { simulator } from "./programs.js";

const DOCUMENT = new URL("../../docs/browser-client.md", import.meta.url);
const MARKS = ["<!-- written by a test: clients, begin -->", "<!-- written by a test: clients, end -->"];
const NAMES = ["Freshet", "EventSource", "fetch-event-source", "eventsource-client", "AI SDK"];
const HANGS = 10_000; // milliseconds: five times the limit of silence that ours has here
const AT_ONCE = 12;
const EXPECTED = expectations("chromium");
// A reset takes with it what Chromium has not handed on yet, so the text is now this and now that.
const COMPARED = FAULTS.filter((name) => name !== "fault-18" && name !== "fault-19");

let provider;
let browser;
before(async () => {
  provider = await simulator();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await provider?.stop();
});

/** A network before the provider that counts how often it is asked, and asks for an EventSource, which cannot POST. */
async function counting() {
  const target = new URL(provider.url);
  let asked = 0;
  const server = createServer((client) => {
    const up = connect(Number(target.port), target.hostname);
    client.on("data", (bytes) => {
      const begin = bytes.toString("latin1", 0, 300);
      if (/^(POST|GET) /.test(begin)) asked++;
      const model = /^GET \S*[?&]model=([\w-]+)/.exec(begin)?.[1];
      if (!model) return void up.write(bytes);
      const body = JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "count" }] });
      up.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: provider\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    up.on("data", (bytes) => client.write(bytes));
    up.on("end", () => client.end());
    up.on("error", () => client.resetAndDestroy());
    client.on("error", () => up.destroy()).on("close", () => up.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}/v1`, asked: () => asked, stop: () => server.close() };
}

/** What became of each fault with one client. */
async function seen(name) {
  const tab = await browser.newPage();
  await tab.addScriptTag({ type: "module", content: await bundle("contenders.js") });
  await tab.waitForFunction(() => globalThis.contend);
  const results = {};
  const left = [...COMPARED];
  const worker = async () => {
    for (let model = left.shift(); model; model = left.shift()) {
      const network = await counting();
      const result = await tab.evaluate((args) => globalThis.contend(...args), [name, network.url, model, HANGS]);
      results[model] = { ...result, asked: network.asked() };
      network.stop();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await tab.close();
  return results;
}

/** In words, as the table has it. */
function verdict({ text, whole, error, hangs, asked }, model, ours) {
  const expected = EXPECTED[model] ?? { code: null, text: FIVE };
  const said = [];
  if (hangs) said.push("**hangs**");
  else if (expected.code === null && (error || !whole)) said.push("fails");
  else if (expected.code === "broken" && whole) said.push("**no limit**");
  else if (expected.code !== null && whole) said.push("**takes it for whole**");
  if (said[0] === "**no limit**") return said[0];
  if (text.length > expected.text.length && text.startsWith(expected.text)) said.push("**repeats text**");
  else if (text !== expected.text) said.push("loses text");
  if (asked > ours.asked) said.push("asks again");
  return said.join(", ") || "right";
}

test("what each client makes of each fault is what the document says", { timeout: 300_000 }, async () => {
  const page = await (await fetch(provider.url.replace(/\/v1$/, "/"))).text();
  const what = Object.fromEntries([...page.matchAll(/<code>(fault-[\w-]+)<\/code>(?: <code>[^<]*<\/code>)?<td>([^\n]*)/g)].map(([, name, text]) => [name, text]));
  const results = {};
  await Promise.all(NAMES.map(async (name) => (results[name] = await seen(name))));
  const rows = COMPARED.map((model) => {
    const own = results.Freshet[model];
    const expected = EXPECTED[model] ?? { code: null, text: FIVE };
    const ours = own.error ? "fails" : "survives";
    assert.deepEqual({ fails: Boolean(own.error), text: own.text, hangs: own.hangs }, { fails: expected.code !== null, text: expected.text, hangs: false }, `${model}: ${own.error}`);
    const others = NAMES.slice(1).map((name) => verdict(results[name][model], model, own));
    return `| \`${model}\` | ${plain(what[model] ?? "")} | ${ours} | ${others.join(" | ")} |`;
  }).sort((a, b) => Number(/fault-(\d+)/.exec(a)[1]) - Number(/fault-(\d+)/.exec(b)[1]));
  const table = [`| model | what it does | ${NAMES.join(" | ")} |`, `|---|---|${NAMES.map(() => "---|").join("")}`, ...rows].join("\n");
  const document = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = MARKS.map((mark) => document.indexOf(mark));
  assert.ok(begin > 0 && end > begin, "the document has the marks");
  const written = document.slice(0, begin + MARKS[0].length) + `\n\n${table}\n\n` + document.slice(end);
  if (process.env.WRITE) writeFileSync(DOCUMENT, written);
  else {
    const known = new Set(document.split("\n"));
    const changed = written.split("\n").filter((line) => !known.has(line));
    assert.deepEqual(changed, [], "run it with WRITE=yes, and look at what changed");
  }
});

/** @param {string} html */
function plain(html) {
  return html.replace(/<\/?code>/g, "`").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&").replace(/\|/g, "\\|");
}
