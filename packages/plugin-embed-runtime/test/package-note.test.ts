import { execFile } from "node:child_process";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { appBuilder, scratchFolder } from "./app.ts";

/* What programs that we did not write read of an executable for Linux. */

const run = promisify(execFile);
const folder = await scratchFolder();
const app = { name: "@acme/app", version: "1.0.0" };

describe.each([
  ["linux-x64", true, "x86_64"],
  ["linux-x64", false, "x86_64"],
  ["linux-arm64", true, "aarch64"],
] as const)("an executable for %s, self-contained: %s,", (target, selfContained, architecture) => {
  const built = appBuilder("26.10.0", target, {}, { selfContained }).then((builder) =>
    builder.build("main.cjs", "console.log(1)", { app, codeCache: false }),
  );
  const said = {
    type: "sbp",
    ...app,
    architecture,
    purl: "pkg:generic/%40acme%2Fapp@1.0.0",
  };

  test("tells its name and version to readelf and elfutils", async () => {
    const { path } = await built;
    for (const program of ["readelf", "eu-readelf"]) {
      const { stdout, stderr } = await run(program, ["--notes", path]);
      expect(stderr).toBe("");
      const metadata = /FDO_PACKAGING_METADATA\s+Packaging Metadata: (.*)/.exec(stdout)?.[1];
      expect(JSON.parse(metadata ?? "null"), program).toEqual(said);
      // The runtime's own notes are still found, and the payload is not printed.
      expect(stdout).toContain("GNU_ABI_TAG");
      expect(stdout.length).toBeLessThan(10_000);
    }
  });

  test("has a section table without a fault", async () => {
    const { path } = await built;
    const { stdout, stderr } = await run("readelf", ["--sections", "--segments", "--wide", path]);
    // The names of the libraries that it needs have no section; readelf and loaders find them without.
    const isKnown = /^readelf: Warning: \[ 1\]: Link field \(0\) should index a string section\.$/;
    expect(
      stderr.split("\n").filter((line) => line !== "" && !(isKnown.test(line) && !selfContained)),
    ).toEqual([]);
    expect(stdout).toContain(".note.package");
    const { stdout: dynamic } = await run("readelf", ["--dynamic", path]);
    if (!selfContained) expect(dynamic).toContain("[libc.so.6]");
    expect((await run("eu-readelf", ["--section-headers", path])).stdout).toContain(".note.package");
  });

  test("is not broken by strip", async () => {
    const copy = join(folder, `${target}-${selfContained}`);
    await copyFile((await built).path, copy);
    // For any machine, where GNU's knows its own alone.
    for (const program of target === "linux-x64" ? ["strip"] : ["aarch64-linux-gnu-strip"]) {
      const refused = await run(program, [copy]).catch((error) => error);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain("debug_do_not_strip");
      expect(Buffer.compare(await readFile(copy), await readFile((await built).path))).toBe(0);
    }
    if (target !== "linux-x64") return;
    await run("/usr/bin/llvm-strip-19", [copy]).catch(() => {});
    expect((await run(copy)).stdout).toBe("1\n");
  });
});
