// The system's Chromium, and what is run in it.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

/** Without the rules for pages of other origins: the simulated provider has none, and CORS is the gateway's tests' matter. */
export function launch() {
  const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-web-security"] });
}

/** A file of engines/ and all that it imports, in one. @param {string} entry @param {import("esbuild").BuildOptions} [more] */
export async function bundle(entry, more = {}) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`engines/${entry}`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    ignoreAnnotations: true, // a file of tests is imported for its effects
    target: "es2022",
    ...more,
    define: { "process.env.NODE_ENV": '"production"', ...more.define },
  });
  return outputFiles[0].text;
}
