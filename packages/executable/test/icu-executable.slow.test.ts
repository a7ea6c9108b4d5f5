/** Executables of runtimes with reduced data: they run, and are as small as promised. */
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { testedVersions, testRuntime } from "../../../tools/test-runtimes.ts";
import {
  appendEdit,
  applyEdit,
  elfTail,
  findUnique,
  loadedRanges,
  parseElfTemplate,
  planElfTemplate,
  readElf,
} from "../src/index.ts";
import { reducedRuntime } from "./icu-tools.ts";
import { openSource, readelf, readelfSegments, run } from "./tools.ts";

const noteName = "NODE_SEA_BLOB";
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";

const app = `
console.log(JSON.stringify({
  isSea: require("node:sea").isSea(),
  date: new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "full", timeZone: "Asia/Tokyo" }).format(0),
  locales: Intl.NumberFormat.supportedLocalesOf(["en-GB", "de", "fr"]),
  // Exceptions unwind through the tables behind the hole, and the heap grows above the payload.
  caught: (() => { try { new Intl.NumberFormat("en", { style: "x" }); } catch (error) { return error.name; } })(),
  heap: Buffer.alloc(50_000_000, 1).length,
}));
`;
const expected = {
  isSea: true,
  date: "Thursday, 1 January 1970 at 09:00:00 Japan Standard Time",
  locales: ["en-GB"],
  caught: "RangeError",
  heap: 50_000_000,
};

async function build(version: string, target: string) {
  const reduced = await reducedRuntime(version, target, { locales: ["en"] });
  const source = await openSource(reduced.path);
  const elf = await readElf(source);
  const at = (await findUnique(source, Buffer.from(fuse), loadedRanges(elf))) + fuse.length - 1;
  const patches = [{ offset: at, bytes: Buffer.from("1") }];
  const { edit, template } = planElfTemplate(elf, { noteName, patches });
  const folder = dirname(reduced.path);
  await applyEdit(reduced.path, join(folder, "template"), edit);
  await writeFile(join(folder, "main.js"), app);
  const config = { main: "main.js", output: "blob", disableExperimentalSEAWarning: true };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const node = await testRuntime(version, "linux-x64");
  await run(node, ["--experimental-sea-config", "config.json"], { cwd: folder });
  const empty = join(folder, "empty");
  await mkdir(empty);
  const executable = join(empty, "app");
  const tail = elfTail(parseElfTemplate(JSON.parse(JSON.stringify(template))), [
    await readFile(join(folder, "blob")),
  ]);
  await applyEdit(join(folder, "template"), executable, appendEdit(template.size, tail));
  return { ...reduced, edit, template, executable, empty };
}

/** What kernels, emulators and loaders each compute as the address of the program headers is the same. */
async function checkTable(executable: string): Promise<void> {
  const segments = await readelfSegments(executable);
  const loads = segments.filter(({ type }) => type === "LOAD");
  const offset = Number(/Start of program headers: +(\d+)/.exec(await readelf("-hW", executable))![1]);
  const { address } = segments.find(({ type }) => type === "PHDR")!;
  // Kernels before 5.18, gVisor.
  expect(loads[0]!.address - loads[0]!.offset + offset).toBe(address);
  // qemu.
  expect(Math.min(...loads.map((load) => load.address - load.offset)) + offset).toBe(address);
  // Kernels from 5.18 on.
  const holders = loads.filter((load) => load.offset <= offset && offset < load.offset + load.fileSize);
  expect(holders.map((load) => load.address + offset - load.offset)).toEqual([address]);
  for (const [index, load] of loads.slice(1).entries()) {
    const previous = loads[index]!;
    const page = Math.min(load.alignment, 0x10000);
    expect(Math.floor(load.address / page)).toBeGreaterThanOrEqual(
      Math.ceil((previous.address + previous.memorySize) / page),
    );
  }
}

describe.each(testedVersions)("node %s", (version) => {
  test("runs on linux-x64", async () => {
    const { executable, empty, template, elf, data, reduced, path } = await build(version, "linux-x64");
    expect(template.noteAddress).toBeDefined();
    await checkTable(executable);
    const { stdout } = await run(executable, [], { cwd: empty, env: {} });
    expect(JSON.parse(stdout)).toEqual(expected);
    expect(await readdir(empty)).toEqual(["app"]);
    // The runtime alone runs, too, and is smaller by all but parts of pages.
    expect((await run(path, ["-p", "1 + 1"])).stdout).toBe("2\n");
    const stripped = planElfTemplate(elf, { noteName }).edit.keep;
    expect(stripped - (await stat(path)).size).toBeGreaterThan(
      data.size - reduced.bytes.length - 3 * 0x10000,
    );
  });
});

describe("under an emulator", () => {
  let sysroot: string;
  beforeAll(async () => {
    sysroot = await arm64Sysroot();
  });

  test("node 26.10.0 runs on linux-arm64", async () => {
    const { executable, empty, path, runtime, template } = await build("26.10.0", "linux-arm64");
    expect(template.noteAddress).toBeDefined();
    await checkTable(executable);
    const emulated = (...options: string[]) =>
      run("qemu-aarch64-static", ["-L", sysroot, ...options], { cwd: empty, env: {}, maxBuffer: 2 ** 27 });
    expect(JSON.parse((await emulated(executable)).stdout)).toEqual(expected);
    const calls = [join(import.meta.dirname, "icu-calls.ts"), '["en-GB"]', "211"];
    const [before, after] = [await emulated(runtime, ...calls), await emulated(path, ...calls)];
    expect(before.stdout.length).toBeGreaterThan(5000);
    expect(after.stdout).toBe(before.stdout);
  });
});

test("an English executable of node 26.10.0 has less than 95 MB, and 32 MB compressed", async () => {
  const { executable } = await build("26.10.0", "linux-x64");
  expect((await stat(executable)).size).toBeLessThan(95_000_000);
  let compressed = 0;
  await pipeline(createReadStream(executable), createGzip({ level: 6 }), async (chunks) => {
    for await (const chunk of chunks) compressed += chunk.length;
  });
  expect(compressed).toBeLessThan(32_000_000);
});
