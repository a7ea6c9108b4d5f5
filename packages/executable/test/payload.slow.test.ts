/** The proof: official runtimes with a payload run it, unpatched and patched as this package plans it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { testedVersions, testRuntime } from "../../../tools/test-runtimes.ts";
import {
  appendEdit,
  applyEdit,
  elfDescriptionAddress,
  elfTail,
  findUnique,
  loadedRanges,
  parseElfTemplate,
  planElfTemplate,
  readElf,
} from "../src/index.ts";
import { openSource, readelf, readelfSegments, run, temporaryFolder } from "./tools.ts";

const noteName = "NODE_SEA_BLOB";
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";

const app = `
const sea = require("node:sea");
const asset = sea.getRawAsset("greeting");
console.log(JSON.stringify({
  arguments: process.argv.slice(2),
  version: process.version,
  arch: process.arch,
  isSea: sea.isSea(),
  asset: Buffer.from(asset).toString(),
  // Memory from the kernel above the payload still works: the heap grows there.
  heap: Buffer.alloc(50_000_000, 1).length,
}));
process.exitCode = 7;
`;

/** The blob as Node itself makes it, with the x64 binary of the same version: it is the same for every platform. */
async function makeBlob(version: string, folder: string): Promise<Uint8Array> {
  await writeFile(join(folder, "main.js"), app);
  await writeFile(join(folder, "greeting"), "hello from the asset");
  const config = {
    main: "main.js",
    output: "blob",
    disableExperimentalSEAWarning: true,
    assets: { greeting: "greeting" },
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const node = await testRuntime(version, "linux-x64");
  await run(node, ["--experimental-sea-config", "config.json"], { cwd: folder });
  return readFile(join(folder, "blob"));
}

async function build(version: string, target: string) {
  const folder = await temporaryFolder();
  const runtime = await testRuntime(version, target);
  const source = await openSource(runtime);
  const elf = await readElf(source);
  const at = (await findUnique(source, Buffer.from(fuse), loadedRanges(elf))) + fuse.length - 1;
  const patches = [{ offset: at, bytes: Buffer.from("1") }];
  const { edit, template } = planElfTemplate(elf, { noteName, patches });
  const templatePath = join(folder, "template");
  await applyEdit(runtime, templatePath, edit);

  const blob = await makeBlob(version, folder);
  const empty = join(folder, "empty");
  await mkdir(empty);
  const executable = join(empty, "app");
  // Two parts, because a payload may come in parts.
  const parts = [blob.subarray(0, 100), blob.subarray(100)];
  const cached = parseElfTemplate(JSON.parse(JSON.stringify(template)));
  const tail = elfTail(cached, parts);
  await applyEdit(templatePath, executable, appendEdit(template.size, tail));
  return { folder, runtime, elf, edit, template, templatePath, blob, empty, executable, tail };
}

type Built = Awaited<ReturnType<typeof build>>;

/** Runs a program that ends with exit code 7, in its own folder and without the environment. */
async function outcome(file: string, options: string[], cwd: string) {
  const result = run(file, options, { cwd, env: {} });
  await expect(result).rejects.toMatchObject({ code: 7, stderr: "" });
  const { stdout } = await result.catch((error) => error as { stdout: string });
  return JSON.parse(stdout);
}

const expected = (version: string, arch: string) => ({
  arguments: ["--first", "second one", ""],
  version: `v${version}`,
  arch,
  isSea: true,
  asset: "hello from the asset",
  heap: 50_000_000,
});

/** What holds for every executable made this way, seen by other tools. */
async function checkFile({ executable, templatePath, template, tail, elf, blob }: Built): Promise<void> {
  // Exactly template ++ tail.
  const prefix = createReadStream(executable, { end: template.size - 1 });
  expect(await digest(prefix)).toBe(await digest(createReadStream(templatePath)));
  const source = await openSource(executable);
  const rest = await source.read(template.size, source.size - template.size);
  expect(Buffer.compare(rest, Buffer.concat(tail))).toBe(0);

  const segments = await readelfSegments(executable);
  const loads = segments.filter(({ type }) => type === "LOAD");
  expect(segments).toHaveLength(elf.programHeaders.length + 2);
  // What old kernels compute as AT_PHDR, what new kernels look up, and what PT_PHDR says, is the same address.
  const tableOffset = Number(/Start of program headers: +(\d+)/.exec(await readelf("-hW", executable))![1]);
  const table = segments.find(({ type }) => type === "PHDR")!;
  const last = loads.at(-1)!;
  expect(tableOffset).toBe(template.size);
  expect(loads[0]!.address - loads[0]!.offset + tableOffset).toBe(table.address);
  expect(last.address + tableOffset - last.offset).toBe(table.address);
  expect(table.fileSize).toBe(segments.length * 56);
  for (const [index, load] of loads.slice(1).entries()) {
    const previous = loads[index]!;
    const page = Math.min(load.alignment, 0x10000);
    expect(Math.floor(load.address / page)).toBeGreaterThanOrEqual(
      Math.ceil((previous.address + previous.memorySize) / page),
    );
  }
  expect(elfDescriptionAddress(template) % 16).toBe(0);

  const notes = await readelf("-nW", executable);
  expect(notes).toContain("NT_GNU_BUILD_ID");
  const size = new RegExp(`${noteName} +(0x[0-9a-f]+)`).exec(notes)?.[1];
  expect(Number(size)).toBe(blob.length);

  const finished = await readElf(source);
  expect(() => planElfTemplate(finished, { noteName })).toThrow(
    expect.objectContaining({ code: "EXECUTABLE_PAYLOAD_EXISTS" }),
  );
  const { description } = finished.notes.find(({ name }) => name === noteName)!;
  expect(Buffer.compare(await source.read(description.offset, description.size), blob)).toBe(0);
}

async function digest(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

describe.each(testedVersions)("node %s", (version) => {
  test("runs a payload on linux-x64", async () => {
    const built = await build(version, "linux-x64");
    await checkFile(built);
    const options = ["--first", "second one", ""];
    expect(await outcome(built.executable, options, built.empty)).toEqual(expected(version, "x64"));
    expect(await readdir(built.empty)).toEqual(["app"]);
  });
});

describe("under an emulator", () => {
  let sysroot: string;
  beforeAll(async () => {
    sysroot = await arm64Sysroot();
  });

  test.each(testedVersions)("node %s runs a payload on linux-arm64", async (version) => {
    const built = await build(version, "linux-arm64");
    await checkFile(built);
    const options = ["-L", sysroot, built.executable, "--first", "second one", ""];
    expect(await outcome("qemu-aarch64-static", options, built.empty)).toEqual(expected(version, "arm64"));
  });
});

test("one template serves any number of apps, and the same app gives the same bytes", async () => {
  const { template, templatePath, executable, folder, tail } = await build("24.21.0", "linux-x64");
  const again = join(folder, "again");
  await applyEdit(templatePath, again, appendEdit(template.size, tail));
  expect(await digest(createReadStream(again))).toBe(await digest(createReadStream(executable)));
  const copy = join(folder, "copy");
  await copyFile(executable, copy);
  expect((await outcome(copy, [], folder)).arguments).toEqual([]);
});
