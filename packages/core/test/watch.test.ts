import { rename, rm, utimes, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig, reader } from "./rig.ts";
import { WatchRig } from "./watch-rig.ts";

let rig: Rig;
let watching: WatchRig;
beforeEach(async () => {
  rig = await Rig.create();
  await rig.write("in.txt", "one");
});
afterEach(async () => {
  await watching.watcher.close();
  await rig.remove();
});

describe("a change", () => {
  test("is built, and only what it says", async () => {
    watching = WatchRig.steps(rig, [reader()]);
    expect(await watching.built()).toBe("one");
    await watching.next("watching");
    await rig.write("in.txt", "two");
    expect((await watching.next("change-detected")).files).toEqual(["in.txt"]);
    expect(await watching.built()).toBe("two");
  });
});
