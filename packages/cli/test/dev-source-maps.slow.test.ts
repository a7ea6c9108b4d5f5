import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { appProject, DevRig } from "./dev-rig.ts";
import { folder } from "./sbp.ts";

/* Source maps reach the app after its start. None of who asks for them may see that. */

let dev: DevRig;
afterEach(() => dev?.stop());

/** Prints where an error was made: a source's fourth line, which is another one in the bundle. */
const thrower = `interface Unused { readonly nothing: string }

export function where(): string {
  return /\\w+\\.ts:\\d+/.exec(new Error("here").stack!.split("\\n")[1]!)![0];
}
`;

describe("stack traces lead to the sources", () => {
  test("in the first line that runs, later, after an edit, and in workers", async () => {
    const dir = await appProject(
      `import { where } from "./where.ts";
console.log("first", where());
import { Worker } from "node:worker_threads";
import { findSourceMap } from "node:module";
new Worker(new URL("./worker.ts", import.meta.url)).on("exit", () => {
  const { sources } = findSourceMap(import.meta.filename)!.payload;
  console.log("later", where(), sources.some((source) => source.endsWith("/src/where.ts")));
});
setInterval(() => {}, 1000);
`,
      {
        "src/where.ts": thrower,
        "src/worker.ts": `import { where } from "./where.ts"; console.log("worker", where());`,
      },
    );
    dev = new DevRig(dir);
    await dev.printed("later where.ts:4 true");
    expect(dev.stdout).toBe("first where.ts:4\nworker where.ts:4\nlater where.ts:4 true\n");
    await dev.next("watching");
    dev.stdout = "";
    // The process that runs this has waited for it.
    await dev.write("src/where.ts", `\n\n${thrower}`);
    await dev.printed("later where.ts:6 true");
    expect(dev.stdout).toBe("first where.ts:6\nworker where.ts:6\nlater where.ts:6 true\n");
  });

  test("of an app that has node's way to write them replaced", async () => {
    const dir = await appProject(
      `import { where } from "./where.ts";
const { prepareStackTrace } = Error;
Error.prepareStackTrace = (error, sites) => prepareStackTrace ? prepareStackTrace(error, sites) : \`\\n\${sites[0]}\`;
console.log(prepareStackTrace ? where() : "where.ts:4");
`,
      { "src/where.ts": thrower },
    );
    dev = new DevRig(dir);
    await dev.printed("where.ts:4");
  });
});

test("a debugger finds the map as soon as the script is there", async () => {
  const dir = await appProject(`import { readFileSync } from "node:fs";
import { Session } from "node:inspector";
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params: { url, sourceMapURL } }) => {
  if (url !== import.meta.url) return;
  const { sourceRoot, sources } = JSON.parse(readFileSync(sourceMapURL!, "utf8"));
  console.log("sources", sources.map((source: string) => sourceRoot + source).includes(url));
});
session.post("Debugger.enable");
`);
  dev = new DevRig(dir, ["--inspect-port", "0"]);
  await dev.printed("sources true");
});

test("node's coverage names the sources", async () => {
  const dir = await appProject(`console.log("ran");`);
  const coverage = await folder({});
  dev = new DevRig(dir, [], { NODE_V8_COVERAGE: coverage });
  await dev.next("app-exited");
  await dev.stop();
  const reports = await Promise.all(
    (await readdir(coverage)).map((name) => readFile(join(coverage, name), "utf8")),
  );
  const caches = reports.flatMap((text) => Object.entries(JSON.parse(text)["source-map-cache"] ?? {}));
  const own = caches.filter(([url]) => url.endsWith("/src/main.ts")) as [
    string,
    { data: { sources: string[] } },
  ][];
  expect(own.map(([url, { data }]) => data.sources.includes(url))).toEqual([true]);
});
