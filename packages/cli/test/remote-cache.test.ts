import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CacheServer, startCacheServer } from "../../../tools/cache-server.ts";
import { host, scriptProject } from "./projects.ts";
import { folder, sbp } from "./sbp.ts";

let values: string;
let server: CacheServer;
let answers: string[];

beforeEach(async () => {
  values = await folder();
  answers = [];
  server = await startCacheServer({
    folder: values,
    token: "write",
    readToken: "read",
    onAnswer: (method, _, status) => answers.push(`${method} ${status}`),
  });
});
afterEach(() => server.close());

/** A build in a clone and with a store of its own, as on another machine. */
async function build(env: Readonly<Record<string, string>>, words: readonly string[] = []) {
  const cwd = await scriptProject();
  const ended = await sbp(["build", ...words], {
    cwd,
    env: { SBP_CACHE_DIR: await folder(), SBP_REMOTE_CACHE: server.url, ...env },
  });
  return { ...ended, cwd };
}

describe("a remote cache", () => {
  test("serves other machines, and they say so", async () => {
    const first = await build({ SBP_REMOTE_CACHE_TOKEN: "write" });
    expect(first.stderr).toMatch(/pack .* never built here/);
    const second = await build({ SBP_REMOTE_CACHE_TOKEN: "read" });
    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(/✓ lanes +in the remote cache\n/);
    expect(second.stderr).toMatch(/✓ pack +in the remote cache\n/);
    expect(await readFile(join(second.cwd, `dist/${host}/demo`))).toEqual(
      await readFile(join(first.cwd, `dist/${host}/demo`)),
    );
  });

  test("is left as it is in read-only mode, and by a token that may only read", async () => {
    expect((await build({ SBP_REMOTE_CACHE_TOKEN: "write", SBP_REMOTE_CACHE_READ_ONLY: "1" })).code).toBe(0);
    expect(answers.filter((answer) => answer.startsWith("PUT"))).toEqual([]);
    const { code, stderr } = await build({ SBP_REMOTE_CACHE_TOKEN: "read" });
    expect({ code, warned: stderr.includes("warning") }).toEqual({ code: 0, warned: false });
    expect(new Set(answers.filter((answer) => answer.startsWith("PUT")))).toEqual(new Set(["PUT 403"]));
    expect(await readdir(values)).toEqual([]);
  });

  test("a token that is wrong costs a warning, and is not shown", async () => {
    const { code, stderr, stdout } = await build({ SBP_REMOTE_CACHE_TOKEN: "my-secret" });
    expect(code).toBe(0);
    expect(stderr.match(/SBP_REMOTE_CACHE_DOWN/g)).toHaveLength(1);
    expect(stderr).toContain("it answers 401: the token is missing or wrong");
    expect(stdout + stderr).not.toContain("my-secret");
  });

  test("poisoned values are refused, with a warning and the right result", async () => {
    const first = await build({ SBP_REMOTE_CACHE_TOKEN: "write" });
    for (const name of await readdir(values)) {
      const bytes = await readFile(join(values, name));
      bytes[bytes.length >> 1]! ^= 0xff;
      await writeFile(join(values, name), bytes);
    }
    const second = await build({ SBP_REMOTE_CACHE_TOKEN: "write" });
    expect(second.code).toBe(0);
    expect(second.stderr).toContain("warning SBP_REMOTE_CACHE_ENTRY");
    expect(await readFile(join(second.cwd, `dist/${host}/demo`))).toEqual(
      await readFile(join(first.cwd, `dist/${host}/demo`)),
    );
  });

  test("an address that is none is refused before anything runs, without a word of it", async () => {
    const { code, stderr } = await build({ SBP_REMOTE_CACHE: "cache.example:token" });
    expect(code).toBe(2);
    expect(stderr).toContain("SBP_REMOTE_CACHE_URL");
    expect(stderr).not.toContain("cache.example");
  });

  test("is not asked by an offline build", async () => {
    expect((await build({ SBP_REMOTE_CACHE_TOKEN: "write" }, ["--offline"])).code).toBe(0);
    expect(answers).toEqual([]);
  });
});
