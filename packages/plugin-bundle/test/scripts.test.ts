import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

const worker = {
  "package.json": '{"type":"module"}',
  "src/lib/add.ts": "export const add = (a: number, b: number): number => a + b;",
  "src/worker.ts": `
    import { parentPort } from "node:worker_threads";
    import { readFileSync } from "node:fs";
    import { plain } from "plain";
    import { add } from "./lib/add.ts";
    const note = readFileSync(new URL("./note.txt", import.meta.url), "utf8");
    parentPort!.postMessage([add(1, 2), note, plain, import.meta.url.endsWith("/src/worker.ts")].join());`,
  "src/note.txt": "note",
  "node_modules/plain/package.json": '{"name":"plain","type":"module","exports":"./index.js"}',
  "node_modules/plain/index.js": 'export const plain = "plain";',
};
const listen = "worker.on('message', (message) => console.log(message));";

describe("scripts of workers are bundled, under their own names", () => {
  test.each([
    ["in place", 'const worker = new Worker(new URL("./worker.ts", import.meta.url));'],
    [
      "by a name",
      'const file = path.join(import.meta.dirname, "worker.ts"); const worker = new Worker(file);',
    ],
    [
      "through the module",
      'const worker = new threads.Worker(fileURLToPath(new URL("./worker.ts", import.meta.url)));',
    ],
  ])("%s", async (_, start) => {
    const app = await makeApp({
      ...worker,
      "src/main.ts": `import threads, { Worker } from "node:worker_threads"; import path from "node:path";
        import { fileURLToPath } from "node:url"; import { add } from "./lib/add.ts";
        ${start} ${listen} console.log(add(3, 4), [threads, path, fileURLToPath, Worker].length);`,
    });
    const bundled = await bundleApp(app);
    expect(bundled.carried).toContain("src/note.txt");
    expect(bundled.carried).toContain("src/worker.ts");
    expect(bundled.diagnostics).toEqual([]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.ts"));
    expect(bundled.dependencies).toContainEqual({ file: "src/worker.ts" });
  });

  test("in TypeScript that is named by what it is compiled to", async () => {
    const app = await makeApp({
      "src/main.mts": `import { Worker } from "node:worker_threads";
        const worker = new Worker(new URL("./work.js", import.meta.url)); ${listen}`,
      "src/work.ts": 'import { parentPort } from "node:worker_threads"; parentPort!.postMessage("compiled");',
    });
    const bundled = await bundleApp(app, { entry: "src/main.mts" });
    expect(bundled.carried).toEqual(["src/work.js"]);
    expect(await runCarried(bundled)).toBe("compiled\n");
  });

  test("that start workers of their own, and themselves", async () => {
    const app = await makeApp({
      "src/main.cjs": `require("./lib/pool.cjs");`,
      "src/lib/pool.cjs": `
        const { Worker, isMainThread, threadId } = require("node:worker_threads");
        if (isMainThread) new Worker(__filename);
        else { console.log("pool"); new Worker(require("node:path").join(__dirname, "inner.cjs")); }`,
      "src/lib/inner.cjs": 'console.log("inner");',
    });
    const bundled = await bundleApp(app, { entry: "src/main.cjs" });
    expect(bundled.carried).toEqual(["src/lib/inner.cjs", "src/lib/pool.cjs"]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.cjs"));
  });
});

test("scripts of child processes", async () => {
  const app = await makeApp({
    "src/main.cts": `import { fork } from "node:child_process"; import { join } from "node:path";
      fork(join(__dirname, "child.cts"), ["x"]); fork(join(__dirname, "child"));`,
    "src/child.cts": 'import { add } from "./lib/add.cts"; console.log("child", process.argv[2], add(1));',
    "src/child.js": 'console.log("js");',
    "src/lib/add.cts": "export const add = (n: number): number => n + 1;",
  });
  const bundled = await bundleApp(app, { entry: "src/main.cts" });
  expect(bundled.carried).toEqual(["src/child.cts", "src/child.js"]);
  const lines = (await runCarried(bundled)).split("\n").sort();
  expect(lines).toEqual(["", "child x 2", "js"]);
});

test("scripts that others start are carried as they are, with what they import", async () => {
  const app = await makeApp({
    "package.json": '{"type":"module"}',
    "node_modules/plain/package.json": '{"name":"plain","type":"module","exports":"./index.js"}',
    "node_modules/plain/index.js": "export const state = { count: 0 };",
    "src/main.ts": `import { state } from "plain";
      state.count++;
      const { count } = await import(new URL("./plugin.ts", import.meta.url).href);
      console.log(count());`,
    "src/plugin.ts": 'import { helper } from "./helper.ts"; export const count = (): number => helper();',
    "src/helper.ts": 'import { state } from "plain"; export const helper = () => state.count;',
  });
  const bundled = await bundleApp(app);
  expect(bundled.carried).toEqual([
    "node_modules/plain/index.js",
    "node_modules/plain/package.json",
    "package.json",
    "src/helper.ts",
    "src/plugin.ts",
  ]);
  expect(await runCarried(bundled)).toBe("1\n");
});

test("a script that is not there is warned of once", async () => {
  const app = await makeApp({
    "src/main.mjs":
      'import { Worker } from "node:worker_threads";\nnew Worker(new URL("./none.js", import.meta.url)).on("error", ({ code }) => console.log(code));',
  });
  const bundled = await bundleApp(app, { entry: "src/main.mjs" });
  expect(bundled.diagnostics).toMatchObject([
    { code: "SBP_BUNDLE_FILE", location: { file: "src/main.mjs", line: 2 } },
  ]);
});

test("scripts have source maps of their own", async () => {
  const app = await makeApp({
    ...worker,
    "src/main.ts": `import { Worker } from "node:worker_threads";
      new Worker(new URL("./worker.ts", import.meta.url));`,
  });
  const map = JSON.parse(await (await bundleApp(app)).text("maps/src/worker.ts.map"));
  expect(map.sources).toEqual(["src/worker.ts", "node_modules/plain/index.js", "src/lib/add.ts"]);
  const without = await bundleApp(app, { sourcemap: false });
  expect(without.files).not.toContain("maps");
});
