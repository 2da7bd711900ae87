// Renews the libraries of the chat page: `node renew.js` fetches from npm what vendor.json names, as it is published, and
// notes each file's hash. To take another version, change it there and run this.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const list = JSON.parse(readFileSync(join(here, "vendor.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "vendor-"));
try {
  for (const entry of list) {
    const packed = execFileSync("npm", ["pack", "--silent", `${entry.package}@${entry.version}`], { cwd: folder, encoding: "utf8" }).trim();
    execFileSync("tar", ["xzf", packed], { cwd: folder });
    // The map that a last line names is not here, and a browser's tools would ask for it.
    const bytes = Buffer.from(readFileSync(join(folder, "package", entry.from), "utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"));
    writeFileSync(join(here, entry.file), bytes);
    writeFileSync(join(here, entry.file.replace(".mjs", ".LICENSE.txt")), readFileSync(join(folder, "package", "LICENSE")));
    entry.sha256 = createHash("sha256").update(bytes).digest("hex");
    rmSync(join(folder, "package"), { recursive: true });
  }
  writeFileSync(join(here, "vendor.json"), "[\n" + list.map((entry) => "  " + JSON.stringify(entry)).join(",\n") + "\n]\n");
} finally {
  rmSync(folder, { recursive: true });
}
