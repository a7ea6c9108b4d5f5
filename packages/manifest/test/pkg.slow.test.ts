import { execFile } from "node:child_process";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromBytes, fromFile } from "@sbp/executable";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makePkg, type PkgOptions, pkgNodeVersion, pkgVersions } from "../../../tools/pkg-executables.ts";
import { type Identified, identify, ManifestError } from "../src/index.ts";

/* What pkg makes, by the real ones from the registry, of an app with real packages. */

const run = promisify(execFile);
let folder: string;
let app: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sbp-pkg-"));
  app = join(folder, "app");
  await mkdir(app);
  const dependencies = { lodash: "4.17.15", minimist: "1.2.5", "@babel/runtime": "7.23.0" };
  await writeFile(
    join(app, "package.json"),
    JSON.stringify({ name: "shop", version: "2.1.0", license: "UNLICENSED", bin: "main.js", dependencies }),
  );
  await writeFile(
    join(app, "main.js"),
    'require("minimist"); require("@babel/runtime/helpers/extends"); console.log(require("lodash/pick")({ a: 1 }, ["a"]));\n',
  );
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: app });
});
afterAll(() => rm(folder, { recursive: true }));

async function made(options: PkgOptions): Promise<Identified | undefined> {
  // It adds this where it is missing.
  const output = join(folder, options.target?.startsWith("win32") ? "output.exe" : "output");
  await makePkg(app, output, options);
  const file = await open(output);
  try {
    return await identify(await fromFile(file));
  } finally {
    await file.close();
    await rm(output);
  }
}

const plain = ["--no-bytecode", "--public", "--public-packages", "*"];
const forms: Record<string, PkgOptions> = {
  "appended to Node": {},
  "appended, by Vercel's pkg, with Brotli": { tool: "pkg", words: ["--compress", "Brotli"] },
  "appended, with gzip": { words: [...plain, "--compress", "GZip"] },
  "for Windows": { target: "win32-x64", words: plain },
  "for macOS, with Zstandard": { target: "darwin-arm64", words: [...plain, "--compress", "Zstd"] },
  "as a single executable application": { sea: true },
  "as a single executable application, with gzip": { sea: true, words: ["--compress", "GZip"] },
};

describe.for(Object.keys(forms))("an executable of pkg, %s", (form) => {
  test("tells the app, its packages with their files, and Node", async () => {
    const { tool = "@yao-pkg/pkg", sea, target = "linux-x64", words } = forms[form]!;
    const found = await made(forms[form]!);
    if (found?.what !== "pkg") throw new Error(`it is ${found?.what}`);
    expect(found).toMatchObject({
      target,
      runtimeVersion: pkgNodeVersion,
      app: { name: "shop", version: "2.1.0" },
    });
    expect(found.packages.map(({ name, version, license }) => `${name} ${version} ${license}`)).toEqual([
      "@babel/runtime 7.23.0 MIT",
      "lodash 4.17.15 MIT",
      "minimist 1.2.5 MIT",
      "regenerator-runtime 0.14.1 MIT",
    ]);
    expect(found.packages[0]!.files).toEqual(["helpers/extends.js", "package.json"]);
    const lodash = found.packages[1]!.files;
    expect(lodash).toContain("_baseSet.js");
    expect(lodash).not.toContain("template.js");
    // The SEA form does not name its version.
    expect(found.facts.join()).toMatch(sea ? "it starts app/main.js" : `made by pkg ${pkgVersions[tool]}`);
    // Vercel's and its successor leave out the sources of what has no free licence.
    const isBytecode = !sea && !words?.includes("--no-bytecode");
    expect(/\d scripts are there as bytecode, without/.test(found.facts.join())).toBe(isBytecode);
  });
});

test("one that is cut short or changed is refused, or told as far as it goes", async () => {
  const output = join(folder, "output");
  await makePkg(app, output);
  const whole = await readFile(output);
  await rm(output);
  const isTold = (found: unknown) =>
    found instanceof ManifestError || ["pkg", "other"].includes((found as Identified).what);
  const start = whole.lastIndexOf("(function(process, require, console, EXECPATH_FD");
  for (const end of [start, start + 10, whole.length - 5, whole.length - 400, whole.length - 40_000]) {
    const found = await identify(fromBytes(whole.subarray(0, end))).catch((error) => error);
    // The official Node that the tests use has no mark of pkg's.
    expect(isTold(found) || found.what === "node", `${end}`).toBe(true);
  }
  for (let at = whole.length - 300; at < whole.length; at += 7) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 0x15;
    const found = await identify(fromBytes(changed)).catch((error) => error);
    expect(isTold(found) || found.what === "node", `${at}`).toBe(true);
  }
});
