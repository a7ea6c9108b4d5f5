import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BuildOptions, definePlugin, openStore } from "../../core/src/index.ts";
import { Rig, reader, shouter } from "../../core/test/rig.ts";
import { FolderStorage } from "../src/folder-storage.ts";
import { HttpStorage } from "../src/http-storage.ts";

/** Makes what the app is put on top of: large enough to travel alone. */
const base = definePlugin({
  name: "base",
  produces: ["runtime"],
  scope: "project",
  async run({ write }) {
    await write("runtime", {}, (out) => out.file("base", Buffer.alloc(400_000, "base")));
  },
});

const composer = definePlugin({
  name: "composer",
  consumes: ["runtime", "bundle"],
  produces: ["executable"],
  scope: "project",
  async run({ artifacts, write }) {
    const tail = await artifacts.bundle.read("text");
    await write("executable", {}, (out) =>
      out.compose("app", { base: { artifact: artifacts.runtime, file: "base" }, tail: [tail] }),
    );
  },
});

let rig: Rig;
let folder: string;
beforeEach(async () => {
  rig = await Rig.create();
  folder = join(rig.top, "remote");
  await rig.write("in.txt", "hello");
});
afterEach(() => rig.remove());

const steps = [reader(), shouter];

/** A build on another machine: the same project, a store of its own. */
async function elsewhere(name: string, options: Partial<BuildOptions> = {}, pipeline = steps) {
  const store = await openStore(join(rig.top, name));
  const result = await rig.build(pipeline, {
    store,
    remote: { storage: new FolderStorage(folder) },
    ...options,
  });
  return { ...result, warnings: warnings() };
}

function warnings(): string[] {
  return rig.events.flatMap((event) =>
    event.type === "diagnostic" && event.action === "cache" ? [event.diagnostic.code] : [],
  );
}

async function values(): Promise<string[]> {
  const folders = await readdir(folder);
  return (
    await Promise.all(
      folders.map(async (one) => (await readdir(join(folder, one))).map((name) => join(folder, one, name))),
    )
  ).flat();
}

describe("results of other machines", () => {
  test("are taken, and nothing runs", async () => {
    expect((await elsewhere("a")).ran).toEqual(["reader", "shouter"]);
    await rm(join(rig.dir, "dist"), { recursive: true });
    const second = await elsewhere("b");
    expect(second.ran).toEqual([]);
    expect(second.actions.map(({ reason }) => reason)).toEqual([
      "in the remote cache",
      "in the remote cache",
    ]);
    expect(await rig.read("dist/shout.txt")).toBe("HELLO");
    expect(second.warnings).toEqual([]);
  });

  test("are kept in the store: the next build asks nobody", async () => {
    await elsewhere("a");
    await elsewhere("b");
    await rm(folder, { recursive: true });
    const third = await elsewhere("b");
    expect(third.actions.map(({ reason }) => reason)).toEqual(["unchanged", "unchanged"]);
  });

  test("are those of the present inputs, whatever was shared in between", async () => {
    await elsewhere("a");
    await rig.write("in.txt", "bye");
    expect((await elsewhere("b")).ran).toEqual(["reader", "shouter"]);
    await rig.write("in.txt", "hello");
    expect((await elsewhere("c")).ran).toEqual([]);
    expect(await rig.read("dist/shout.txt")).toBe("HELLO");
    await rig.write("in.txt", "bye");
    expect((await elsewhere("d")).ran).toEqual([]);
    expect(await rig.read("dist/shout.txt")).toBe("BYE");
  });

  test("also where what is read depends on what was read", async () => {
    const follower = definePlugin({
      name: "follower",
      produces: ["report"],
      scope: "project",
      async run({ dependOn, projectDir, write }) {
        let text = "";
        for (let file = "in.txt"; file !== ""; ) {
          dependOn({ file });
          [file = "", text = ""] = (await readFile(join(projectDir, file), "utf8")).split(" ");
        }
        await write("report", {}, (out) => out.file("report.txt", text));
      },
    });
    await rig.write("in.txt", "a.txt");
    await rig.write("a.txt", " of-a");
    await rig.write("b.txt", " of-b");
    await elsewhere("a", {}, [follower]);
    await rig.write("in.txt", "b.txt");
    expect((await elsewhere("b", {}, [follower])).ran).toEqual(["follower"]);
    // Through the chain that the first build began, which looks at a.txt for nothing.
    expect((await elsewhere("c", {}, [follower])).ran).toEqual([]);
    expect(await rig.read("dist/report.txt")).toBe("of-b");
    await rig.write("b.txt", " of-b-again");
    expect((await elsewhere("d", {}, [follower])).ran).toEqual(["follower"]);
    expect(await rig.read("dist/report.txt")).toBe("of-b-again");
  });

  test("leave large files where they are until somebody reads them", async () => {
    const pipeline = [base, reader(), composer];
    await elsewhere("a", {}, pipeline);
    await rm(join(rig.dir, "dist"), { recursive: true });
    const away = definePlugin({ ...base });
    expect((await elsewhere("b", {}, [away])).ran).toEqual([]);
    const before = await stat(join(rig.top, "b/v1/blobs")).catch(() => undefined);
    expect(before).toBeUndefined();
    expect((await elsewhere("b", {}, pipeline)).ran).toEqual([]);
    expect((await readFile(join(rig.dir, "dist/app"))).subarray(-9).toString()).toBe("basehello");
  });

  test("whose large files are gone are made again", async () => {
    const pipeline = [base, reader(), composer];
    await elsewhere("a", {}, pipeline);
    for (const value of await values()) if (await isBlob(value)) await rm(value);
    const second = await elsewhere("b", {}, pipeline);
    expect(second.outcome).toBe("done");
    expect(second.ran).toContain("base");
  });

  test("are not asked for by an offline build, nor by one that is forced", async () => {
    await elsewhere("a");
    expect((await elsewhere("b", { offline: true })).ran).toEqual(["reader", "shouter"]);
    expect((await elsewhere("c", { force: true })).ran).toEqual(["reader", "shouter"]);
  });

  test("are not shared when they were made from what only this machine has", async () => {
    await writeFile(join(rig.top, "outside.txt"), "hello");
    await elsewhere("a", {}, [reader("../outside.txt"), shouter]);
    const second = await elsewhere("b", {}, [reader("../outside.txt"), shouter]);
    expect(second.ran).toEqual(["reader"]);
  });
});

