// The platforms, run for real on this machine: each is an address, its settings, and what it printed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EdgeRuntime, runServer } from "edge-runtime";
import { build } from "esbuild";
import { Log, LogLevel, Miniflare } from "miniflare";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** One file, as the platforms' own tools make it. */
async function bundle(options) {
  const { outputFiles } = await build({ bundle: true, write: false, format: "esm", target: "es2022", ...options });
  return outputFiles[0].text;
}

/** A program that says in a line where it listens. */
async function program(command, args, env) {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: "0", ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const port = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${said}`)));
    const look = (line) => {
      said += line + "\n";
      const found = /(?:listening on |:)(\d+)\/?(?: |$)/i.exec(line.replace(/\u001b\[[\d;]*m/g, "").trim());
      if (found) resolve(Number(found[1]));
    };
    createInterface(child.stdout).on("line", look);
    createInterface(child.stderr).on("line", look);
  });
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, said: () => said, stop: () => (child.kill("SIGKILL"), once(child, "exit")) };
}

const proc = (pid, file) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it has ended
  }
};
const parent = (pid) => Number(/PPid:\s+(\d+)/.exec(proc(pid, "status"))?.[1]);
const command = (pid) => proc(pid, "cmdline");

/** @type {Record<string, (env: Record<string, string>) => Promise<{url: string, pid?: number, said(): string, stop(): unknown}>>} */
export const PLATFORMS = {
  "Cloudflare Workers (workerd)": async (env) => {
    let said = "";
    const worker = new Miniflare({
      modules: true,
      script: await bundle({ entryPoints: [here("cloudflare/worker.js")] }),
      compatibilityDate: "2025-10-01",
      compatibilityFlags: ["enable_request_signal"],
      bindings: env,
      port: 0,
      cf: false, // it would be fetched from elsewhere
      log: Object.assign(new Log(LogLevel.DEBUG), { log: (line) => (said += line + "\n") }),
      handleRuntimeStdio: (out, err) => [out, err].forEach((stream) => stream.on("data", (text) => (said += text))),
    });
    const url = String(await worker.ready).replace(/\/$/, "");
    // The engine's process, for its memory.
    const pid = readdirSync("/proc").filter((one) => /^\d+$/.test(one)).map(Number).filter((one) => parent(one) === process.pid && command(one).includes("workerd")).sort((a, b) => a - b).at(-1);
    return { url, pid, said: () => said, stop: () => worker.dispose() };
  },
  "Vercel (edge-runtime)": async (env) => {
    const code = await bundle({
      stdin: { contents: `import handler from "./vercel/handler.js"; addEventListener("fetch", (event) => event.respondWith(handler(event.request, event)));`, resolveDir: here("."), sourcefile: "entry.js" },
      format: "iife",
    });
    const runtime = new EdgeRuntime({ initialCode: code, extend: (context) => Object.assign(context, { process: { env } }) });
    const server = await runServer({ runtime, port: 0, host: "127.0.0.1" });
    return { url: server.url.replace(/\/$/, ""), said: () => "", stop: () => server.close() };
  },
  "Deno Deploy (Deno)": (env) => program(here("node_modules/.bin/deno"), ["run", "--no-check", "--allow-net", "--allow-env", here("deno/main.js")], env),
  "Node": (env) => program(process.execPath, [here("node/main.js")], env),
};
