import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { load, projectWith } from "./config-rig.ts";

const files = {
  "sbp.config.json": { pipeline: [{ use: "./tools/p.ts" }] },
  "tools/p.ts": `import { definePlugin } from "@sbp/core";
    import part from "./part.ts";
    import near from "near";
    import linked from "linked";
    export const place = [import.meta.url, part, near, linked];
    export default definePlugin({ name: "p", produces: ["report"], scope: "project", async run() {} });`,
  "tools/part.ts": "export default 1;",
  "node_modules/near/package.json": { name: "near", version: "1.0.0", main: "n.js" },
  "node_modules/near/n.js": "module.exports = 1;",
  "linked/package.json": { name: "linked", type: "module", exports: "./l.ts" },
  "linked/l.ts": "const one: number = 1;\nexport default one;",
};

function project(): string {
  const dir = projectWith(files);
  symlinkSync("../linked", join(dir, "node_modules/linked"));
  return dir;
}

async function digestOf(dir: string): Promise<string> {
  return (await load(dir)).steps[0]!.pluginDigest;
}

test("two clones of a project have the same digest, under whatever name", async () => {
  const [one, other] = [project(), project()];
  const digest = await digestOf(one);
  expect(digest).toMatch(/^p sha256:[0-9a-f]{64}$/);
  expect(await digestOf(other)).toBe(digest);
  const nested = join(projectWith({}), "some where/else");
  mkdirSync(nested, { recursive: true });
  cpSync(one, nested, { recursive: true, verbatimSymlinks: true });
  expect(await digestOf(nested)).toBe(digest);
});

test("a change of anything the plugin is made of changes the digest, in the same process", async () => {
  const dir = project();
  const digests = [await digestOf(dir)];
  const changed = async (file: string, content: string): Promise<void> => {
    writeFileSync(join(dir, file), content);
    digests.push(await digestOf(dir));
  };
  await changed("tools/p.ts", files["tools/p.ts"].replace('name: "p"', 'name: "q"'));
  expect((await load(dir)).steps[0]!.plugin.name).toBe("q");
  await changed("tools/part.ts", "export default 2;");
  await changed("linked/l.ts", "export default 2;");
  await changed("node_modules/near/package.json", '{ "name": "near", "version": "1.0.1", "main": "n.js" }');
  await changed("node_modules/near/n.js", "module.exports = 2;");
  expect(new Set(digests).size).toBe(digests.length);
});

test("a declared version is part of the digest", async () => {
  const dir = project();
  writeFileSync(join(dir, "tools/p.ts"), files["tools/p.ts"].replace('name: "p"', 'name: "p", version: "7"'));
  expect(await digestOf(dir)).toMatch(/^p@7 sha256:/);
});

test("loading leaves nothing behind, in the project or the temporary folder", async () => {
  const dir = project();
  // A temporary folder for this test alone: others load plugins meanwhile.
  const temporary = projectWith({});
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const listing = (): readonly string[] =>
    [dir, temporary].flatMap((folder) => readdirSync(folder, { recursive: true }).map(String));
  const before = listing();
  await digestOf(dir);
  rmSync(join(dir, "tools/part.ts"));
  await expect(digestOf(dir)).rejects.toMatchObject({ code: "SBP_PLUGIN_FAILED_TO_LOAD" });
  expect(listing()).toEqual(before.filter((name) => name !== "tools/part.ts"));
});
