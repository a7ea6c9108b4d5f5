import { execFile } from "node:child_process";
import { copyFile, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { host } from "./projects.ts";
import { folder, sbp } from "./sbp.ts";

/*
 * A workspace that real package managers install: the app is one of its packages, another one of them reads a file of its own,
 * and a package of the registry is there in two versions, one of which is carried.
 */

const run = promisify(execFile);
let runtime: string;
beforeAll(async () => {
  runtime = await testRuntime("26.10.0", host);
});

const files = {
  "package.json": JSON.stringify({
    name: "all",
    version: "1.0.0",
    private: true,
    workspaces: ["packages/*"],
  }),
  ".yarnrc.yml": "nodeLinker: node-modules\nenableTelemetry: false\nenableGlobalCache: false\n",
  "pnpm-workspace.yaml": 'packages: ["packages/*"]\n',
  "packages/app/package.json": JSON.stringify({
    name: "app",
    version: "1.0.0",
    type: "module",
    dependencies: { "@acme/page": "1.0.0", figlet: "1.12.0", "is-number": "7.0.0" },
  }),
  "packages/app/src/main.ts": `
    import { page } from "@acme/page";
    import figlet from "figlet";
    import isNumber from "is-number";
    console.log(page("ada"), figlet.fontsSync().length > 100, isNumber(7));`,
  "packages/page/package.json": JSON.stringify({
    name: "@acme/page",
    version: "1.0.0",
    main: "index.js",
    dependencies: { "is-number": "6.0.0" },
  }),
  "packages/page/index.js": `const fs = require("fs"), path = require("path");
    const { version } = JSON.parse(fs.readFileSync(require.resolve("is-number/package.json"), "utf8"));
    exports.page = (name) => fs.readFileSync(path.join(__dirname, "page.html"), "utf8").replace("NAME", name) + version;`,
  "packages/page/page.html": "<p>NAME</p>",
};

test.each([
  ["npm", ["npm", "install", "--no-audit", "--no-fund"], {}],
  ["Yarn 1", ["npx", "--yes", "yarn@1.22.22", "install", "--no-progress"], {}],
  // A lock file that is made anew is what CI refuses else.
  [
    "Yarn 4",
    ["npx", "--yes", "--package=@yarnpkg/cli-dist@4.18.1", "yarn", "install"],
    { YARN_ENABLE_IMMUTABLE_INSTALLS: "false" },
  ],
  [
    "pnpm",
    [
      "npx",
      "--yes",
      "pnpm@12.21.0",
      "install",
      "--no-frozen-lockfile",
      "--config.link-workspace-packages=true",
    ],
    {},
  ],
])("what %s installs", async (_, [program, ...words], env) => {
  const root = await folder(files);
  await run(program!, words, { cwd: root, env: { ...process.env, ...env } });
  const app = join(root, "packages/app");
  const steps = [
    { use: "bundle" },
    { use: "cross-target", targets: [host], runtime: { path: runtime, version: "26.10.0" } },
    { use: "embed-runtime" },
  ];
  const config = await folder({ "sbp.config.json": JSON.stringify({ pipeline: steps }) });
  await copyFile(join(config, "sbp.config.json"), join(app, "sbp.config.json"));
  const underNode = await run(runtime, ["src/main.ts"], { cwd: app });
  expect(underNode.stdout).toBe("<p>ada</p>6.0.0 true true\n");
  const { code, stdout, stderr } = await sbp(["build"], { cwd: app });
  expect(`${code} ${stdout} ${stderr}`).toMatch(/^0 /);
  const alone = await folder();
  await mkdir(join(alone, "cwd"));
  await copyFile(join(app, "dist", host, "app"), join(alone, "app"));
  await rename(root, `${root}-gone`);
  const ended = await run(join(alone, "app"), [], { cwd: join(alone, "cwd"), env: {} });
  expect(ended.stdout).toBe(underNode.stdout);
  await rename(`${root}-gone`, root);
});
