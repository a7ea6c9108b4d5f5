/** The proof: official runtimes with a payload, read by other programs, and run. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runOnWine } from "../../../tools/wine.ts";
import { applyEdit, peEdit, peTail, planPeTemplate, readPe } from "../src/index.ts";
import {
  checksums,
  makeBlob,
  makeExecutable,
  makeTemplate,
  readobj,
  resourceName,
  verifySignature,
  windowsRuntimes,
} from "./pe-tools.ts";
import { openSource, run } from "./tools.ts";

const payload = Buffer.from(Array.from({ length: 1_000_003 }, (_, index) => (index * 7) % 251));

test.each(windowsRuntimes)("node $version $target carries a payload", async ({ version, target }) => {
  const made = await makeTemplate(version, target);
  const { runtime, template, templatePath, pe } = made;
  const executable = await makeExecutable(made, [payload.subarray(0, 101), payload.subarray(101)]);

  // The template's bytes but for the header, then the tail.
  const source = await openSource(executable);
  const start = await openSource(templatePath);
  expect(source.size).toBeLessThan(start.size + payload.length + 200_000);
  for (const offset of [1024, template.size >> 1, template.size - 300_000]) {
    const [before, after] = [await start.read(offset, 300_000), await source.read(offset, 300_000)];
    expect(Buffer.compare(before, after)).toBe(0);
  }

  const [stored, computed] = await checksums(executable);
  expect(stored).toBe(computed);
  expect(await verifySignature(executable)).toMatch(/No signature found/);
  await run("llvm-objdump-19", ["--private-headers", executable], { maxBuffer: 64 * 1024 * 1024 });

  // All that the loader and the program use is as it was.
  const parts = ["imports", "exports", "load-config", "tls-directory", "debug-directory", "basereloc"];
  const options = parts.map((part) => `--coff-${part}`);
  expect(digest(await readobj(executable, ...options))).toBe(digest(await readobj(runtime, ...options)));

  const text = await readobj(executable, "--file-headers", "--sections");
  const numbers = (field: string) =>
    [...text.matchAll(new RegExp(`^ +${field}: (\\w+)$`, "gm"))].map((match) => Number(match[1]));
  const names = [...text.matchAll(/^ +Name: (\S+)/gm)].map((match) => match[1]);
  expect(names).toEqual([...pe.sections.slice(0, -2).map(({ name }) => name), ".reloc", ".rsrc"]);
  const [addresses, sizes] = [numbers("VirtualAddress"), numbers("VirtualSize")];
  for (const [index, address] of addresses.slice(1).entries())
    expect(address).toBe(Math.ceil((addresses[index]! + sizes[index]!) / 4096) * 4096);
  expect(numbers("SizeOfImage")).toEqual([Math.ceil((addresses.at(-1)! + sizes.at(-1)!) / 4096) * 4096]);
  expect(numbers("PointerToRawData").at(-1)! + numbers("RawDataSize").at(-1)!).toBe(source.size);
  expect(numbers("ResourceTableRVA")).toEqual([addresses.at(-1)]);
  expect(numbers("BaseRelocationTableRVA")).toEqual([addresses.at(-2)]);
  expect(numbers("CertificateTableRVA")).toEqual([0]);

  // wrestool finds the payload, and the runtime's resources as they were.
  const extract = (file: string, type: number, name: string) =>
    run("wrestool", ["--extract", "--raw", `--type=${type}`, `--name=${name}`, file], {
      encoding: "buffer",
      maxBuffer: 64 * 1024 * 1024,
    }).then(({ stdout }) => stdout);
  expect(Buffer.compare(await extract(executable, 10, resourceName), payload)).toBe(0);
  for (const [type, name] of [
    [3, 5],
    [14, 1],
    [16, 1],
    [24, 1],
  ] as const) {
    const kept = await extract(executable, type, String(name));
    expect(kept.length).toBeGreaterThan(0);
    expect(Buffer.compare(kept, await extract(runtime, type, String(name)))).toBe(0);
  }

  await expect(planPeTemplate(await readPe(source), { resourceName })).rejects.toThrow(
    expect.objectContaining({ code: "EXECUTABLE_PAYLOAD_EXISTS" }),
  );
});

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

const app = `
const sea = require("node:sea");
console.log(JSON.stringify({
  arguments: process.argv.slice(2),
  version: process.version,
  platform: process.platform,
  isSea: sea.isSea(),
  asset: Buffer.from(sea.getRawAsset("greeting")).toString(),
  heap: Buffer.alloc(50_000_000, 1).length,
}));
process.exitCode = 7;
`;

test.each(
  windowsRuntimes.filter(({ target }) => target === "win32-x64"),
)("node $version runs a payload under wine, with and without a console", async ({ version }) => {
  const made = await makeTemplate(version, "win32-x64");
  const blob = await makeBlob(version, made.folder, app, { greeting: "hello from the asset" });
  for (const subsystem of ["console", "gui"] as const) {
    const executable = await makeExecutable(made, [blob], {
      subsystem,
      version: { fileVersion: "1.2.3", productName: "Tést" },
    });
    expect((await readPe(await openSource(executable))).header.subsystem).toBe(subsystem);

    const { stdout, code } = await runOnWine(executable, ["--first", "second one", ""]);
    expect(JSON.parse(stdout)).toEqual({
      arguments: ["--first", "second one", ""],
      version: `v${version}`,
      platform: "win32",
      isSea: true,
      asset: "hello from the asset",
      heap: 50_000_000,
    });
    expect(code).toBe(7);
  }
});

test("one template serves any number of apps, and the same app gives the same bytes", async () => {
  const made = await makeTemplate("26.10.0", "win32-x64");
  const { folder, template, templatePath } = made;
  const first = await readFile(await makeExecutable(made, [Buffer.from("first")]));
  await makeExecutable(made, [Buffer.from("second")]);
  const again = join(folder, "again.exe");
  await applyEdit(templatePath, again, peEdit(template, peTail(template, [Buffer.from("first")])));
  expect(Buffer.compare(await readFile(again), first)).toBe(0);
});
