import { afterEach, beforeEach, expect, test } from "vitest";
import { explain } from "../src/index.ts";
import { Rig, reader, shouter } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  await rig.write("in.txt", "hello");
});
afterEach(() => rig.remove());

/** A reader with a warning and a note. */
const warner = reader("in.txt", {
  async run({ write, report }) {
    report({ severity: "warning", code: "DOUBTFUL", message: "it may be missing", hint: "look" });
    report({ severity: "info", code: "NOTED", message: "nothing" });
    await write("bundle", {}, (out) => out.file("text", "hello"));
  },
  explain: async ({ bundle }) => [
    { subject: `${await bundle.read("text")}`, decision: "bundled", bytes: 5, because: "it is there" },
  ],
});

const quiet = { ...reader(), name: "quiet" };

test("strict takes warnings for errors, whether the step ran or not, and keeps its result", async () => {
  const refused = { outcome: "failed", outputs: [] };
  const first = await rig.build([warner, shouter], { strict: true });
  expect(first).toMatchObject(refused);
  expect(first.errors).toMatchObject([
    {
      code: "SBP_STRICT",
      message: "a warning is an error under --strict",
      exitCode: 1,
      step: "reader",
      diagnostics: [{ severity: "error", code: "DOUBTFUL", hint: "look" }],
    },
  ]);
  const lax = await rig.build([warner, shouter]);
  expect(lax).toMatchObject({ outcome: "done", ran: ["shouter"] });
  expect(lax.diagnostics).toMatchObject([{ severity: "warning" }, { severity: "info" }]);
  expect(await rig.build([warner, shouter], { strict: true })).toMatchObject(refused);
  expect(await rig.build([quiet, shouter], { strict: true })).toMatchObject({ outcome: "done" });
});

test("explain shows what a step has decided, where it is named, from whatever build", async () => {
  const ask = async (query?: string) => {
    const project = rig.project([warner, shouter]);
    return (await explain({ project, store: rig.store, ...(query && { query }) })).map(
      (one) => one.decisions,
    );
  };
  const decisions = [{ subject: "hello", decision: "bundled", bytes: 5, because: "it is there" }];
  expect(await ask("reader")).toEqual([undefined]);
  await rig.build([warner, shouter]);
  expect(await ask("reader")).toEqual([decisions]);
  expect(await ask("shouter")).toEqual([undefined]);
  expect(await ask()).toEqual([undefined, undefined]);
  await rig.build([warner, shouter]);
  expect(await ask("reader")).toEqual([decisions]);
});
