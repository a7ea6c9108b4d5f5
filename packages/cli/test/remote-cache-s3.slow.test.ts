import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type S3Server, startS3Server } from "../../remote-cache/test/s3-server.ts";
import { host, scriptProject } from "./projects.ts";
import { folder, sbp } from "./sbp.ts";

let server: S3Server;
beforeEach(async () => {
  server = await startS3Server(await folder());
});
afterEach(() => server.close());

/** A build in a clone and with a store of its own, as on another machine. */
async function build(env: Readonly<Record<string, string>> = {}) {
  const cwd = await scriptProject();
  const ended = await sbp(["build"], {
    cwd,
    env: {
      SBP_CACHE_DIR: await folder(),
      SBP_REMOTE_CACHE: "s3://results/team/sbp",
      ...server.env,
      ...env,
    },
  });
  const file = await readFile(join(cwd, `dist/${host}/demo`)).catch(() => undefined);
  return { ...ended, file };
}

describe("an S3 bucket as the remote cache", () => {
  test("serves other machines, without a word from its client", async () => {
    const first = await build();
    expect(first.stderr).toMatch(/pack .* never built here/);
    expect((await server.objects()).length).toBeGreaterThan(0);
    const second = await build();
    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(/✓ lanes +in the remote cache\n/);
    expect(second.stderr).toMatch(/✓ pack +in the remote cache\n/);
    expect(second.stderr).not.toMatch(/warn/i);
    expect(second.file).toEqual(first.file);
  });

  test("is left as it is in read-only mode", async () => {
    expect((await build({ SBP_REMOTE_CACHE_READ_ONLY: "1" })).code).toBe(0);
    expect(await server.objects()).toEqual([]);
  });

  test("with wrong credentials costs one warning, and shows none of them", async () => {
    const { code, stderr, stdout } = await build({ AWS_SECRET_ACCESS_KEY: "my-secret" });
    expect(code).toBe(0);
    expect(stderr.match(/SBP_REMOTE_CACHE_DOWN/g)).toHaveLength(1);
    expect(stderr).toContain("s3://results/team/sbp cannot be used (it answers 403 (SignatureDoesNotMatch))");
    expect(stdout + stderr).not.toContain("my-secret");
  });

  test("that is away costs one warning", async () => {
    const { code, stderr } = await build({ AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" });
    expect(code).toBe(0);
    expect(stderr.match(/SBP_REMOTE_CACHE_DOWN/g)).toHaveLength(1);
  });

  test.each([
    ["poisoned", (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 50 ? byte ^ 0xff : byte)))],
    ["truncated", (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
  ])("%s objects are refused, with a warning and the right result", async (_, damage) => {
    const first = await build();
    for (const object of await server.objects()) await writeFile(object, damage(await readFile(object)));
    const second = await build();
    expect(second.code).toBe(0);
    expect(second.stderr).toContain("warning SBP_REMOTE_CACHE_ENTRY");
    expect(second.file).toEqual(first.file);
  });
});
