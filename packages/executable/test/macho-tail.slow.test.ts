import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { describeMacho, fromBytes, machoTail, planMachoTemplate, readMacho } from "../src/index.ts";
import { sampleMacho } from "./macho-sample.ts";
import {
  checkMacho,
  identifier,
  llvm,
  machoRuntimes,
  makeExecutable,
  makeTemplate,
  place,
  sharedFolder,
  testRuntime,
} from "./macho-tools.ts";
import { openSource, run } from "./tools.ts";

const { folder, remove } = sharedFolder();
afterAll(remove);
const payload = Buffer.alloc(300_001, "the payload ");
const payloadPath = join(folder, "payload");
await writeFile(payloadPath, payload);

describe.each(machoRuntimes)("node $version $target with a payload", ({ version, target }) => {
  const templatePath = join(folder, `template-${version}-${target}`);
  const path = join(folder, `app-${version}-${target}`);
  let removedBytes: number;

  test("holds up to the independent checker", async () => {
    const runtime = await testRuntime(version, target);
    const plan = await makeTemplate(runtime, templatePath);
    removedBytes = plan.removedBytes;
    // In parts that cut pages anywhere.
    const parts = [payload.subarray(0, 1), payload.subarray(1, 70_000), payload.subarray(70_000)];
    await makeExecutable(plan, templatePath, path, parts);
    const result = await checkMacho(path, "--payload", place.segment, place.section, payloadPath);
    expect(result.segments).toEqual([
      "__PAGEZERO",
      "__TEXT",
      "__DATA_CONST",
      "__DATA",
      "NODE_SEA",
      "__LINKEDIT",
    ]);
    expect(result.locals).toBe(0);
    expect(result.signature).toMatchObject({
      adHoc: true,
      flags: 2,
      version: 0x20400,
      identifier,
      team: null,
    });
    expect((await stat(path)).size).toBeLessThan((await stat(runtime)).size - 20_000_000);
    expect(removedBytes).toBeGreaterThan(20_000_000);
  });

  test("is what LLVM's tools can read", async () => {
    const sections = await llvm("objdump", "--macho", "--section-headers", path);
    expect(sections).toMatch(/__NODE_SEA_BLOB +000493e1 /);
    expect(await llvm("objdump", "--macho", "--private-headers", path)).toMatch(/segname NODE_SEA\n/);
    // The same fixups, or the older rebases and binds, as before.
    const runtime = await testRuntime(version, target);
    for (const option of ["--chained-fixups", "--rebase", "--bind", "--indirect-symbols"]) {
      const print = async (file: string) => normalized(await llvm("objdump", "--macho", option, file));
      expect((await print(path)) === (await print(runtime)), option).toBe(true);
    }
    expect(await llvm("readobj", "--file-headers", "--macho-dysymtab", path)).toContain("nlocalsym: 0");
  });
});

/** Without what is meant to change: the file's name, indices of symbols, and the number of segments in the fixups. */
function normalized(text: string): string {
  return text
    .replace(/^.*:\n/, "")
    .replace(/^(0x[0-9a-f]+) +\d+/gm, "$1")
    .replace(/^( *(imports|symbols)_offset| +seg_count| +seg_offset\[\d+\]) .*\n/gm, "")
    .replace(/^chained starts in image\n.*\n(?:.*seg_offset.*\n)*/gm, "");
}

test("leaves the symbols that llvm-strip leaves", async () => {
  const runtime = await testRuntime("24.18.1", "darwin-x64");
  const [stripped, templatePath, path] = ["stripped", "template", "app"].map((name) => join(folder, name));
  await run("llvm-strip-19", ["-x", runtime, "-o", stripped!]);
  await makeExecutable(await makeTemplate(runtime, templatePath!), templatePath!, path!, [payload]);
  const symbols = async (file: string) => (await llvm("nm", "--no-sort", file)).split("\n");
  const [ours, theirs] = [await symbols(path!), await symbols(stripped!)];
  expect(ours.length).toBeGreaterThan(30_000);
  expect(ours.join("\n") === theirs.join("\n")).toBe(true);
});

test("keeps every symbol if asked to", async () => {
  const runtime = await testRuntime("24.0.0", "darwin-arm64");
  const [templatePath, path] = ["template-kept", "app-kept"].map((name) => join(folder, name));
  const plan = await makeTemplate(runtime, templatePath!, { strip: false });
  await makeExecutable(plan, templatePath!, path!, [payload]);
  const result = await checkMacho(path!, "--payload", place.segment, place.section, payloadPath);
  expect(result).toMatchObject({ symbols: 626_013, locals: 595_408 });
});

