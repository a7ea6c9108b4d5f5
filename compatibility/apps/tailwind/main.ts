import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/postcss";
import postcss from "postcss";

// The scanner is an addon: it sees the disk alone.
const base = mkdtempSync(join(tmpdir(), "pages-"));
writeFileSync(join(base, "index.html"), '<p class="text-red-500 p-4">');
const from = join(import.meta.dirname, "app.css");
const { css } = await postcss([tailwindcss({ base, optimize: false })]).process(readFileSync(from, "utf8"), {
  from,
});
for (const name of ["text-red-500", "p-4", "p-5", "m-1"]) console.log(name, css.includes(`.${name}`));
