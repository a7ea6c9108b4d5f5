import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cosignProgram, verifyProvenance } from "../../../tools/cosign.ts";
import { envelope, readSigningKey } from "../src/provenance/envelope.ts";
import { provenanceStatement } from "../src/provenance/statement.ts";
import { shop } from "./inventories.ts";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "sbp-scan-test-"));
const place = (name: string) => join(folder, name);
const content = "what was built";

beforeAll(async () => {
  await cosignProgram();
  for (const name of ["ours", "other"]) {
    await run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", place(name)]);
    await run("openssl", ["ec", "-in", place(name), "-pubout", "-out", place(`${name}.pub`)]);
  }
  const sha256 = createHash("sha256").update(content).digest("hex");
  const statement = provenanceStatement([{ name: "shop", sha256 }], shop(), { tool: "0.1.0", options: {} });
  const key = await readSigningKey(place("ours"), undefined);
  await Promise.all([
    writeFile(place("shop"), content),
    writeFile(place("changed"), `${content} `),
    writeFile(place("signed"), envelope(statement, key)),
    writeFile(place("unsigned"), envelope(statement, undefined)),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

test.for([
  ["its own file and key", "shop", "signed", "ours.pub", "Verified OK"],
  ["another file", "changed", "signed", "ours.pub", "no matching subject digest found"],
  ["another key", "shop", "signed", "other.pub", "accepted signatures do not match threshold"],
  ["no signature", "shop", "unsigned", "ours.pub", "no signature found"],
] as const)("cosign, with %s", async ([, file, statement, key, says]) => {
  expect(await verifyProvenance(place(file), place(statement), place(key), folder)).toContain(says);
});