describe("a payload", () => {
  const plan = async () => planMachoTemplate(await readMacho(fromBytes(sampleMacho().bytes)), place);

  test.each([0, 1, 0x3fff, 0x4000, 0x4001])("of %d bytes", async (size) => {
    const { edit, template, linkedit, pageHashes } = await plan();
    const bytes = Buffer.alloc(size, "x");
    const { patches, tail } = await machoTail(template, [bytes], { linkedit, pageHashes, identifier });
    const file = Buffer.from(sampleMacho().bytes.subarray(0, edit.keep));
    for (const patch of [...edit.patches, ...patches]) file.set(patch.bytes, patch.offset);
    const path = join(folder, `sample-${size}`);
    const wanted = join(folder, `payload-${size}`);
    await writeFile(path, Buffer.concat([file, ...tail]));
    await writeFile(wanted, bytes);
    await checkMacho(path, "--payload", place.segment, place.section, wanted);
    expect(tail[0]).toBe(bytes);
    const { signature } = await describeMacho(await readMacho(await openSource(path)));
    expect(signature!.codeDirectories[0]).toMatchObject({ identifier });
  });

  test("in a damaged file does not pass the checker", async () => {
    const { edit, template, linkedit, pageHashes } = await plan();
    const { patches, tail } = await machoTail(template, [payload], { linkedit, pageHashes, identifier });
    const file = Buffer.concat([sampleMacho().bytes.subarray(0, edit.keep), ...tail]);
    for (const patch of [...edit.patches, ...patches]) file.set(patch.bytes, patch.offset);
    const { linkeditParts, segments } = await readMacho(fromBytes(file));
    const part = (kind: string) => linkeditParts.find((one) => one.kind === kind)!.offset;
    const path = join(folder, "damaged");
    const complaint = async (at: number, value: number) => {
      const bytes = Buffer.from(file);
      bytes[at] = value;
      await writeFile(path, bytes);
      return checkMacho(path).then(
        () => "nothing",
        (error: { stderr: string }) => error.stderr,
      );
    };
    // Three blobs, then the code directory: its special hashes end where those of pages start.
    const directory = part("signature") + 12 + 3 * 8;
    const hashes = directory + file.readUInt32BE(directory + 16);
    expect(await complaint(edit.keep, 0)).toContain("page 8 has another hash");
    expect(await complaint(part("fixups") + 32, 4)).toContain("chained fixups: for 4 segments, there are 5");
    expect(await complaint(hashes - 1, 1)).toContain("special slot 1 has another hash");
    expect(await complaint(hashes - 33, file[hashes - 33]! ^ 1)).toContain("special slot 2 has another hash");
    expect(await complaint(directory + 35, 0)).toContain("is not where the signature is");
    expect(await complaint(directory + 15, 0)).toContain("ad hoc flag and CMS contradict");
    expect(await complaint(segments.at(-1)!.command.offset + 25, 0)).toContain("__LINKEDIT out of order");
    expect(await complaint(segments.at(-2)!.command.offset + 41, 0)).toContain("NODE_SEA: gap or overlap");
  });

  test("gives the same bytes each time", async () => {
    const { template, linkedit, pageHashes } = await plan();
    const options = { linkedit, pageHashes, identifier };
    expect(await machoTail(template, [payload], options)).toEqual(
      await machoTail(template, [payload], options),
    );
  });

  test("that the format cannot hold is refused", async () => {
    const { template, linkedit, pageHashes } = await plan();
    const part = { length: 2 ** 30 } as Uint8Array;
    await expect(
      machoTail(template, [part, part, part, part], { linkedit, pageHashes, identifier }),
    ).rejects.toMatchObject({ code: "EXECUTABLE_PAYLOAD_TOO_LARGE" });
  });

  test("needs what belongs to its template", async () => {
    const { template, linkedit, pageHashes } = await plan();
    for (const wrong of [{ linkedit: linkedit.subarray(1) }, { pageHashes: pageHashes.subarray(32) }])
      await expect(
        machoTail(template, [], { linkedit, pageHashes, identifier, ...wrong }),
      ).rejects.toMatchObject({ code: "EXECUTABLE_TEMPLATE_INVALID" });
    for (const name of ["", "a b", "é", "x".repeat(256)])
      await expect(machoTail(template, [], { linkedit, pageHashes, identifier: name })).rejects.toThrow(
        RangeError,
      );
  });
});
