import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeElf, fromBytes, planElfTemplate, readElf, segmentType } from "@sbp/executable";
import { describe, expect, test } from "vitest";
import { testedVersions, testRuntime } from "../../../tools/test-runtimes.ts";
import { noteName, planSelfContained } from "../src/index.ts";
import {
  closureOf,
  compile,
  inEmptyRoot,
  makeSelfContained,
  openElf,
  run,
  targets,
  temporaryFolder,
} from "./tools.ts";

const runtimes = testedVersions.flatMap((version) => targets.map((target) => ({ version, target })));

describe.each(runtimes)("node $version $target", ({ version, target }) => {
  test("runs as the only file of an empty root", async () => {
    const folder = await temporaryFolder();
    const program = join(folder, "node");
    await makeSelfContained(await testRuntime(version, target), program, await closureOf(target));
    const script =
      "console.log(process.version, typeof require('node:crypto').createHash('sha256').digest('hex'))";
    const { stdout, stderr } = await inEmptyRoot(folder, target, ["/node", "-e", script]);
    expect([stdout, stderr]).toEqual([`v${version} string\n`, ""]);
  });

  test("names no interpreter, nothing to link, and what it carries", async () => {
    const elf = await openElf(await testRuntime(version, target));
    const closure = await closureOf(target);
    const folder = await temporaryFolder();
    const program = join(folder, "node");
    await makeSelfContained(await testRuntime(version, target), program, closure);
    const made = await openElf(program);
    const { interpreter, needed, buildId } = await describeElf(made);
    expect({ interpreter, needed, buildId }).toEqual({
      interpreter: undefined,
      needed: [],
      buildId: (await describeElf(elf)).buildId,
    });
    const { stdout } = await run("readelf", ["-lW", program]);
    expect(stdout).not.toMatch(/INTERP|DYNAMIC/);
    const { offset, size } = made.notes.find(({ name }) => name === noteName)!.description;
    const told = JSON.parse(Buffer.from(await made.source.read(offset, size)).toString());
    expect(told).toEqual({ distribution: closure.distribution, packages: closure.packages });
  });

  test("has segments apart by the largest page, and stays fit for a payload", async () => {
    const elf = await openElf(await testRuntime(version, target));
    const edit = await planSelfContained(elf, await closureOf(target));
    const folder = await temporaryFolder();
    await makeSelfContained(
      await testRuntime(version, target),
      join(folder, "node"),
      await closureOf(target),
    );
    const made = await openElf(join(folder, "node"));
    const page = target === "linux-arm64" ? 0x10000 : 0x1000;
    const loads = made.programHeaders.filter(({ type }) => type === segmentType.load);
    for (const [index, { address, offset }] of loads.entries()) {
      const previous = loads[index - 1];
      if (previous)
        expect(Math.floor(address / page)).toBeGreaterThan(
          Math.floor((previous.address + previous.memorySize - 1) / page),
        );
      expect(address % page).toBe(offset % page);
    }
    const { template } = planElfTemplate(made, { noteName: "NODE_SEA_BLOB" });
    // What is added is the libraries, and no more zeros than before.
    expect(edit.size - edit.keep).toBeLessThan(7_000_000);
    expect(template.size - edit.size).toBeLessThan(1_000_000);
  });
});

