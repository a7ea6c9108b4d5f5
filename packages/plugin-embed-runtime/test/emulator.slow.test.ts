import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { type AppBuilder, appBuilder, packOf, run, scratchFolder } from "./app.ts";

/*
 * A code cache for another processor, made by the target's own runtime under QEMU's user mode, with arm64 libraries
 * from Debian.
 */

const qemu = "qemu-aarch64-static";
let path: string;
let sysroot: string;
let builder: AppBuilder;

/** A script of this many bytes at least, which prints a word. */
function scriptOf(size: number): string {
  const lines: string[] = [];
  for (let nr = 0, length = 0; length < size; nr++) {
    const line = `exports.f${nr} = function (a, b) { return [a, b, ${nr}].join("text ${nr}"); };\n`;
    lines.push(line);
    length += line.length;
  }
  return `${lines.join("")}console.log("compiled");\n`;
}

const large = scriptOf(200_000);
const onQemu = (program: string) =>
  run(qemu, ["-L", sysroot, program], { env: { PATH: process.env["PATH"] } });

beforeAll(async () => {
  path = (await promisify(execFile)("which", [qemu])).stdout.trim();
  sysroot = await arm64Sysroot();
  vi.stubEnv("QEMU_LD_PREFIX", sysroot);
  builder = await appBuilder("26.10.0", "linux-arm64", { [qemu]: path });
}, 120_000);

afterAll(() => vi.unstubAllEnvs());

describe("with QEMU on PATH", () => {
  test("a template names the program, and no place", async () => {
    expect(builder.template.meta["codeCache"]).toBe(qemu);
    expect(JSON.stringify(builder.template.meta)).not.toMatch(/sysroot|\/usr|\/tmp/);
  });

  test("a large app has a code cache, which is accepted, and is the same again", async () => {
    const first = await builder.build("main.cjs", large);
    expect(first.reported).toEqual([]);
    expect(first.artifact.meta["codeCache"]).toBe(true);
    expect(first.variables).toContain("QEMU_LD_PREFIX");
    const second = await builder.build("main.cjs", large);
    expect((await readFile(second.path)).equals(await readFile(first.path))).toBe(true);
    expect(await onQemu(first.path)).toMatchObject({ stdout: "compiled\n", code: 0 });

    // V8 compares only the length of the text with the cache: what still prints the old word did not compile.
    const { bytes, pack } = await packOf(first.path);
    const { content, codeCache } = pack.files[0]!;
    expect(codeCache!.length).toBeGreaterThan(large.length / 4);
    content.write("replaced", content.indexOf("compiled"), "latin1");
    await writeFile(first.path, bytes);
    expect(await onQemu(first.path)).toMatchObject({ stdout: "compiled\n", code: 0 });
    // And without it the new one appears.
    codeCache!.fill(0xff, 0, 16);
    await writeFile(first.path, bytes);
    expect(await onQemu(first.path)).toMatchObject({ stdout: "replaced\n", code: 0 });
  }, 60_000);

  test("an ES module has one, too", async () => {
    const source = `import { sep } from "node:path";\n${large.replaceAll("exports.", "globalThis.")}console.log(sep, await 1);\n`;
    const { path, artifact } = await builder.build("main.mjs", source);
    expect(artifact.meta["codeCache"]).toBe(true);
    expect(await onQemu(path)).toMatchObject({ stdout: "compiled\n/ 1\n", code: 0 });
  }, 60_000);

  test("a small app has none, nor does one that wants none", async () => {
    const small = await builder.build("main.cjs", scriptOf(120_000), { codeCache: "auto" });
    expect(small.artifact.meta["codeCache"]).toBe(false);
    expect((await packOf(small.path)).pack.files[0]!.codeCache).toBeUndefined();
    const unwanted = await builder.build("main.cjs", large, { codeCache: false });
    expect(unwanted.artifact.meta["codeCache"]).toBe(false);
  });

  test("what cannot be compiled is told of as ever", async () => {
    await expect(builder.build("main.cjs", `${large}let 1`)).rejects.toMatchObject({
      code: "SBP_BUNDLE_SYNTAX",
    });
  });
});

describe("there is no code cache, and no error", () => {
  const none = async (tools: Readonly<Record<string, string>>) => {
    const { template, build } = await appBuilder("26.10.0", "linux-arm64", tools);
    expect(template.meta["codeCache"]).toBe(false);
    const { artifact, reported } = await build("main.cjs", large);
    expect(artifact.meta["codeCache"]).toBe(false);
    expect(reported).toEqual([]);
  };

  test("without QEMU", () => none({}));

  test("without the libraries that the runtime needs", async () => {
    vi.stubEnv("QEMU_LD_PREFIX", await scratchFolder());
    await none({ [qemu]: path });
    vi.stubEnv("QEMU_LD_PREFIX", sysroot);
  });

  test("with a program that does something else", () => none({ [qemu]: "/bin/true" }));
});

test("an emulator that fails later costs the code cache only, with a warning", async () => {
  const tools: Record<string, string> = { [qemu]: path };
  const { build } = await appBuilder("26.10.0", "linux-arm64", tools);
  tools[qemu] = "/bin/false";
  const { artifact, reported } = await build("main.cjs", large);
  expect(artifact.meta["codeCache"]).toBe(false);
  expect(reported).toMatchObject([{ severity: "warning", code: "SBP_CODE_CACHE_EMULATOR" }]);
});

test("a foreign target that nothing emulates has none", async () => {
  const { template } = await appBuilder("26.10.0", "darwin-arm64", { [qemu]: path });
  expect(template.meta["codeCache"]).toBe(false);
});
