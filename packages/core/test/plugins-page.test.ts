import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contractChecks } from "../src/testing/index.ts";

const repository = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(repository, path), "utf8");
const page = read("docs/plugins.md");
const reference = page.slice(page.indexOf("## Reference"));

/** The names of an interface's members, as its declaration has them. */
function membersOf(source: string, name: string): string[] {
  const body = new RegExp(`interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, "s").exec(source)![1]!;
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map((match) => match[1]!);
}

const contract = read("packages/core/src/plugin.ts");

test.each(["RunContext", "Transform", "PluginBase"])("docs/plugins.md tells of every field of %s", (name) => {
  const fields = membersOf(contract, name);
  expect(fields.length).toBeGreaterThan(5);
  expect(fields.filter((field) => !reference.includes(`\`${field}\``))).toEqual([]);
});

test("docs/plugins.md tells of every kind and every check", () => {
  const known = read("packages/core/src/kinds.ts");
  const kinds = [...known.matchAll(/^ {2}"?([a-z-]+)"?: \{ madeBy/gm)].map((match) => match[1]!);
  expect(kinds).toContain("bundle");
  expect([...kinds, ...contractChecks].filter((word) => !reference.includes(`\`${word}\``))).toEqual([]);
});

test("examples/custom-plugin is the plugin of the tutorial", () => {
  const block = (file: string) => page.split(`\`${file}\`:\n\n\`\`\`ts\n`)[1]!.split("```\n", 1)[0];
  const folder = "examples/custom-plugin/licenses";
  expect(read(`${folder}/options.ts`)).toBe(block("src/options.ts"));
  expect(read(`${folder}/index.ts`)).toBe(block("src/index.ts"));
  expect(read(`${folder}/plugin.test.ts`)).toBe(
    block("test/plugin.test.ts")?.replace("../src/index", "./index"),
  );
});
