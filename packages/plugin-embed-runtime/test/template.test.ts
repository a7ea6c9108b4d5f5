import { copyFile, cp, mkdir, mkdtemp, open, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Artifact, Target } from "@sbp/core";
import { closureFile, readClosure } from "@sbp/loader";
import { beforeAll, describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { isLoaderError, selfContainedError } from "../src/runtime-error.ts";
import { appBuilder, runtimeArtifact, scratchFolder, transform } from "./app.ts";
import { artifactOf } from "./run-context.ts";

const version = "26.10.0";
const target = "linux-x64";
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

let folder: string;
let hostRuntime: Artifact;
beforeAll(async () => {
  folder = await scratchFolder();
  hostRuntime = await runtimeArtifact("host-runtime", version, target, folder);
});

const runtime = (node: string, meta: { version?: string; target?: string } = {}) =>
  artifactOf("runtime", folder, { node }, { version, target, ...meta });

const template = (runtime: Artifact, forTarget: Target = target) =>
  transform("template", folder, {
    options: { selfContained: true },
    target: forTarget,
    artifacts: { runtime, "host-runtime": hostRuntime },
  });

describe("the template of a runtime", () => {
  test("has the fuse flipped and no room taken but for the payload", async () => {
    const made = await template(await runtimeArtifact("runtime", version, target, folder));
    expect(made.files.map(({ path }) => path)).toEqual([
      "blob-frame",
      "blob-frame-files",
      "builtins.json",
      "node",
    ]);
    expect(made.meta).toMatchObject({
      target,
      nodeVersion: version,
      codeCache: true,
      template: { format: "elf" },
    });
    const node = await readFile(await made.path("node"));
    expect(node.includes(`${fuse}1`)).toBe(true);
    expect(node.includes(`${fuse}0`)).toBe(false);
    expect(node.length % 0x10000).toBe(0);
  });

  test("is the same wherever it is made, and names no place", async () => {
    const [first, second] = [await appBuilder(version), await appBuilder(version)].map(
      (made) => made.template,
    );
    expect(second!.meta).toEqual(first!.meta);
    expect(
      (await readFile(await second!.path("node"))).equals(await readFile(await first!.path("node"))),
    ).toBe(true);
    const frame = (await second!.read("blob-frame")).toString("latin1");
    expect(frame).toBe((await first!.read("blob-frame")).toString("latin1"));
    expect(frame).not.toMatch(/tmp-|sbp-embed-|home|root\//);
    expect(frame).toContain("sbp-bootstrap.cjs");
  });
});

describe("a template is refused", () => {
  test("for a runtime that is too old", async () => {
    const meta = { version: "22.2.0" };
    const node = await testRuntime(version, target);
    const artifacts = {
      runtime: await runtime(node, meta),
      "host-runtime": await artifactOf("host-runtime", folder, { node }, { ...meta, target }),
    };
    await expect(
      transform("template", folder, { options: { selfContained: true }, target, artifacts }),
    ).rejects.toMatchObject({
      code: "SBP_RUNTIME_OLD",
      message: "Node 22.2.0 cannot carry an app: it takes Node 22.3.0 or newer",
    });
  });

  test("for a runtime of another target", async () => {
    const node = await testRuntime(version, target);
    await expect(template(await runtime(node), "linux-arm64")).rejects.toMatchObject({
      code: "SBP_RUNTIME_MISMATCH",
      message: "the runtime is for linux-x64, not for linux-arm64",
    });
    const disguised = await runtime(node, { target: "linux-arm64" });
    await expect(template(disguised, "linux-arm64")).rejects.toMatchObject({
      code: "SBP_RUNTIME_MISMATCH",
      message: "the runtime is an executable for x86-64, not for linux-arm64",
    });
  });

  test("for a runtime of another version than the host's", async () => {
    await expect(template(await runtime("nope", { version: "26.9.0" }))).rejects.toMatchObject({
      code: "SBP_RUNTIME_MISMATCH",
      message: "the runtime is Node 26.9.0, but the host's is 26.10.0",
    });
  });

  test("for a runtime that does not say what it is", async () => {
    await expect(template(await artifactOf("runtime", folder, { node: "nope" }, {}))).rejects.toMatchObject({
      code: "SBP_RUNTIME_MISMATCH",
    });
  });

  test("for a runtime without support for single executables", async () => {
    // What a build without the support lacks is the fuse.
    const node = join(folder, "without");
    await copyFile(await testRuntime(version, target), node);
    const file = await open(node, "r+");
    const offset = (await file.readFile()).indexOf(fuse);
    await file.write("-", offset);
    await file.close();
    await expect(template(await runtime(node))).rejects.toMatchObject({
      code: "SBP_RUNTIME_NO_SEA",
      message: "the runtime cannot carry an app",
    });
  });

  test("for an executable that was made of a template", async () => {
    const builder = await appBuilder(version);
    const { path } = await builder.build("main.cjs", "");
    await expect(template(await runtime(path))).rejects.toMatchObject({ code: "SBP_RUNTIME_ALREADY_APP" });
  });

  test("for what is no executable", async () => {
    const node = join(folder, "text");
    await writeFile(node, "#!/bin/sh\nexec node\n");
    await expect(template(await runtime(node))).rejects.toMatchObject({ code: "SBP_RUNTIME_INVALID" });
  });

  test("for a runtime that cannot carry its libraries", async () => {
    const node = join(folder, "position-independent");
    await copyFile(await testRuntime(version, target), node);
    const file = await open(node, "r+");
    await file.write(Uint8Array.of(3), 0, 1, 0x10);
    await file.close();
    await expect(template(await runtime(node))).rejects.toMatchObject({
      code: "SBP_RUNTIME_NOT_SELF_CONTAINED",
      message: "the runtime cannot be made self-contained: it is position-independent",
    });
  });

  test("for libraries that are damaged", async () => {
    const copy = await mkdtemp(join(folder, "libs-"));
    await mkdir(join(copy, "src"));
    await cp(join(dirname(closureFile(target)), "../libs"), join(copy, "libs"), { recursive: true });
    await copyFile(closureFile(target), join(copy, "src/closure.json"));
    await truncate(join(copy, "libs/libc.so.6.br"), 1000);
    const error = await readClosure(join(copy, "src/closure.json")).catch((error) => error);
    expect(isLoaderError(error)).toBe(true);
    expect(selfContainedError(error)).toMatchObject({
      code: "SBP_LIBRARIES_INVALID",
      message: "the libraries to carry are damaged: libc.so.6 cannot be decompressed",
      hint: "Install @sbp/libs-linux-x64 and @sbp/libs-linux-arm64 again.",
    });
  });

  test("for a runtime that is cut short", async () => {
    const node = join(folder, "short");
    await copyFile(await testRuntime(version, target), node);
    await truncate(node, 100_000_000);
    await expect(template(await runtime(node))).rejects.toMatchObject({ code: "SBP_RUNTIME_INVALID" });
  });

  test("when the host's Node does not run", async () => {
    const broken = await artifactOf("host-runtime", folder, { node: "/bin/false" }, { version, target });
    const attempt = transform("template", folder, {
      options: { selfContained: true },
      target,
      artifacts: { runtime: await runtime(await testRuntime(version, target)), "host-runtime": broken },
    });
    await expect(attempt).rejects.toMatchObject({ code: "SBP_HOST_RUNTIME_FAILED" });
  });
});
