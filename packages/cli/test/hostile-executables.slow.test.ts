import { open, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { fromFile } from "@sbp/executable";
import { decodeManifest, type Manifest, type OpenedPack, openPack } from "@sbp/manifest";
import { beforeAll, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { folder, sbp } from "./sbp.ts";

/* Executables of sbp that somebody has changed, to scan and inspect: an error that says so, in bounded time and memory. */

let cwd: string;
let pack: OpenedPack;
let whole: Buffer;
let manifest: Manifest;
let watch: string;

beforeAll(async () => {
  cwd = await folder({
    "package.json": '{ "name": "app", "version": "1.0.0" }',
    "src/main.mjs": 'console.log("hello");\n',
    // What memory it took at most, in KB.
    "watch.cjs": `process.on("exit", () => require("node:fs").writeFileSync("rss", String(process.resourceUsage().maxRSS)));`,
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle", entry: "src/main.mjs" },
        {
          use: "cross-target",
          targets: ["linux-x64"],
          runtime: { path: await testRuntime("26.10.0", "linux-x64"), version: "26.10.0" },
        },
        { use: "embed-runtime", codeCache: false },
      ],
    }),
  });
  watch = `--require=${join(cwd, "watch.cjs")}`;
  const { code, stderr } = await sbp(["build"], { cwd });
  expect(code, stderr).toBe(0);
  whole = await readFile(join(cwd, "dist/linux-x64/app"));
  const file = await open(join(cwd, "dist/linux-x64/app"));
  pack = (await openPack(await fromFile(file)))!;
  await file.close();
  const { offset, size } = pack.layout.manifest!;
  manifest = await decodeManifest(whole.subarray(pack.place.offset + offset).subarray(0, size));
});

/** The file with another manifest, which takes the place of what lies behind as well where it is longer. */
function withManifest(encoded: Uint8Array): Buffer {
  const bytes = Buffer.from(whole);
  // Anywhere in the pack: nothing is run.
  const at = pack.layout.manifest!.offset;
  bytes.set(encoded.subarray(0, pack.place.size - at), pack.place.offset + at);
  return header(bytes, 11, Math.min(encoded.length, pack.place.size - at));
}

/** With another number in the pack's header. */
function header(bytes: Buffer, index: number, value: number): Buffer {
  bytes.writeUInt32LE(value, pack.place.offset + 4 * index);
  return bytes;
}

const json = (value: unknown) =>
  brotliCompressSync(JSON.stringify(value), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });

const hostile: Record<string, () => Buffer> = {
  "for another platform than it says": () => withManifest(json({ ...manifest, target: "win32-x64" })),
  "with packages that depend on none": () =>
    withManifest(json({ ...manifest, packages: [{ name: "a", version: "1", dependencies: [7] }] })),
  "with a manifest of random bytes": () =>
    withManifest(Buffer.from(Array.from({ length: 100 }, (_, index) => (index * 7919) % 251))),
  "with a manifest that becomes gigabytes": () =>
    withManifest(
      brotliCompressSync(Buffer.alloc(1 << 30, 0x20), { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    ),
  "with a manifest of 4 GB": () => header(Buffer.from(whole), 11, 0xffff_fff0),
  "with a pack of another length": () => header(Buffer.from(whole), 9, 0xffff_fff0),
  "with 100 million files": () => header(Buffer.from(whole), 3, 100_000_000),
};

async function refused(name: string): Promise<void> {
  for (const [command, code] of [
    ["scan", "SBP_SCAN_MANIFEST"],
    ["inspect", "SBP_INSPECT_DAMAGED"],
  ] as const) {
    const ended = await sbp([command, name], { cwd, env: { NODE_OPTIONS: watch } });
    expect(ended.stderr, command).toContain(code);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.code).not.toBe(0);
    expect(Number(await readFile(join(cwd, "rss"), "utf8")), command).toBeLessThan(400_000);
  }
}

test("one with its own manifest, written anew as the others are, is read", async () => {
  await writeFile(join(cwd, "same"), withManifest(json(manifest)));
  for (const command of ["scan", "inspect"])
    expect(await sbp([command, "same"], { cwd }), command).toMatchObject({ code: 0, stderr: "" });
});

test.for(Object.keys(hostile))("one %s", async (name) => {
  await writeFile(join(cwd, "hostile"), hostile[name]!());
  await refused("hostile");
});

test("one that is cut short, wherever", async () => {
  const { offset, size } = pack.place;
  for (const length of [2000, offset - 10, offset + 60, offset + Math.floor(size / 2), offset + size - 1]) {
    await writeFile(join(cwd, "short"), whole);
    await truncate(join(cwd, "short"), length);
    await refused("short");
  }
});
