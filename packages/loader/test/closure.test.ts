import { copyFile, cp, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeElf, fromBytes, readElf } from "@sbp/executable";
import { describe, expect, test } from "vitest";
import { closureFile, readClosure } from "../src/index.ts";
import { closureOf, targets, temporaryFolder } from "./tools.ts";

// Tests break it in ways that no type allows.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Description = any;

/** A copy of the closure for x64, with its description changed. */
async function changedClosure(change: (description: Description) => unknown = () => {}): Promise<string> {
  const folder = await temporaryFolder();
  const original = closureFile("linux-x64");
  await mkdir(join(folder, "src"));
  await cp(join(dirname(original), "../libs"), join(folder, "libs"), { recursive: true });
  const description = JSON.parse(await readFile(original, "utf8"));
  change(description);
  const file = join(folder, "src/closure.json");
  await writeFile(file, JSON.stringify(description));
  return file;
}

describe.each(targets)("the libraries for %s", (target) => {
  test("need nothing but one another", async () => {
    const { machine, libraries, loader } = await closureOf(target);
    expect([...libraries.keys()]).toContain("libc.so.6");
    for (const [name, bytes] of libraries) {
      const elf = await readElf(fromBytes(bytes));
      expect(elf.header, name).toMatchObject({ machine, type: "shared" });
      for (const needed of (await describeElf(elf)).needed) expect([...libraries.keys()]).toContain(needed);
    }
    expect(libraries.has(loader)).toBe(true);
  });

  test("come from packages that are named with version, source and licence", async () => {
    const { packages, distribution } = await closureOf(target);
    expect(distribution).toBe("Debian 12");
    expect(packages.map(({ name, source }) => [name, source])).toEqual([
      ["libc6", "glibc"],
      ["libgcc-s1", "gcc-12"],
      ["libstdc++6", "gcc-12"],
      ["libatomic1", "gcc-12"],
    ]);
    for (const { version, licence, sha256 } of packages) {
      expect(version).toMatch(/^\d/);
      expect(licence).toMatch(/GPL/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

describe("libraries are refused", () => {
  const refused = expect.objectContaining({ code: "LOADER_CLOSURE_INVALID" });

  test.each<[string, (description: Description) => unknown]>([
    ["of another format", (closure) => (closure.format = 2)],
    ["for an unknown machine", (closure) => (closure.machine = "riscv64")],
    ["without their loader", (closure) => (closure.loader = "ld-other.so.1")],
    ["that are elsewhere", (closure) => (closure.libraries[1].name = "../../secret")],
    ["of no size", (closure) => (closure.libraries[1].size = 0)],
    ["that are larger than they say", (closure) => closure.libraries[2].size--],
    ["that are smaller than they say", (closure) => closure.libraries[2].size++],
    ["with other bytes than were put in", (closure) => (closure.libraries[2].sha256 = "0".repeat(64))],
    ["of unknown origin", (closure) => (closure.packages = [{}])],
  ])("%s", async (_, change) => {
    await expect(readClosure(await changedClosure(change))).rejects.toEqual(refused);
  });

  test("that are cut short, or mixed up", async () => {
    const file = await changedClosure();
    const libs = join(dirname(file), "../libs");
    await copyFile(join(libs, "libm.so.6.br"), join(libs, "libutil.so.1.br"));
    await expect(readClosure(file)).rejects.toEqual(refused);
    const other = await changedClosure();
    await truncate(join(dirname(other), "../libs/libm.so.6.br"), 1000);
    await expect(readClosure(other)).rejects.toEqual(refused);
  });

  test("that are not described in JSON", async () => {
    const file = await changedClosure();
    await truncate(file, 100);
    await expect(readClosure(file)).rejects.toEqual(refused);
  });
});
