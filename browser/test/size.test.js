// What a page that bundles the library has to load.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const MOST = 6 * 1024;

test("the library is small", () => {
  const bundle = execFileSync(here("../node_modules/.bin/esbuild"), [here("../freshet.js"), "--bundle", "--minify", "--format=esm"]);
  const compressed = gzipSync(bundle, { level: 9 }).length;
  console.log(`bundled and minified ${bundle.length} bytes, compressed ${compressed}`);
  assert.ok(compressed < MOST, `${compressed} bytes`);
});
