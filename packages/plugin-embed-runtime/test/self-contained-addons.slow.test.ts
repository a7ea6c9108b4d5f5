import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { testAddon } from "../../../tools/test-addons.ts";
import { readPackedApp } from "../src/packed-app.ts";
import { appBuilder, scratchFolder } from "./app.ts";
import { output, rootWith, withMounts } from "./empty-root.ts";
import { addonFiles } from "./thrower.ts";

const run = promisify(execFile);

const readOnly =
  'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; exec chroot --userspec=65532:65532 "$1" /app';

const crashing = `
__attribute__((noinline)) void crash_here(int *place) { *place = 1; }
void *napi_register_module_v1(void *env, void *value) { crash_here((int *)8); return value; }
`.trimStart();

/** What docs/how-it-works/linux.md tells people to do, for gdb. */
const debugging = (addon: string) => `
set confirm off
run
info sharedlibrary
python
crash = int(gdb.parse_and_eval("(unsigned long)$pc"))
rows = [line.split() for line in gdb.execute("info proc mappings", to_string=True).splitlines()]
starts = [int(row[0], 16) for row in rows if len(row) == 5 and row[4] == "r--p"]
base = max(start for start in starts if start <= crash)
gdb.execute("add-symbol-file ${addon} -o %#x" % base)
end
backtrace 2
`;

const source = (first: string) => `
const { once } = require("node:events");
const { join } = require("node:path");
const { Worker } = require("node:worker_threads");
${first}
(async () => {
  const seen = [];
  for (let time = 0; time < 3; time++) {
    const worker = new Worker(join(__dirname, "worker.cjs"));
    const [[text]] = await Promise.all([once(worker, "message"), once(worker, "exit")]);
    seen.push(text);
  }
  const call = require("thrower/build/addon.node");
  console.log(JSON.stringify([...seen, call(), call()]));
})();
`;

describe("a self-contained executable", () => {
  test("loads addons and their libraries where nothing can be written, without /proc", async () => {
    const files = await addonFiles("x86_64-linux-gnu-");
    const prebuild = await readFile(
      join(await testAddon("bufferutil"), "prebuilds/linux-x64/bufferutil.node"),
    );
    const builder = await appBuilder("26.10.0");
    const first = 'console.log(typeof require("bufferutil/addon.node").unmask);';
    const { path } = await builder.build("main.cjs", source(first), {
      files: { ...files, "node_modules/bufferutil/addon.node": prebuild },
    });
    const root = await rootWith(path);
    const [kind, answers] = (await withMounts(readOnly, root)).split("\n");
    expect(kind).toBe("function");
    // Each worker ends, and its addon with it; only the main thread's stays.
    expect(JSON.parse(answers!)).toEqual([
      "caught 42 1",
      "caught 42 1",
      "caught 42 1",
      "caught 42 1",
      "caught 42 2",
    ]);
  });

  test("loads an addon of a registry's package there, which works on threads of its own", async () => {
    const name = "argon2.linux-x64-gnu.node";
    const addon = await readFile(join(await testAddon("@node-rs/argon2-linux-x64-gnu"), name));
    const builder = await appBuilder("26.10.0");
    const script = `
const { hash, verify } = require("argon2/${name}");
(async () => {
  const hashed = await hash("secret");
  console.log(hashed.slice(0, 10), await verify(hashed, "secret"), await verify(hashed, "guess"));
})();`;
    const { path } = await builder.build("main.cjs", script, {
      files: { [`node_modules/argon2/${name}`]: addon },
    });
    expect(await withMounts(readOnly, await rootWith(path))).toBe("$argon2id$ true false\n");
    // What tells the loader where the addons are is no secret to who rebases the executable.
    const { files } = await readPackedApp(path);
    expect(files.map((file) => file.path)).toContain(`node_modules/argon2/${name}`);
  });

  test("keeps an addon for workers while the main thread has it", async () => {
    const builder = await appBuilder("26.10.0");
    const first = 'require("thrower/build/addon.node")();';
    const { path } = await builder.build("main.cjs", source(first), {
      files: await addonFiles("x86_64-linux-gnu-"),
    });
    expect(JSON.parse(await output(["/usr/sbin/chroot", await rootWith(path), "/app"]))).toEqual([
      "caught 42 2",
      "caught 42 3",
      "caught 42 4",
      "caught 42 5",
      "caught 42 6",
    ]);
  });

  test("has names and lines of an addon that crashes, once gdb is told where it is", async () => {
    const folder = await mkdtemp(join(await scratchFolder(), "crash-"));
    const [code, addon, commands] = ["crash.c", "crash.node", "commands"].map((name) => join(folder, name));
    await writeFile(code!, crashing);
    await run("gcc", ["-g", "-O0", "-shared", "-fPIC", code!, "-o", addon!]);
    await writeFile(commands!, debugging(addon!));
    const builder = await appBuilder("26.10.0");
    const { path } = await builder.build("main.cjs", 'require("crash/crash.node");', {
      files: { "node_modules/crash/crash.node": await readFile(addon!) },
    });
    const printed = await output(["/usr/bin/gdb", "-nx", "-batch", "-x", commands!, path]);
    expect(printed).toContain("No shared libraries loaded at this time.");
    expect(printed).toMatch(/#0 .* in crash_here \(place=0x8\) at .*crash\.c:1\n/);
    expect(printed).toMatch(/#1 .* in napi_register_module_v1 .* at .*crash\.c:2\n/);
  });

  test("loads addons for arm64 under QEMU", async () => {
    const builder = await appBuilder("26.10.0", "linux-arm64");
    const { path } = await builder.build("main.cjs", source(""), {
      files: await addonFiles("aarch64-linux-gnu-"),
    });
    const root = await rootWith(path);
    await copyFile("/usr/bin/qemu-aarch64-static", join(root, "qemu"));
    expect(JSON.parse(await output(["/usr/sbin/chroot", root, "/qemu", "/app"]))).toHaveLength(5);
  });

  test("says why an addon cannot be loaded", async () => {
    const files = { "broken.node": "no addon", "node_modules/empty/addon.node": "" };
    const builder = await appBuilder("26.10.0");
    const script = `
for (const name of ["./broken.node", "empty/addon.node"])
  try { require(name); } catch (error) { console.log(error.code, error.message.replace(/^.*: /, "")); }`;
    const { path } = await builder.build("main.cjs", script, { files });
    expect(await output(["/usr/sbin/chroot", await rootWith(path), "/app"])).toBe(
      "ERR_DLOPEN_FAILED invalid ELF header\nERR_DLOPEN_FAILED file too short\n",
    );
  });
});
