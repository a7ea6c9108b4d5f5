import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hashState, resumeHash } from "../src/resumable-sha256.ts";

const dir = await mkdtemp(join(tmpdir(), "sbp-sha256-"));
afterAll(() => rm(dir, { recursive: true }));

const openssl = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest("hex");

async function stateAfter(base: Uint8Array) {
  const file = join(dir, "base");
  await writeFile(file, base);
  return hashState(file);
}

test("a tail of any length after a base of any length has the hash of both", async () => {
  for (const baseLength of [0, 1, 55, 56, 63, 64, 65, 119, 128, 1000, 70_001]) {
    const base = randomBytes(baseLength);
    const { state, sha256 } = await stateAfter(base);
    expect(sha256).toBe(openssl(base));
    for (const length of [0, 1, 7, 8, 9, 55, 56, 63, 64, 65, 128, 4095, 68_799]) {
      const tail = randomBytes(length);
      expect(await resumeHash(state, sha256, tail), `${baseLength} + ${length}`).toBe(openssl(base, tail));
    }
  }
});

test("what is no state after the base is refused", async () => {
  const { state, sha256 } = await stateAfter(randomBytes(1000));
  const other = await stateAfter(randomBytes(1000));
  const bytes = Buffer.from(state, "base64");
  const changed = [5, 68, 72, 75, 76, 107].map((place) => {
    const copy = Buffer.from(bytes);
    copy[place]! ^= 1;
    return copy.toString("base64");
  });
  for (const text of [other.state, "", "AAAA", bytes.subarray(1).toString("base64"), ...changed])
    expect(await resumeHash(text, sha256, new Uint8Array(10))).toBeUndefined();
});
