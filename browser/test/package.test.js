// The package as npm would publish it, used as strangers use it: strict TypeScript, and the examples of the documentation.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle, launch } from "./chromium.js";
import { gateway, simulator } from "./programs.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TSC = join(ROOT, "node_modules/.bin/tsc");
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

let folder;
let provider;
let served;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "consumer-"));
  const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], ROOT));
  writeFileSync(join(folder, "package.json"), '{"type": "module", "private": true}');
  run("npm", ["install", "--no-audit", "--no-fund", "--offline", `./${filename}`], folder);
  cpSync(join(ROOT, "examples"), join(folder, "examples"), { recursive: true });
  provider = await simulator();
  served = await gateway(provider.url);
});
after(() => Promise.all([served?.stop(), provider?.stop()]));

test("it has what it needs, and no more", () => {
  const installed = join(folder, "node_modules/@freshet/client");
  const names = readdirSync(installed);
  assert.deepEqual(names.sort(), ["LICENSE", "README.md", "answer.js", "assembly.js", "error.js", "freshet.js", "package.json", "random.js", "sse.js", "types", "wait.js"]);
  assert.ok(readdirSync(join(installed, "types")).includes("freshet.d.ts"));
});

const CONSUMER = `import { Freshet, FreshetError, type Answer, type ChatOptions, type ChatRequest, type Delta, type State } from "@freshet/client";
import { SseDecoder } from "@freshet/client/sse.js";

const options: ChatOptions = { idle: 30_000, stopWhen: (text: string, tokens: number) => tokens > 50 && text.length < 10 };
const request: ChatRequest = { model: "demo", messages: [{ role: "user", content: "Hello" }], temperature: 0 };
const answer: Answer = new Freshet({ url: "http://127.0.0.1:8080", key: async () => "sk" }).chat(request, options);
export async function read(): Promise<string> {
  try {
    for await (const delta of answer) {
      const { text, reasoning, toolCalls }: Delta = delta;
      void [text.length, reasoning.length, toolCalls.length];
    }
  } catch (error) {
    if (error instanceof FreshetError) return \`\${error.code} \${error.status} \${error.retryable} \${error.retryAfter} \${error.text}\`;
    throw error;
  }
  const state: State = answer.state;
  if (state.name === "reconnecting") return \`\${state.in} \${state.tries} \${state.error.code}\`;
  // @ts-expect-error: there is no such state
  if (state.name === "sleeping") return "";
  return answer.text;
}
// @ts-expect-error: a request names its model
new Freshet().chat({ messages: [] });
// @ts-expect-error: a time is a number
new Freshet().chat(request, { idle: "30s" });
export const decoder = new SseDecoder({ event: ({ type, data, lastEventId }) => void [type, data, lastEventId] });
`;

for (const resolution of ["nodenext", "bundler"])
  test(`a strict consumer in TypeScript compiles (${resolution})`, () => {
    writeFileSync(join(folder, "consumer.ts"), CONSUMER);
    const module = resolution === "bundler" ? ["--module", "esnext", "--moduleResolution", "bundler"] : ["--module", "nodenext"];
    const { status, stdout } = spawnSync(TSC, ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom,dom.iterable,dom.asynciterable", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", ...module, "consumer.ts"], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });

const example = (name) => run(process.execPath, [`examples/${name}`, served.url], folder);

test("the examples do what the documentation says", () => {
  assert.match(example("stream.js"), /^Hello! I am `demo`, the simulated model/);
  const early = example("stop-early.js");
  assert.match(early, /apple/);
  assert.doesNotMatch(early.split("\n").at(-2), /banana/);
  assert.match(early.trim().split("\n").at(-1), /^stopped after \d+ tokens, completed after \d+ tokens$/);
  assert.match(example("errors.js"), /upstream_truncated: .*\nWhat came: 1 2 3 4 5 \nTry again in \d+ ms/);
});

test("the hook shows an answer, stops it, and stops it when the page goes", async () => {
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    await tab.addScriptTag({ type: "module", content: await bundle("react.js") });
    await tab.waitForFunction(() => globalThis.begin);
    await tab.evaluate((url) => globalThis.begin(url), served.url);
    const ask = (model) => tab.evaluate((one) => void globalThis.ask({ model: one, messages: [{ role: "user", content: "count" }] }), model);
    const shows = (text, state) => tab.waitForFunction(([a, b]) => document.querySelector("#text").textContent.startsWith(a) && document.querySelector("#state").textContent === b, [text, state], { timeout: 10_000 });
    await tab.waitForFunction(() => globalThis.ask);
    await ask("tokens-20-at-100");
    await shows("1 2 3 ", "streaming");
    await shows("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ", "done");
    await ask("tokens-5000-at-100");
    await shows("1 2 3 ", "streaming");
    await tab.evaluate(() => globalThis.stop());
    await shows("1 2 3 ", "stopped");
    await ask("no-done");
    await shows("1 2 3 4 5 ", "upstream_truncated");
    await ask("tokens-5000-at-100");
    await shows("1 2 3 ", "streaming");
    const [stopped] = await Promise.all([tab.waitForRequest((request) => request.method() === "DELETE", { timeout: 5_000 }), tab.evaluate(() => globalThis.leave())]);
    assert.match(stopped.url(), /\/v1\/streams\//);
  } finally {
    await browser.close();
  }
});

test("the documentation shows the examples as they are", () => {
  const document = readFileSync(new URL("../../docs/browser-client.md", import.meta.url), "utf8");
  for (const name of readdirSync(join(ROOT, "examples"))) assert.ok(document.includes(readFileSync(join(ROOT, "examples", name), "utf8").trim()), name);
});
