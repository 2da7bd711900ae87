// The real programs that the tests run: the simulated provider and the gateway, from the packed jar, and a network that breaks.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const JAR = fileURLToPath(new URL("../../cli/target/freshet.jar", import.meta.url));
const JAVA = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin/java") : "java";

/** Runs freshet until the line that names its API. */
async function freshet(...args) {
  const child = spawn(JAVA, ["-jar", JAR, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const lines = createInterface(child.stdout);
  const api = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`freshet ${args.join(" ")} ended with ${code}:\n${said}`)));
    lines.on("line", (line) => {
      said += line + "\n";
      const found = /^ {2}API +(\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
  });
  return { url: api, said: () => said, stop: () => (child.kill(), once(child, "exit")) };
}

/** A simulated provider; with a script, its models. */
export function simulator(script) {
  return freshet("simulate", "--port", "0", ...(script ? ["--script", file("script.yaml", script)] : []));
}

/** A gateway before a provider. */
export function gateway(provider, more = "") {
  const folder = mkdtempSync(join(tmpdir(), "freshet-"));
  const yaml = `listen: {port: 0}
data: ${folder}
access: open
providers: {up: {base_url: "${provider}"}}
models: {"*": {targets: [{provider: up}], retry: {attempts: 2, base: 1ms}, timeouts: {first_token: 10s, idle: 10s}}}
${more}`;
  return freshet("serve", "-c", file("freshet.yaml", yaml));
}

function file(name, text) {
  const path = join(mkdtempSync(join(tmpdir(), "freshet-")), name);
  writeFileSync(path, text);
  return path;
}

/** A network before an address, which cuts each connection after some bytes to the client; Infinity for never. */
export async function cutter(url, budget) {
  const target = new URL(url);
  let cuts = 0;
  let count = 0;
  let refusing = false;
  const clients = new Set();
  const server = createServer((client) => {
    count++;
    if (refusing) return client.destroy();
    clients.add(client.once("close", () => clients.delete(client)));
    const up = connect(Number(target.port), target.hostname);
    let left = budget();
    const close = () => (client.destroy(), up.destroy());
    up.on("data", (bytes) => {
      client.write(bytes.subarray(0, left));
      if ((left -= bytes.length) > 0) return;
      cuts++;
      close();
    });
    client.on("data", (bytes) => up.write(bytes));
    for (const socket of [client, up]) socket.on("error", close).on("close", close);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}/v1`, cuts: () => cuts, stop: () => server.close(), count: () => count, break: () => clients.forEach((client) => client.destroy()), refuse: (yes) => (refusing = yes) };
}
