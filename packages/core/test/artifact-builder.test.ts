import { link, lstat, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../src/hash.ts";
import { type Artifact, type ArtifactWriter, definePlugin } from "../src/index.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

/** Builds a step that fills a report. */
function fill(fill: (out: ArtifactWriter) => Promise<void> | void) {
  const plugin = definePlugin({
    name: "filler",
    produces: ["report"],
    scope: "project",
    run: async ({ write }) => void (await write("report", {}, fill)),
  });
  return rig.build([plugin]);
}

test("files that the plugin does not wait for are all there", async () => {
  const { outputs } = await fill((out) => {
    for (let index = 0; index < 20; index++) void out.file(`f${index}`, `${index}`);
  });
  expect(outputs).toHaveLength(20);
  expect(await rig.read("dist/f19")).toBe("19");
});

test("a file of a consumed artifact is passed on without a second copy, whatever its name and permissions", async () => {
  const source = definePlugin({
    name: "source",
    produces: ["bundle"],
    scope: "project",
    run: async ({ write }) => void (await write("bundle", {}, (out) => out.file("a", "content"))),
  });
  const passing = (names: readonly string[]) =>
    definePlugin({
      name: `passing-${names}`,
      consumes: ["bundle"],
      produces: ["report"],
      scope: "project",
      async run({ artifacts: { bundle }, write }) {
        await write("report", {}, async (out) => {
          for (const file of names) {
            await out.file(`same-${file}`, { artifact: bundle, file });
            await out.file(`program-${file}`, { artifact: bundle, file }, { executable: true });
          }
        });
      },
    });
  const { outputs } = await rig.build([source, passing(["a"])]);
  expect(outputs.map(({ sha256 }) => sha256)).toEqual([sha256("content"), sha256("content")]);
  expect((await stat(join(rig.dir, "dist/same-a"))).mode & 0o111).toBe(0);
  expect((await stat(join(rig.dir, "dist/program-a"))).mode & 0o111).toBe(0o111);
  const { errors } = await rig.build([source, passing(["b"])]);
  expect(errors).toMatchObject([{ code: "SBP_ARTIFACT_FILE" }]);
});

test("a mistake in a file that the plugin does not wait for fails the step", async () => {
  const { errors } = await fill((out) => {
    void out.file("../up", "");
  });
  expect(errors).toMatchObject([{ code: "SBP_PLUGIN_OUTPUT" }]);
});

test("a writer that is used after the end is refused", async () => {
  let kept: ArtifactWriter | undefined;
  const { outcome } = await fill((out) => {
    kept = out;
    return out.file("f", "x");
  });
  expect(outcome).toBe("done");
  await expect(kept!.file("late", "x")).rejects.toMatchObject({ code: "SBP_PLUGIN_OUTPUT" });
});

test("bytes are taken as they are when they are given", async () => {
  const { outputs } = await fill(async (out) => {
    const bytes = Buffer.from("first");
    const written = out.file("f", bytes);
    bytes.fill("x");
    await written;
  });
  expect(await rig.read("dist/f")).toBe("first");
  expect(outputs[0]?.sha256).toBe(sha256("first"));
});

test("a stored file has the hash of its name, whatever the plugin does to a reserved one meanwhile", async () => {
  const { outputs } = await fill(async (out) => {
    await writeFile(await out.reserve("f"), "reserved");
  });
  expect(outputs[0]?.sha256).toBe(sha256("reserved"));
});

test.each(["symbolic", "hard"])("a reserved file that is a %s link leaves its target alone", async (kind) => {
  await rig.write("target", "precious");
  const target = join(rig.dir, "target");
  const { outcome } = await fill(async (out) => {
    const path = await out.reserve("f");
    await (kind === "hard" ? link(target, path) : symlink(target, path));
  });
  expect(outcome).toBe("done");
  expect(await rig.read("dist/f")).toBe("precious");
  expect((await stat(target)).mode & 0o777).toBe(0o644);
  const blob = await lstat(rig.store.blobs.path({ sha256: sha256("precious"), executable: false }));
  expect(blob.isFile()).toBe(true);
  expect(blob.ino).not.toBe((await stat(target)).ino);
});

test.each([
  ["a", "a/b"],
  ["a/b/c", "a/b"],
])("a file cannot be the folder of another: %s, %s", async (one, other) => {
  const { errors } = await fill(async (out) => {
    await out.reserve(one).then((path) => writeFile(path, ""));
    await out.file(other, "");
  });
  expect(errors).toMatchObject([{ code: "SBP_PLUGIN_OUTPUT" }]);
});

const base = Buffer.alloc(100_000, "base ");

/** Builds a step that composes files from a base. */
function compose(work: (out: ArtifactWriter, artifact: Artifact) => Promise<unknown>) {
  const maker = definePlugin({
    name: "base",
    produces: ["template"],
    scope: "project",
    run: async ({ write }) => void (await write("template", {}, (out) => out.file("node", base))),
  });
  const composer = definePlugin({
    name: "composer",
    consumes: ["template"],
    produces: ["executable"],
    scope: "project",
    async run({ artifacts, write }) {
      await write("executable", {}, async (out) => void (await work(out, artifacts.template)));
    },
  });
  return rig.build([maker, composer]);
}

test("several patched files at once have the right hashes", async () => {
  const names = [..."abcdefgh"];
  const { outputs } = await compose((out, artifact) =>
    Promise.all(
      names.map((name) =>
        out.compose(name, {
          base: { artifact, file: "node" },
          patches: [{ offset: 5, bytes: Buffer.from(name) }],
          tail: [Buffer.from(name.repeat(1000))],
        }),
      ),
    ),
  );
  expect(outputs).toHaveLength(names.length);
  for (const { path, sha256: hash } of outputs) expect(sha256(await readFile(path))).toBe(hash);
});

test("a composition takes tail and patches as they are when they are given", async () => {
  const { outputs } = await compose(async (out, artifact) => {
    const tail = Buffer.from("tail");
    const bytes = Buffer.from("PATCH");
    const plain = out.compose("plain", { base: { artifact, file: "node" }, tail: [tail] });
    const patched = out.compose("patched", {
      base: { artifact, file: "node" },
      patches: [{ offset: 0, bytes }],
      tail: [tail],
    });
    tail.fill("x");
    bytes.fill("x");
    await Promise.all([plain, patched]);
  });
  const patchedBase = Buffer.from(base);
  patchedBase.set(Buffer.from("PATCH"));
  for (const [index, start] of [patchedBase, base].entries()) {
    const expected = Buffer.concat([start, Buffer.from("tail")]);
    expect(await readFile(outputs[index]!.path)).toEqual(expected);
    expect(outputs[index]!.sha256).toBe(sha256(expected));
  }
});

test("a composition with nothing behind the base is the base", async () => {
  const { outputs } = await compose((out, artifact) =>
    out.compose("same", { base: { artifact, file: "node" }, tail: [] }),
  );
  expect(outputs).toMatchObject([{ sha256: sha256(base), size: base.length }]);
  expect(await readFile(outputs[0]!.path)).toEqual(base);
});

test("a composition with more behind the base than is hashed bit by bit", async () => {
  const tail = Buffer.alloc(25 << 20, "tail ");
  const { outputs } = await compose((out, artifact) =>
    out.compose("large", { base: { artifact, file: "node" }, tail: [tail] }),
  );
  expect(outputs[0]!.sha256).toBe(sha256(Buffer.concat([base, tail])));
  expect(sha256(await readFile(outputs[0]!.path))).toBe(outputs[0]!.sha256);
});

test("the same composition twice at once is refused", async () => {
  const { errors } = await compose((out, artifact) => {
    const one = () => out.compose("a", { base: { artifact, file: "node" }, tail: [] });
    return Promise.all([one(), one()]);
  });
  expect(errors).toMatchObject([{ code: "SBP_PLUGIN_OUTPUT", message: expect.stringContaining("twice") }]);
});

test("a name that no file system takes is the plugin's mistake", async () => {
  const { errors } = await fill((out) => out.file("x".repeat(300), ""));
  expect(errors).toMatchObject([{ code: "SBP_PLUGIN_OUTPUT", step: "filler" }]);
  expect(rig.events.filter(({ type }) => type === "diagnostic")).toEqual([]);
});

test("an artifact that is not waited for is a mistake of the plugin, not a crash", async () => {
  const careless = definePlugin({
    name: "careless",
    produces: ["report"],
    scope: "project",
    async run({ write }) {
      void write("report", {}, () => Promise.reject(new Error("too late")));
    },
  });
  const { errors } = await rig.build([careless]);
  expect(errors).toMatchObject([
    { code: "SBP_PLUGIN_OUTPUT", message: expect.stringContaining("ended without") },
  ]);
});

test("a run that returns no promise is a mistake of the plugin", async () => {
  const sync = definePlugin({
    name: "sync",
    produces: ["report"],
    scope: "project",
    run: (() => undefined) as unknown as () => Promise<void>,
  });
  const { errors } = await rig.build([sync]);
  expect(errors).toMatchObject([
    { code: "SBP_PLUGIN_OUTPUT", message: expect.stringContaining("ended without") },
  ]);
});
