import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../src/hash.ts";
import { definePlugin, type JsonObject, type Plugin } from "../src/index.ts";
import { hashState } from "../src/resumable-sha256.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

// As long as a folder is large on common file systems: a folder in place of a blob must not pass for one.
const content = "x".repeat(4096);

/** Makes the same report whatever its options are. */
const maker: Plugin = definePlugin({
  name: "maker",
  produces: ["report"],
  scope: "project",
  run: async ({ write }) =>
    void (await write("report", {}, (out) => out.file("r", content, { executable: true }))),
});

const blobPath = (text: string | Buffer, executable = true) =>
  rig.store.blobs.path({ sha256: sha256(text), executable });

/** Overwrites in place: the same inode, size and mode. */
async function damage(path: string): Promise<void> {
  const { mode, size } = await stat(path);
  await chmod(path, 0o644);
  await writeFile(path, "!".repeat(size));
  await chmod(path, mode);
}

const damages: Record<string, (path: string) => Promise<unknown>> = {
  "other bytes of the same size": damage,
  "a folder": async (path) => {
    await rm(path);
    await mkdir(join(path, "inner"), { recursive: true });
  },
  "a link to another file": async (path) => {
    await rename(path, `${path}.moved`);
    await damage(`${path}.moved`);
    await symlink(`${path}.moved`, path);
  },
  "a dangling link": async (path) => {
    await rm(path);
    await symlink("nowhere", path);
  },
};

test.each(Object.keys(damages))("%s in place of a blob: noticed on a hit", async (kind) => {
  await rig.build([[maker, { a: 1 }]]);
  await damages[kind]!(blobPath(content));
  await rm(join(rig.dir, "dist"), { recursive: true });
  expect(await rig.build([[maker, { a: 1 }]])).toMatchObject({ outcome: "done", ran: ["maker"] });
  expect(await rig.read("dist/r")).toBe(content);
  expect((await lstat(blobPath(content))).isFile()).toBe(true);
});

test.each(Object.keys(damages))("%s in place of a blob: put right when it is made again", async (kind) => {
  await rig.build([[maker, { a: 1 }]]);
  await damages[kind]!(blobPath(content));
  expect((await rig.build([[maker, { a: 2 }]])).outcome).toBe("done");
  expect(await rig.read("dist/r")).toBe(content);
  expect(await readFile(blobPath(content), "utf8")).toBe(content);
});

test("a link to a file with the right bytes is no blob either", async () => {
  await rig.build([[maker, { a: 1 }]]);
  const path = blobPath(content);
  await rename(path, join(rig.top, "elsewhere"));
  await symlink(join(rig.top, "elsewhere"), path);
  expect((await rig.build([[maker, { a: 1 }]])).outcome).toBe("done");
  expect((await lstat(path)).isFile()).toBe(true);
});

test("a blob that may no longer be executed may be again", async () => {
  await rig.build([maker]);
  await chmod(blobPath(content), 0o600);
  expect((await rig.build([maker])).outcome).toBe("done");
  expect((await stat(blobPath(content))).mode & 0o777).toBe(0o555);
});

const base = Buffer.alloc(200_000, "base ");

/** A base, something composed of it, and a reader of that: options change the reader's fingerprint alone. */
function composer(tail: string): (Plugin | [Plugin, JsonObject])[] {
  const baseMaker = definePlugin({
    name: "base",
    produces: ["template"],
    scope: "project",
    run: async ({ write }) => void (await write("template", {}, (out) => out.file("node", base))),
  });
  const composing = definePlugin({
    name: "composer",
    consumes: ["template"],
    produces: ["executable"],
    scope: "project",
    async run({ artifacts, write }) {
      await write("executable", {}, (out) =>
        out.compose("app", {
          base: { artifact: artifacts.template, file: "node" },
          tail: [Buffer.from(tail)],
        }),
      );
    },
  });
  return [baseMaker, [composing, { tail }]];
}

const hasher: Plugin = definePlugin({
  name: "hasher",
  consumes: ["executable"],
  produces: ["report"],
  scope: "project",
  async run({ artifacts, write }) {
    const hash = sha256(await artifacts.executable.read("app"));
    await write("report", {}, (out) => out.file("hash", hash));
  },
});

const whole = (tail: string) => Buffer.concat([base, Buffer.from(tail)]);

test("a damaged tail is put right when it is made again", async () => {
  await rig.build(composer("tail"));
  await damage(blobPath("tail", false));
  const [first, [composing]] = composer("tail") as [Plugin, [Plugin, JsonObject]];
  await rig.build([first, [composing, { other: true }]]);
  expect(await readFile(join(rig.dir, "dist/app"))).toEqual(whole("tail"));
});

test.each(Object.keys(damages))("%s in place of a composition that was put together", async (kind) => {
  await rig.build([...composer("tail"), [hasher, { a: 1 }]]);
  await damages[kind]!(blobPath(whole("tail"), false));
  await rig.build([...composer("tail"), [hasher, { a: 2 }]]);
  expect(await rig.read("dist/hash")).toBe(sha256(whole("tail")));
});

test("a state of another file beside a base does not get into a digest", async () => {
  await rig.build(composer("one"));
  const statePath = `${blobPath(base, false)}.state`;
  const other = join(rig.top, "other");
  await writeFile(other, "other bytes");
  const { state } = await hashState(other);
  const forged = [state, `${state} ${sha256(state + sha256(base))}`, "", " ", "AAAA", "A".repeat(155)];
  for (const [index, text] of forged.entries()) {
    await writeFile(statePath, text);
    const { outputs, outcome } = await rig.build(composer(`two ${index}`));
    expect(outcome).toBe("done");
    expect(outputs[0]?.sha256, text).toBe(sha256(whole(`two ${index}`)));
  }
  await rm(statePath);
  await mkdir(statePath);
  expect((await rig.build(composer("three"))).outputs[0]?.sha256).toBe(sha256(whole("three")));
});

test("a base whose bytes were exchanged unseen does not get into a digest", async () => {
  await rig.build(composer("one"));
  const path = blobPath(base, false);
  await rm(`${path}.state`);
  // Between the check of the base and its use.
  const [first, [composing]] = composer("two") as [Plugin, [Plugin, JsonObject]];
  const [transform] = composing.transforms;
  let times = 0;
  const sabotaged: Plugin = {
    ...composing,
    transforms: [
      {
        ...transform!,
        async run(context) {
          if (times++ === 0) await damage(path);
          await transform!.run(context);
        },
      },
    ],
  };
  const { outcome, outputs } = await rig.build([first, [sabotaged, { tail: "two" }]]);
  expect(outcome).toBe("done");
  expect(outputs[0]?.sha256).toBe(sha256(whole("two")));
  expect(await readFile(join(rig.dir, "dist/app"))).toEqual(whole("two"));
});

test("the store keeps nothing but blobs and their states in the folder of blobs", async () => {
  await rig.build([...composer("tail"), hasher]);
  const names = (await readdir(rig.store.blobs.dir, { recursive: true })).filter((name) =>
    name.includes("/"),
  );
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{2}\/[0-9a-f]{64}(\.x)?(\.state)?$/);
});
