// The chat page's libraries are what vendor.json says, to the byte, and each has its licence beside it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../chat/vendor/", import.meta.url);
const list = JSON.parse(readFileSync(new URL("vendor.json", folder), "utf8"));

for (const { file, sha256, licence } of list)
  test(`${file} is as it was published`, () => {
    assert.equal(createHash("sha256").update(readFileSync(new URL(file, folder))).digest("hex"), sha256);
    assert.ok(licence && existsSync(new URL(file.replace(".mjs", ".LICENSE.txt"), folder)));
  });

test("nothing else is there", () => {
  const known = list.flatMap(({ file }) => [file, file.replace(".mjs", ".LICENSE.txt"), file.replace(".mjs", ".d.mts")]);
  assert.deepEqual(readdirSync(folder).filter((name) => !known.includes(name)), ["renew.js", "vendor.json"]);
});
