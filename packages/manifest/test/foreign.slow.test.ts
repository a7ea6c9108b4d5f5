import { execFile } from "node:child_process";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromFile } from "@sbp/executable";
import { afterAll, beforeAll, expect, test } from "vitest";
import { identify } from "../src/index.ts";

/* What other tools make, by the real ones from the registry. */

const run = promisify(execFile);
const tools = { "@oven/bun-linux-x64": "1.4.5", "@deno/linux-x64-glibc": "2.9.6" } as const;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sbp-foreign-"));
  for (const [name, version] of Object.entries(tools)) {
    const place = join(folder, "tools", name);
    await mkdir(place, { recursive: true });
    const { stdout } = await run(
      "npm",
      ["pack", `${name}@${version}`, "--pack-destination", place, "--silent"],
      {
        cwd: folder,
      },
    );
    await run("tar", ["-xzf", join(place, stdout.trim()), "-C", place, "--strip-components=1"]);
  }
  await mkdir(join(folder, "app"));
  await writeFile(join(folder, "app/main.js"), 'console.log("hello");\n');
});
afterAll(() => rm(folder, { recursive: true }));

async function identified(path: string) {
  const file = await open(path);
  try {
    return await identify(await fromFile(file));
  } finally {
    await file.close();
  }
}

test("an executable of Bun is told from Bun itself", async () => {
  const bun = join(folder, "tools/@oven/bun-linux-x64/bin/bun");
  const output = join(folder, "by-bun");
  await run(bun, ["build", "--compile", "main.js", "--outfile", output], {
    cwd: join(folder, "app"),
    env: { ...process.env, HOME: folder },
  });
  expect((await run(output)).stdout).toBe("hello\n");
  expect(await identified(output)).toMatchObject({
    what: "bun",
    target: "linux-x64",
    runtimeVersion: tools["@oven/bun-linux-x64"],
    unknown: [expect.stringContaining("packages")],
  });
  expect(await identified(bun)).toMatchObject({ what: "other" });
});

test("an executable of Deno is told from Deno itself", async () => {
  const deno = join(folder, "tools/@deno/linux-x64-glibc/deno");
  const output = join(folder, "by-deno");
  // Deno fetches a smaller runtime for its executables, or takes this one.
  const env = { ...process.env, HOME: folder, DENO_DIR: join(folder, "deno"), DENORT_BIN: deno };
  await run(deno, ["compile", "--output", output, "main.js"], { cwd: join(folder, "app"), env });
  expect(await identified(output)).toMatchObject({
    what: "deno",
    target: "linux-x64",
    runtimeVersion: tools["@deno/linux-x64-glibc"],
  });
  expect(await identified(deno)).toMatchObject({ what: "other" });
});
