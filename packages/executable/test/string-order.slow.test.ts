import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import {
  applyEdit,
  ExecutableError,
  fromBytes,
  planElfStringOrder,
  planElfStrip,
  readElf,
} from "../src/index.ts";
import { numbers } from "./sample.ts";
import { openSource, readelf, run, temporaryFolder } from "./tools.ts";

/** A copy of a program whose names are in order, and how large its names and symbols are in a compressed file. */
async function ordered(path: string) {
  const elf = await readElf(await openSource(path));
  const patches = await planElfStringOrder(elf);
  const output = join(await temporaryFolder(), "ordered");
  await applyEdit(path, output, { keep: elf.source.size, size: elf.source.size, patches });
  const compressed = async (file: string) => {
    const bytes = await readFile(file);
    const parts = patches.map((patch) => bytes.subarray(patch.offset, patch.offset + patch.bytes.length));
    return gzipSync(Buffer.concat(parts)).length;
  };
  return { output, patches, before: await compressed(path), after: await compressed(output) };
}

/** What binutils say of the symbols, their versions and the libraries. */
const told = (path: string) => readelf("--dyn-syms", "--version-info", "--dynamic", "-W", path);

test.each([
  { target: "linux-x64", version: "26.10.0" },
  { target: "linux-arm64", version: "24.21.0" },
])("the symbols of node $version $target keep their names in less space", async ({ target, version }) => {
  const path = await testRuntime(version, target);
  const { output, patches, before, after } = await ordered(path);
  expect(patches).toHaveLength(4);
  expect(await told(output)).toBe(await told(path));
  expect(before - after).toBeGreaterThan(250_000);
  // Once is enough.
  const again = await planElfStringOrder(await readElf(await openSource(output)));
  for (const [index, { bytes }] of again.entries()) expect(bytes).toEqual(patches[index]!.bytes);
});

const source = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
int name(void) { return 1; }
int surname(void) { return 2; }
int a_surname(void) { return 3; }
int main(int argc, char **argv) {
  void *self = dlopen(0, RTLD_NOW);
  for (int i = 1; i < argc; i++) {
    int (*call)(void) = (int (*)(void))dlsym(self, argv[i]);
    Dl_info info = {0};
    if (call) dladdr((void *)call, &info);
    printf("%s %d %s\\n", argv[i], call ? call() : 0, call ? info.dli_sname : "none");
  }
  printf("%.1f\\n", cos(argc - argc));
}
`;

describe("a program from a compiler", () => {
  let program: string;
  let bytes: Buffer;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "sbp-names-"));
    program = join(folder, "program");
    await writeFile(`${program}.c`, source);
    await run("gcc", ["-rdynamic", "-no-pie", `${program}.c`, "-Wl,--no-as-needed", "-lm", "-o", program]);
    bytes = await readFile(program);
    return () => rm(folder, { recursive: true });
  });

  test("finds its symbols by their names, and names by their addresses", async () => {
    const { output, patches } = await ordered(program);
    expect(patches).toHaveLength(4);
    expect(await told(output)).toBe(await told(program));
    const { stdout } = await run(output, ["name", "surname", "a_surname", "nobody"]);
    expect(stdout).toBe("name 1 name\nsurname 2 surname\na_surname 3 a_surname\nnobody 0 none\n1.0\n");
  });

  test("is left alone where it is not understood", async () => {
    const orderOf = async (file: Uint8Array) => planElfStringOrder(await readElf(fromBytes(file)));
    const stripped = join(await temporaryFolder(), "stripped");
    await applyEdit(program, stripped, planElfStrip(await readElf(await openSource(program))));
    expect(await orderOf(await readFile(stripped))).toEqual([]);
    // Versions of its own, which libraries define.
    const { stdout } = await run("gcc", ["-print-file-name=libm.so.6"]);
    expect(await orderOf(await readFile(stdout.trim()))).toEqual([]);
    // A tag of the future.
    const elf = await readElf(fromBytes(bytes));
    const dynamic = elf.sections!.find(({ name }) => name === ".dynamic")!;
    const changed = Buffer.from(bytes);
    changed.writeBigUInt64LE(0x6ffffd00n, dynamic.offset);
    expect(await orderOf(changed)).toEqual([]);
  });

  test("with any wrong byte gives patches or a typed error", async () => {
    const elf = await readElf(fromBytes(bytes));
    const sections = elf.sections!.filter(({ name }) =>
      /^\.(dynamic|dynsym|dynstr|gnu\.version_r)$/.test(name),
    );
    expect(sections).toHaveLength(4);
    const random = numbers(1);
    const outcomes = new Set<string>();
    for (let round = 0; round < 5_000; round++) {
      const changed = Buffer.from(bytes);
      const { offset, size } = sections[random(4)]!;
      changed[offset + random(size)] = random(256);
      try {
        const patches = await planElfStringOrder(await readElf(fromBytes(changed)));
        outcomes.add(patches.length > 0 ? "patches" : "none");
      } catch (error) {
        if (!(error instanceof ExecutableError)) throw error;
        outcomes.add(error.code);
      }
    }
    expect([...outcomes].sort()).toEqual(expect.arrayContaining(["EXECUTABLE_MALFORMED", "none", "patches"]));
  });
});
