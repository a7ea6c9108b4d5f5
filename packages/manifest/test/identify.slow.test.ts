import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  appendEdit,
  applyEdit,
  elfTail,
  fromBytes,
  fromFile,
  planElfTemplate,
  readElf,
} from "@sbp/executable";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { identify, ManifestError } from "../src/index.ts";

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sbp-identify-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function identified(path: string) {
  const file = await open(path);
  try {
    return await identify(await fromFile(file));
  } finally {
    await file.close();
  }
}

describe("a Go program", () => {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off", CGO_ENABLED: "0" };
  beforeAll(async () => {
    const app = join(folder, "go");
    await mkdir(join(app, "dep"), { recursive: true });
    const files = {
      "go.mod":
        "module example.test/hello\n\ngo 1.19\n\nrequire example.test/dep v1.2.3\n\nreplace example.test/dep => ./dep\n",
      "main.go": 'package main\n\nimport "example.test/dep"\n\nfunc main() { println(dep.Name) }\n',
      "dep/go.mod": "module example.test/dep\n\ngo 1.19\n",
      "dep/dep.go": 'package dep\n\nconst Name = "dep"\n',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(app, name), text);
  });

  test.each([
    ["linux", "amd64", "linux-x64"],
    ["linux", "arm64", "linux-arm64"],
    ["windows", "amd64", "win32-x64"],
    ["darwin", "arm64", "darwin-arm64"],
  ])("for %s on %s tells its modules as go version -m does", async (GOOS, GOARCH, target) => {
    const output = join(folder, `hello-${target}`);
    await run("go", ["build", "-buildvcs=false", "-tags=extra", "-o", output, "."], {
      cwd: join(folder, "go"),
      env: { ...env, GOOS, GOARCH },
    });
    const found = await identified(output);
    const { stdout } = await run("go", ["version", "-m", output]);
    if (found?.what !== "go") throw new Error(`it is ${found?.what}`);
    expect(found).toMatchObject({
      target,
      path: "example.test/hello",
      main: { path: "example.test/hello", version: "(devel)" },
      modules: [
        { path: "example.test/dep", version: "v1.2.3", replacedBy: { path: "./dep", version: "(devel)" } },
      ],
    });
    expect(stdout.split("\n")[0]).toBe(`${output}: ${found.goVersion}`);
    const said = [...stdout.matchAll(/^\tbuild\t([^=]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
    expect(Object.entries(found.settings)).toEqual(said);
    expect(found.settings).toMatchObject({ GOOS, GOARCH, "-tags": "extra" });
  });

  test("without symbols and sections is still one", async () => {
    const output = join(folder, "stripped");
    await run("go", ["build", "-buildvcs=false", "-ldflags=-s -w", "-o", output, "."], {
      cwd: join(folder, "go"),
      env,
    });
    const bytes = await readFile(output);
    // No section table at all: what packers leave.
    bytes.fill(0, 0x28, 0x30).fill(0, 0x3c, 0x40);
    const found = await identify(fromBytes(bytes));
    expect(found).toMatchObject({ what: "go", path: "example.test/hello" });
  });

  test("that is damaged is refused or told as far as it goes, within bounds", async () => {
    const bytes = await readFile(join(folder, "hello-linux-x64"));
    const start = bytes.indexOf("\xff Go buildinf:", 0, "latin1");
    for (let at = 0; at < 400; at++) {
      const damaged = Buffer.from(bytes);
      damaged[start + at]! ^= 0xff;
      const found = await identify(fromBytes(damaged)).catch((error) => error);
      if (!(found instanceof ManifestError)) expect(["go", "other"]).toContain(found.what);
    }
  });
});

describe("Node", () => {
  test("without an app tells its version", async () => {
    for (const target of ["linux-x64", "win32-x64", "darwin-arm64"])
      expect(await identified(await testRuntime("26.10.0", target))).toMatchObject({
        what: "node",
        target,
        runtimeVersion: "26.10.0",
      });
  });

  test("with a single executable application tells what its payload does", async () => {
    const node = await testRuntime("26.10.0", "linux-x64");
    await writeFile(join(folder, "main.js"), "console.log(1)");
    await writeFile(
      join(folder, "sea.json"),
      '{ "main": "main.js", "output": "blob", "useCodeCache": true }',
    );
    await run(node, ["--experimental-sea-config", "sea.json"], { cwd: folder });
    const handle = await open(node);
    const elf = await readElf(await fromFile(handle));
    const { edit, template } = planElfTemplate(elf, { noteName: "NODE_SEA_BLOB" });
    await applyEdit(node, join(folder, "template"), edit);
    await handle.close();
    const tail = elfTail(template, [await readFile(join(folder, "blob"))]);
    await applyEdit(join(folder, "template"), join(folder, "sea"), appendEdit(template.size, tail));
    expect(await identified(join(folder, "sea"))).toEqual({
      what: "node-sea",
      target: "linux-x64",
      size: expect.any(Number),
      runtimeVersion: "26.10.0",
      facts: ["its script was main.js of 14 bytes", "it has a code cache"],
      unknown: ["which packages are in its script, and in which versions"],
    });
  });
});

describe("other files", () => {
  test("that are executables are called so, whatever they are", async () => {
    expect(await identified("/bin/ls")).toMatchObject({ what: "other" });
  });

  test("that are none are none", async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("#!/bin/sh\n"), randomBytes(10_000)])
      expect(await identify(fromBytes(Buffer.concat([Buffer.from("x"), bytes])))).toBeUndefined();
  });

  test("that begin like executables and are none are refused", async () => {
    await copyFile("/bin/ls", join(folder, "ls"));
    const ls = await readFile(join(folder, "ls"));
    for (const magic of ["\x7fELF", "MZ", "\xcf\xfa\xed\xfe"])
      for (const size of [0, 60, 4000]) {
        const bytes = Buffer.concat([Buffer.from(magic, "latin1"), randomBytes(size)]);
        const found = await identify(fromBytes(bytes)).catch((error) => error);
        if (!(found instanceof ManifestError)) expect(found.what).toBe("other");
      }
    for (let end = 4; end < ls.length; end = Math.ceil(end * 1.7)) {
      const found = await identify(fromBytes(ls.subarray(0, end))).catch((error) => error);
      if (!(found instanceof ManifestError)) expect(found.what).toBe("other");
    }
  });
});
