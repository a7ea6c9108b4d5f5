import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { copyFile, cp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

// What `init` commands do: put a template where the user wants it.
const template = path.join(import.meta.dirname, "template");
const folder = mkdtempSync(path.join(os.tmpdir(), "files-copied-"));
cpSync(template, path.join(folder, "sync"), { recursive: true });
await cp(template, path.join(folder, "later"), { recursive: true, filter: (from) => !from.endsWith(".md") });
copyFileSync(path.join(template, "README.md"), path.join(folder, "one.md"));
await copyFile(path.join(template, "src/app.js"), path.join(folder, "two.js"));
for (const name of ["sync", "later"]) {
  const names = readdirSync(path.join(folder, name), { recursive: true }).map(String);
  console.log(
    name,
    names
      .map((file) => file.replaceAll(path.sep, "/"))
      .sort()
      .join(),
  );
}
writeFileSync(path.join(folder, "sync/README.md"), "changed");
console.log(
  readFileSync(path.join(folder, "one.md"), "utf8").trim(),
  readFileSync(path.join(folder, "two.js"), "utf8").trim(),
);
rmSync(folder, { recursive: true });