const program = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
__thread int own = 42;
static void *thread(void *given) { own++; printf("thread %d %.1f\\n", own, pow(2, *(int *)given)); return 0; }
static int count(struct dl_phdr_info *info, size_t size, void *data) { (void)size; ++*(int *)data; (void)info; return 0; }
static void try(const char *name) {
  void *library = dlopen(name, RTLD_NOW);
  printf("%s: %s\\n", name, library ? "loaded" : dlerror());
  if (library) dlclose(library);
}
int main(int argc, char **argv) {
  int three = 3, objects = 0;
  /* Starts itself with these variables, which the programs of the test would heed, too. */
  if (argc > 1 && !strcmp(argv[1], "preloading")) {
    setenv("LD_PRELOAD", "/wrong.so", 1);
    setenv("LD_AUDIT", "/wrong.so", 1);
    execl(argv[0], argv[0], (char *)0);
  }
  pthread_t id;
  pthread_create(&id, 0, thread, &three);
  pthread_join(id, 0);
  printf("main %d\\n", own);
  dl_iterate_phdr(count, &objects);
  printf("objects %d\\n", objects);
  printf("preload %s\\n", getenv("LD_PRELOAD") ? getenv("LD_PRELOAD") : "none");
  printf("secure %lu\\n", getauxval(AT_SECURE));
  for (int i = 1; i < argc; i++) try(argv[i]);
  return 7;
}
`;

/** The self-contained copy of a C program, alone in a folder. */
async function selfContained(source = program, target: (typeof targets)[number] = "linux-x64") {
  const folder = await temporaryFolder();
  const plain = await compile(target, source, ["-no-pie", "-Wl,--no-as-needed", "-lm"]);
  await makeSelfContained(plain, join(folder, "program"), await closureOf(target));
  return folder;
}

describe.each(targets)("a program in C for %s", (target) => {
  test("has its libraries, threads, thread-local variables and exit code", async () => {
    const folder = await selfContained(program, target);
    const { stdout, code } = await inEmptyRoot(folder, target, ["/program"]);
    expect(stdout).toMatch(/^thread 43 8\.0\nmain 42\nobjects [45]\npreload none\nsecure 0\n$/);
    expect(code).toBe(7);
  });

  test("loads and unloads carried libraries that it was not linked to, any number of times", async () => {
    const folder = await selfContained(program, target);
    const names = ["librt.so.1", "libresolv.so.2", "librt.so.1", "libstdc++.so.6", "libstdc++.so.6"];
    const { stdout } = await inEmptyRoot(folder, target, ["/program", ...names]);
    expect(stdout.split("\n").slice(5, -1)).toEqual(names.map((name) => `${name}: loaded`));
  });

  test("loads libraries from the disk, with carried ones that these need", async () => {
    const folder = await selfContained(program, target);
    const add = async (name: string, source: string, ...options: string[]) => {
      const library = await compile(target, source, ["-shared", "-fPIC", "-nodefaultlibs", ...options]);
      await writeFile(join(folder, name), await readFile(library));
    };
    await add(
      "good.so",
      "int sum(int a, int b) { return a + b; }",
      "-Wl,--no-as-needed",
      "-lrt",
      "-lm",
      "-lc",
    );
    await add(
      "broken.so",
      "int nothing(void); int call(void) { return nothing(); }",
      "-Wl,--no-as-needed",
      "-lrt",
      "-lc",
    );
    await writeFile(join(folder, "text.so"), "no library");
    const { stdout } = await inEmptyRoot(folder, target, [
      "/program",
      "/good.so",
      "/broken.so",
      "/good.so",
      "/text.so",
      "/none.so",
    ]);
    expect(stdout.split("\n").slice(5, -1)).toEqual([
      "/good.so: loaded",
      "/broken.so: /broken.so: undefined symbol: nothing",
      "/good.so: loaded",
      "/text.so: /text.so: file too short",
      "/none.so: /none.so: cannot open shared object file: No such file or directory",
    ]);
  });
});

describe("a self-contained program", () => {
  test("takes its own libraries wherever others are named like them", async () => {
    const folder = await selfContained();
    await mkdir(join(folder, "wrong"));
    for (const name of ["libc.so.6", "libm.so.6"]) await writeFile(join(folder, "wrong", name), "no library");
    const env = { LD_LIBRARY_PATH: "/wrong" };
    const { stdout, stderr } = await inEmptyRoot(folder, "linux-x64", ["/program"], { env });
    expect([stdout.split("\n").length, stderr]).toEqual([6, ""]);
  });

  test("hands libraries for all programs on to its children, but does not load them", async () => {
    const folder = await selfContained();
    await writeFile(join(folder, "wrong.so"), "no library");
    await mkdir(join(folder, "etc"));
    await writeFile(join(folder, "etc/ld.so.preload"), "/wrong.so\n");
    const { stdout, stderr } = await inEmptyRoot(folder, "linux-x64", ["/program", "preloading"]);
    expect([stdout.split("\n")[3], stderr]).toEqual(["preload /wrong.so", ""]);
  });

  test("starts with its owner's privileges, and without the variables that ld.so takes away then", async () => {
    const folder = await selfContained();
    await chown(join(folder, "program"), 1234, 1234);
    await chmod(join(folder, "program"), 0o4755);
    const { stdout, stderr } = await inEmptyRoot(folder, "linux-x64", ["/program", "preloading"], {
      uid: 65532,
    });
    expect([stdout.split("\n").slice(3, 5), stderr]).toEqual([["preload none", "secure 1"], ""]);
  });

  test("is not made self-contained twice", async () => {
    const folder = await selfContained();
    const elf = await openElf(join(folder, "program"));
    await expect(planSelfContained(elf, await closureOf("linux-x64"))).rejects.toMatchObject({
      code: "LOADER_RUNTIME_UNSUPPORTED",
      message: "the runtime cannot be made self-contained: it is self-contained already",
    });
  });
});

describe("refused is", () => {
  const refusal = async (path: string, closure = closureOf("linux-x64")) =>
    planSelfContained(await openElf(path), await closure);

  test.each<[what: string, options: readonly string[], reason: string]>([
    ["a position-independent program", ["-pie"], "it is position-independent"],
    ["a static program", ["-static", "-no-pie"], "it names no dynamic loader"],
    [
      "a program for another loader",
      ["-no-pie", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1"],
      "its dynamic loader is /lib/ld-musl-x86_64.so.1, not ld-linux-x86-64.so.2",
    ],
    [
      "a program that needs another library",
      ["-no-pie", "-Wl,--no-as-needed", "-l:libmvec.so.1"],
      "it needs libmvec.so.1, which is not among those to carry",
    ],
  ])("%s", async (_, options, reason) => {
    const path = await compile("linux-x64", "int main(void) { return 0; }", options);
    await expect(refusal(path)).rejects.toMatchObject({
      code: "LOADER_RUNTIME_UNSUPPORTED",
      message: `the runtime cannot be made self-contained: ${reason}`,
    });
  });

  test("a program for another processor than the libraries", async () => {
    const path = await testRuntime("26.10.0", "linux-arm64");
    await expect(refusal(path)).rejects.toMatchObject({ code: "LOADER_MACHINE_MISMATCH" });
    const closure = await closureOf("linux-x64");
    const mixed = new Map(closure.libraries).set(
      "libm.so.6",
      (await closureOf("linux-arm64")).libraries.get("libm.so.6")!,
    );
    const own = await testRuntime("26.10.0", "linux-x64");
    await expect(refusal(own, Promise.resolve({ ...closure, libraries: mixed }))).rejects.toMatchObject({
      code: "LOADER_MACHINE_MISMATCH",
    });
  });

  test("any library that is cut short or changed, with an error that says so", async () => {
    const closure = await closureOf("linux-x64");
    const elf = await readElf(
      fromBytes(await readFile(await compile("linux-x64", "int main(void) { return 0; }", ["-no-pie"]))),
    );
    for (const name of ["libc.so.6", closure.loader]) {
      const bytes = closure.libraries.get(name)!;
      for (const size of [0, 3, 63, 64, 500, 4096, bytes.length - 1]) {
        const libraries = new Map(closure.libraries).set(name, bytes.subarray(0, size));
        await expect(planSelfContained(elf, { ...closure, libraries })).rejects.toMatchObject({
          code: expect.stringMatching(/^(LOADER_CLOSURE_|EXECUTABLE_MALFORMED)/),
        });
      }
      // Program headers, field by field.
      for (let at = 64; at < 64 + 4 * 56; at += 4) {
        const changed = Uint8Array.from(bytes).fill(0xff, at, at + 4);
        const libraries = new Map(closure.libraries).set(name, changed);
        const planned = planSelfContained(elf, { ...closure, libraries }).then(
          () => "",
          (error) => error.code ?? String(error),
        );
        expect(await planned).toMatch(/^(LOADER_|EXECUTABLE_|$)/);
      }
    }
  });
});
