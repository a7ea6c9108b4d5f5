import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { startCacheServer } from "../../../tools/cache-server.ts";
import { NxWorkspace, nxFolder, serviceFiles } from "./nx-workspace.ts";

const versions = [
  ["23, which the repository uses", undefined],
  ["24", "24.0.6"],
] as const;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function clone(
  nx: string,
  env: Readonly<Record<string, string>> = {},
  services = 3,
): Promise<NxWorkspace> {
  const workspace = await NxWorkspace.create(serviceFiles(services), nx, env);
  opened.push({ close: () => workspace.remove() });
  return workspace;
}

describe.each(versions)("Nx %s", (_, version) => {
  let nx: string;
  beforeAll(async () => {
    nx = await nxFolder(version);
  });

  test("shows the inferred targets, in the project and in the graph", async () => {
    const workspace = await clone(nx);
    const { targets } = JSON.parse(await workspace.nx("show", "project", "@fleet/s1", "--json"));
    expect(Object.keys(targets)).toEqual([
      "sbp:bundle",
      "sbp:linux-x64",
      "sbp:win32-x64",
      "sbp:build",
      "sbp:dev",
    ]);
    expect(targets["sbp:dev"]).toMatchObject({ continuous: true, cache: false });
    await workspace.nx("graph", "--file=graph.json");
    const { graph } = JSON.parse(await readFile(join(workspace.dir, "graph.json"), "utf8"));
    expect(graph.dependencies["@fleet/s1"].map(({ target }: { target: string }) => target).sort()).toEqual([
      "@fleet/all",
      "@fleet/odd",
    ]);
    expect(graph.nodes["@fleet/s1"].data.targets["sbp:build"].dependsOn).toEqual([
      "sbp:linux-x64",
      "sbp:win32-x64",
    ]);
  });

  test("runs each task once, and what a changed library affects again", async () => {
    const workspace = await clone(nx);
    await workspace.nx("run-many", "-t", "sbp:build");
    expect((await workspace.ran()).sort()).toEqual(
      [
        "build",
        "build --target linux-x64 --until pack",
        "build --target win32-x64 --until pack",
        "build --until bundle",
      ]
        .flatMap((line) => [line, line, line])
        .sort(),
    );
    expect(existsSync(join(workspace.dir, "services/s2/dist/linux-x64/s2"))).toBe(true);
    await workspace.nx("run-many", "-t", "sbp:build");
    expect(await workspace.ran()).toEqual([]);

    await workspace.write("libs/odd/src/main.ts", 'export const odd = "changed";\n');
    await workspace.nx("affected", "-t", "sbp:build", "--base=HEAD");
    // Of three services one uses it.
    expect(await workspace.ran()).toHaveLength(4);
    expect(await readFile(join(workspace.dir, "services/s1/dist/linux-x64/s1"), "utf8")).toContain("changed");
  });

  test("a second machine builds nothing: outputs come from the remote cache", async () => {
    const server = await startCacheServer({ folder: await folderOf(), token: "token" });
    opened.push(server);
    const env = {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: server.url,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: "token",
    };
    const first = await clone(nx, env);
    await first.nx("run-many", "-t", "sbp:build");
    const second = await clone(nx, env);
    await second.nx("run-many", "-t", "sbp:build");
    expect(await second.ran()).toEqual([]);
    for (const file of ["linux-x64/s1", "win32-x64/s1", "sbp-manifest.json"]) {
      const [mine, theirs] = await Promise.all(
        [first, second].map(({ dir }) => readFile(join(dir, "services/s1/dist", file))),
      );
      expect(mine!.equals(theirs!)).toBe(true);
    }
  });

  test("works with the daemon, which sees a changed config", async () => {
    const workspace = await clone(nx, { NX_DAEMON: "true" });
    await workspace.nx("run-many", "-t", "sbp:build");
    await workspace.ran();
    await workspace.write(
      "services/s0/sbp.config.json",
      serviceFiles(1)["services/s0/sbp.config.json"]!.replace('"win32-x64"', '"darwin-arm64"'),
    );
    const { targets } = JSON.parse(await workspace.nx("show", "project", "@fleet/s0", "--json"));
    expect(Object.keys(targets)).toContain("sbp:darwin-arm64");
    expect(Object.keys(targets)).not.toContain("sbp:win32-x64");
  });
});

test("one cache serves Nx and sbp: agents that share no disk build halves of one workspace, with the same bytes", async () => {
  const nx = await nxFolder(undefined);
  const server = await startCacheServer({ folder: await folderOf(), token: "token" });
  opened.push(server);
  const env = { SBP_REMOTE_CACHE: server.url, SBP_REMOTE_CACHE_TOKEN: "token" };
  const [alone, one, two] = await Promise.all([clone(nx), clone(nx, env), clone(nx, env)]);
  await alone.nx("run-many", "-t", "sbp:build");
  await Promise.all([
    one.nx("run-many", "-t", "sbp:build", "-p", "@fleet/s0,@fleet/s1"),
    two.nx("run-many", "-t", "sbp:build", "-p", "@fleet/s1,@fleet/s2"),
  ]);
  for (const [machine, services] of [
    [one, ["s0", "s1"]],
    [two, ["s1", "s2"]],
  ] as const) {
    for (const service of services) {
      const file = join("services", service, "dist/linux-x64", service);
      const [mine, theirs] = await Promise.all([alone, machine].map(({ dir }) => readFile(join(dir, file))));
      expect(mine!.equals(theirs!)).toBe(true);
    }
  }
});

test("a config that is wrong leaves the graph standing, and its build tells", async () => {
  const workspace = await clone(await nxFolder(undefined));
  await workspace.write("services/s0/sbp.config.json", '{ "pipeline": [{ "use": "bundel" }] }');
  expect(
    Object.keys(JSON.parse(await workspace.nx("show", "project", "@fleet/s0", "--json")).targets),
  ).toEqual(["sbp:build"]);
  const failure = await workspace.nx("run", "@fleet/s0:sbp:build").catch((error) => error);
  expect(failure.stdout + failure.stderr).toContain("SBP_PLUGIN_UNKNOWN");
});

async function folderOf(): Promise<string> {
  const { mkdtemp, rm } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const folder = await mkdtemp(join(tmpdir(), "sbp-nx-values-"));
  opened.push({ close: () => rm(folder, { recursive: true }) });
  return folder;
}
