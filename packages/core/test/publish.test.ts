import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ArtifactWriter, definePlugin, type Plugin } from "../src/index.ts";
import { Rig, reader, shouter } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

function maker(
  name: string,
  fill: (out: ArtifactWriter) => Promise<void> | void,
  extra: object = {},
): Plugin {
  return definePlugin({
    name,
    produces: [name],
    scope: "project",
    run: async ({ write }: Parameters<Plugin["transforms"][0]["run"]>[0]) =>
      void (await write(name, {}, fill)),
    ...extra,
  } as Parameters<typeof definePlugin>[0]);
}

const files =
  (contents: Record<string, string>, executable = false) =>
  async (out: ArtifactWriter) => {
    for (const [path, text] of Object.entries(contents)) await out.file(path, text, { executable });
  };

/** A fresh set of options each time makes every step run. */
let round = 0;
const build = (...plugins: Plugin[]) => rig.build(plugins.map((plugin) => [plugin, { round: round++ }]));

test("no output takes the manifest's place", async () => {
  const { errors } = await build(maker("x", files({ "sbp-manifest.json": "mine" })));
  expect(errors).toMatchObject([{ code: "SBP_OUTPUT_COLLISION" }]);
  expect(await readdir(rig.dir)).toEqual([]);
});

test("an output is not the folder of another", async () => {
  const { errors } = await build(maker("x", files({ a: "" })), maker("y", files({ "a/b": "" })));
  expect(errors).toMatchObject([{ code: "SBP_OUTPUT_COLLISION" }]);
  const lanes = maker("x", files({ app: "" }), { scope: "target", lanes: () => ["linux-x64"] });
  const { errors: more } = await build(lanes, maker("y", files({ "linux-x64": "" })));
  expect(more).toMatchObject([{ code: "SBP_OUTPUT_COLLISION" }]);
});

test.each(["b", "sbp-manifest.json"])("a folder at the place of %s stops all of them", async (name) => {
  await build(maker("x", files({ a: "old", b: "old" })));
  await rm(join(rig.dir, "dist", name));
  await rig.write(`dist/${name}/precious`, "precious");
  const { errors } = await build(maker("x", files({ a: "new", b: "new" })));
  expect(errors).toMatchObject([{ code: "SBP_OUTPUT_NOT_WRITABLE" }]);
  expect(await rig.read("dist/a")).toBe("old");
  expect(await rig.read(`dist/${name}/precious`)).toBe("precious");
  expect((await readdir(join(rig.dir, "dist"))).sort()).toEqual(["a", "b", "sbp-manifest.json"]);
});

test("a file that becomes executable, with the same bytes", async () => {
  await build(maker("x", files({ a: "text" })));
  const mode = async () => (await stat(join(rig.dir, "dist/a"))).mode & 0o777;
  expect(await mode()).toBe(0o644);
  const { outputs } = await build(maker("x", files({ a: "text" }, true)));
  expect(await mode()).toBe(0o755);
  expect(outputs).toMatchObject([{ unchanged: false }]);
  await build(maker("x", files({ a: "text" })));
  expect(await mode()).toBe(0o644);
});

test("a mode that somebody changed is put right", async () => {
  await build(maker("x", files({ a: "text" }, true)));
  await chmod(join(rig.dir, "dist/a"), 0o600);
  await build(maker("x", files({ a: "text" }, true)));
  expect((await stat(join(rig.dir, "dist/a"))).mode & 0o777).toBe(0o755);
});

test("an output folder that is a link, or lies in one", async () => {
  await rig.write("in.txt", "hello");
  await mkdir(join(rig.top, "elsewhere"));
  await symlink(join(rig.top, "elsewhere"), join(rig.dir, "dist"));
  expect((await rig.build([reader(), shouter])).outcome).toBe("done");
  expect(await rig.read("../elsewhere/shout.txt")).toBe("HELLO");
  expect(await readlink(join(rig.dir, "dist"))).toBe(join(rig.top, "elsewhere"));
});

test("an output folder that is a link to nowhere", async () => {
  await symlink("nowhere", join(rig.dir, "dist"));
  const { errors } = await build(maker("x", files({ a: "text" })));
  expect(errors).toMatchObject([{ code: "SBP_OUTPUT_NOT_WRITABLE" }]);
  expect(await readlink(join(rig.dir, "dist"))).toBe("nowhere");
});

