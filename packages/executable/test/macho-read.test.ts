import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { describeMacho, fromBytes, readMacho, readUniversal, universalSlice } from "../src/index.ts";
import { sampleMacho } from "./macho-sample.ts";
import { goProgram, llvm, machoRuntimes, sharedFolder, testRuntime } from "./macho-tools.ts";
import { counting, openSource, run } from "./tools.ts";

const { folder, remove } = sharedFolder();
afterAll(remove);

describe.each(machoRuntimes)("node $version $target", ({ version, target }) => {
  test("is described as llvm-otool and llvm-readobj describe it, from a few KB", async () => {
    const path = await testRuntime(version, target);
    const source = counting(await openSource(path));
    const macho = await readMacho(source);
    const description = await describeMacho(macho);
    expect(source.bytes).toBeLessThan(16 * 1024);

    const loads = await llvm("otool", "-l", path);
    const all = (pattern: RegExp) => [...loads.matchAll(pattern)].map((match) => match[1]);
    expect(description.architecture).toBe(target === "darwin-x64" ? "x86-64" : "arm64");
    expect(description.type).toBe("executable");
    expect(description.interpreter).toBe("/usr/lib/dyld");
    expect(description.needed).toEqual(all(/cmd LC_LOAD_DYLIB\n +cmdsize \d+\n +name (\S+)/g));
    expect([description.uuid]).toEqual(
      all(/uuid (\S+)/g).map((uuid) => uuid!.replaceAll("-", "").toLowerCase()),
    );
    expect([description.minimumSystem, description.sdk]).toEqual([
      all(/minos (\S+)/g)[0],
      all(/sdk (\S+)/g)[0],
    ]);
    expect([String(description.entryOffset)]).toEqual(all(/entryoff (\d+)/g));
    const [size, sections] = [all(/segname (\S+)\n +vmaddr/g), all(/sectname (\S+)/g)];
    expect(macho.segments.map(({ name }) => name)).toEqual(size);
    expect(macho.segments.flatMap((segment) => segment.sections.map(({ name }) => name))).toEqual(sections);
  });

  test("carries the signature of the Node.js Foundation", async () => {
    const macho = await readMacho(await openSource(await testRuntime(version, target)));
    const { signature } = await describeMacho(macho);
    expect(signature).toMatchObject({
      hasCms: true,
      codeDirectories: [
        {
          identifier: "node",
          teamIdentifier: "HX7739G8FX",
          version: 0x20500,
          flags: 0x10000,
          hashType: 2,
          pageSize: 4096,
          executableSegment: { offset: 0, size: macho.segments[1]!.fileSize, flags: 1 },
        },
      ],
    });
    expect(signature!.entitlements).toContain("com.apple.security.cs.allow-jit");
    const [directory] = signature!.codeDirectories;
    expect(directory!.codeSlots).toBe(Math.ceil(directory!.codeLimit / 4096));
    expect(directory!.specialSlots.map((hash) => hash?.length)).toEqual([
      ...[undefined, undefined, 64, undefined, undefined, 64, undefined, 64],
    ]);
  });
});

test("a program by another linker, signed by it", async () => {
  const path = join(folder, "arm64");
  await goProgram("arm64", path);
  const { signature } = await describeMacho(await readMacho(await openSource(path)));
  expect(signature).toMatchObject({ hasCms: false, entitlements: undefined });
  expect(signature!.codeDirectories).toMatchObject([
    { identifier: "a.out", flags: 0x20002, version: 0x20400 },
  ]);
});

test("a universal file's slices, which llvm-lipo made", async () => {
  const [arm64, amd64, both] = ["slice-arm64", "slice-amd64", "universal"].map((name) => join(folder, name));
  await goProgram("arm64", arm64!);
  await goProgram("amd64", amd64!);
  for (const options of [[], ["-fat64"]]) {
    await run("llvm-lipo-19", ["-create", ...options, arm64!, amd64!, "-output", both!]);
    const source = await openSource(both!);
    const slices = await readUniversal(source);
    expect(slices.map(({ architecture }) => architecture).sort()).toEqual(["arm64", "x86-64"]);
    await expect(readMacho(source)).rejects.toMatchObject({ code: "EXECUTABLE_UNSUPPORTED", offset: 0 });
    await expect(universalSlice(source, "arm64e")).rejects.toThrow(/no slice for arm64e, only for/);
    for (const [architecture, path] of [
      ["arm64", arm64!],
      ["x86-64", amd64!],
    ] as const) {
      const slice = await universalSlice(source, architecture);
      const original = await openSource(path);
      expect(Buffer.compare(await slice.read(0, slice.size), await original.read(0, original.size))).toBe(0);
      expect((await readMacho(slice)).header.architecture).toBe(architecture);
      await expect(slice.read(slice.size - 1, 2)).rejects.toMatchObject({ code: "EXECUTABLE_MALFORMED" });
    }
  }
});

test("a thin file has no slices and is its own", async () => {
  const source = fromBytes(sampleMacho().bytes);
  expect(await readUniversal(source)).toEqual([]);
  expect(await universalSlice(source, "arm64")).toBe(source);
});