/** What is under a blob's key is plain gzip; entries begin with a magic of their own. */
async function isBlob(path: string): Promise<boolean> {
  return (await readFile(path)).subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]));
}

describe("what nobody should trust", () => {
  const damages: [string, (path: string) => Promise<void>][] = [
    ["truncated", async (path) => truncate(path, Math.floor((await stat(path)).size / 2))],
    ["empty", (path) => truncate(path, 0)],
    [
      "with a bit turned",
      async (path) => {
        const bytes = await readFile(path);
        bytes[bytes.length - 9]! ^= 1;
        await writeFile(path, bytes);
      },
    ],
    [
      "another entry's",
      async (path) => writeFile(path, await readFile((await values()).find((one) => one !== path)!)),
    ],
  ];
  test.each(damages)("an entry that is %s is refused, and its result made here", async (_, damage) => {
    await elsewhere("a");
    for (const value of await values()) await damage(value);
    const second = await elsewhere("b");
    expect(second.outcome).toBe("done");
    expect(second.ran).toEqual(["reader", "shouter"]);
    expect(second.warnings).toContain("SBP_REMOTE_CACHE_ENTRY");
    expect(await rig.read("dist/shout.txt")).toBe("HELLO");
  });

  test("a large file with other bytes never reaches the store", async () => {
    const pipeline = [base, reader(), composer];
    await elsewhere("a", {}, pipeline);
    const { gzipSync } = await import("node:zlib");
    for (const value of await values())
      if (await isBlob(value)) await writeFile(value, gzipSync(Buffer.alloc(400_000, "evil")));
    const second = await elsewhere("b", {}, pipeline);
    expect(second.outcome).toBe("done");
    expect(second.warnings).toContain("SBP_REMOTE_CACHE_ENTRY");
    expect((await readFile(join(rig.dir, "dist/app"))).subarray(-9).toString()).toBe("basehello");
  });

  test("a large file without end is broken off", async () => {
    const pipeline = [base, reader(), composer];
    await elsewhere("a", {}, pipeline);
    const { gzipSync } = await import("node:zlib");
    for (const value of await values())
      if (await isBlob(value)) await writeFile(value, gzipSync(Buffer.alloc(40_000_000)));
    const second = await elsewhere("b", {}, pipeline);
    expect(second.outcome).toBe("done");
    expect(second.warnings).toContain("SBP_REMOTE_CACHE_ENTRY");
  });

  test("with a secret, what others have written is not even found", async () => {
    const storage = new FolderStorage(folder);
    await elsewhere("a", { remote: { storage, secret: "one" } });
    expect((await elsewhere("b", { remote: { storage, secret: "two" } })).ran).toEqual(["reader", "shouter"]);
    expect((await elsewhere("c", { remote: { storage, secret: "one" } })).ran).toEqual([]);
  });
});

describe("a storage", () => {
  test("that may only be read is not written to", async () => {
    const storage = new FolderStorage(folder, { readOnly: true });
    expect((await elsewhere("a", { remote: { storage } })).ran).toEqual(["reader", "shouter"]);
    await expect(readdir(folder)).rejects.toThrow();
  });

  test("that is not there slows a build, with one warning", async () => {
    const storage = new HttpStorage("http://127.0.0.1:9", { timeout: 1000 });
    const result = await elsewhere("a", { remote: { storage } });
    await storage.close();
    expect(result.outcome).toBe("done");
    expect(result.warnings).toEqual(["SBP_REMOTE_CACHE_DOWN"]);
  });

  const silent: RequestListener = () => {};
  const dripping: RequestListener = (request, response) => {
    if (request.method !== "GET") return void response.writeHead(404).end();
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  };

  test.each([
    ["never answers", silent],
    ["sends a byte now and then", dripping],
  ])("that %s is given up on", async (_, listener) => {
    const server = createServer(listener);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const storage = new HttpStorage(`http://127.0.0.1:${port}`, { timeout: 300 });
    try {
      const result = await elsewhere("a", { remote: { storage } });
      expect(result.outcome).toBe("done");
      expect(result.warnings).toEqual(["SBP_REMOTE_CACHE_DOWN"]);
    } finally {
      await storage.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