test("an output that is a link is replaced, not followed", async () => {
  await rig.write("precious", "precious");
  await mkdir(join(rig.dir, "dist"));
  await symlink("../precious", join(rig.dir, "dist/a"));
  await build(maker("x", files({ a: "text" })));
  expect(await rig.read("dist/a")).toBe("text");
  expect(await rig.read("precious")).toBe("precious");
});

test("an executable that runs is replaced", async () => {
  const sleeper = (tail: string) =>
    maker("x", async (out) => {
      const path = await out.reserve("app", { executable: true });
      await copyFile("/bin/sleep", path);
      await chmod(path, 0o755);
      await writeFile(path, tail, { flag: "a" });
    });
  await build(sleeper("one"));
  const running = spawn(join(rig.dir, "dist/app"), ["60"]);
  await once(running, "spawn");
  const { outcome } = await build(sleeper("two"));
  const ended = once(running, "exit");
  running.kill();
  await ended;
  expect(outcome).toBe("done");
  expect((await readFile(join(rig.dir, "dist/app"))).subarray(-3).toString()).toBe("two");
});

test("half-made files of killed builds go, all others stay", async () => {
  await build(maker("x", files({ a: "old" })));
  const child = spawn("true");
  await once(child, "exit");
  const { temporaryName } = await import("../src/write-file-atomic.ts");
  const place = join(rig.dir, "dist/a");
  const own = temporaryName(place);
  const killed = own.replace(`-${process.pid}-`, `-${child.pid}-`);
  const others = [
    own,
    join(rig.dir, "dist/.a.tmp"),
    join(rig.dir, "dist/a.sbp-1-1.tmp"),
    join(rig.dir, "dist/.a.sbp"),
  ];
  for (const path of [killed, ...others]) await writeFile(path, "x");
  await build(maker("x", files({ a: "new" })));
  const names = await readdir(join(rig.dir, "dist"));
  expect(names).not.toContain(killed.split("/").at(-1));
  for (const path of others) expect(names).toContain(path.split("/").at(-1));
});

test("what fails leaves nothing half made, however many files are on their way", async () => {
  await rig.write("dist/z", "a file where a folder should be");
  const contents: Record<string, string> = { "z/y": "" };
  for (let index = 0; index < 50; index++) contents[`folder-${index}/f`] = "x".repeat(100_000);
  const { errors } = await build(maker("x", files(contents)));
  expect(errors).toMatchObject([{ code: "SBP_OUTPUT_NOT_WRITABLE" }]);
  const names = await readdir(join(rig.dir, "dist"), { recursive: true });
  expect(names.filter((name) => /tmp|\/f$/.test(name))).toEqual([]);
});

test("more outputs than files may be open", async () => {
  const script = join(rig.top, "many.ts");
  const core = join(import.meta.dirname, "../src/index.ts");
  await writeFile(
    script,
    `import { build, definePlugin, openStore } from ${JSON.stringify(core)};
    const plugin = definePlugin({ name: "many", produces: ["many"], scope: "project",
      async run({ write }) {
        await write("many", {}, async (out) => {
          await Promise.all(Array.from({ length: 600 }, (_, i) => out.file("f" + i, "x".repeat(1000) + i)));
        });
      } });
    const project = { dir: ${JSON.stringify(rig.dir)}, app: { name: "app", version: "1" }, config: {}, files: [],
      outDir: ${JSON.stringify(join(rig.dir, "dist"))},
      steps: [{ id: "many", use: "many", plugin, pluginDigest: "1", options: {} }] };
    const result = await build({ project, store: await openStore(${JSON.stringify(join(rig.top, "many-cache"))}) });
    console.log(result.outcome, result.outputs.length, String(result.errors));`,
  );
  const command = `ulimit -n 120; exec "$0" --conditions=@sbp/source "$1"`;
  const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, script]);
  expect(stdout).toBe("done 600 \n");
  expect(await readdir(join(rig.dir, "dist"))).toHaveLength(601);
});

test("an output that is taken away while it is put in place is put there by the next build", async () => {
  const plugin = maker("x", files({ a: "text" }));
  await rig.build([plugin]);
  await rm(join(rig.dir, "dist"), { recursive: true });
  expect(await rig.build([plugin])).toMatchObject({ ran: [], outputs: [{ unchanged: false }] });
  expect(await rig.read("dist/a")).toBe("text");
});
