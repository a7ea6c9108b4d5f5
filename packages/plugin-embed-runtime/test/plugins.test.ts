import { execFile } from "node:child_process";
import { mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { type AppBuilder, appBuilder, run, scratchFolder } from "./app.ts";

/* A tool that looks for plugins as import-meta-resolve does: up from the current folder, by calls of node:fs. */

const source = `
  import fs, { readFileSync } from "node:fs";
  import { readFile, stat } from "node:fs/promises";
  import { pathToFileURL, fileURLToPath } from "node:url";
  const find = (name) => {
    for (let base = pathToFileURL(process.cwd() + "/x.js"); ; base = new URL("../x.js", base)) {
      const folder = new URL("./node_modules/" + name + "/", base);
      if (fs.statSync(fileURLToPath(folder).slice(0, -1), { throwIfNoEntry: false })?.isDirectory()) return folder;
      if (base.pathname === "/x.js") return undefined;
    }
  };
  for (const name of process.argv.slice(2)) {
    const folder = find(name);
    if (folder === undefined) { console.log(name, "not found"); continue; }
    const manifest = fileURLToPath(new URL("package.json", folder));
    const { main } = JSON.parse(readFileSync(manifest, "utf8"));
    const file = fs.realpathSync(fileURLToPath(new URL(main, folder)));
    const later = JSON.parse(await readFile(manifest, "utf8")).main === main && (await stat(manifest)).isFile();
    console.log(name, (await import(pathToFileURL(file).href)).default, later, fs.existsSync(manifest), typeof fs.realpathSync.native);
  }`;

describe("plugins that a tool looks for on the disk", () => {
  let builder: AppBuilder;
  let app: string;
  beforeAll(async () => {
    builder = await appBuilder("26.10.0");
    const { path } = await builder.build("main.mjs", source, {
      files: {
        "node_modules/plugin/package.json": '{"type":"module","main":"main.js"}',
        "node_modules/plugin/main.js": 'export { default } from "needed";',
        "node_modules/needed/package.json": '{"main":"main.js"}',
        "node_modules/needed/main.js": 'module.exports = "carried";',
        "node_modules/@s/both/package.json": '{"main":"main.js"}',
        "node_modules/@s/both/main.js": 'module.exports = "carried";',
      },
      meta: { place: "src/main.mjs" },
    });
    app = path;
  });

  test("are those that the app carries", async () => {
    const { stdout, stderr } = await run(app, ["plugin", "@s/both", "none"]);
    expect(stderr).toBe("");
    expect(stdout).toBe(
      "plugin carried true true function\n@s/both carried true true function\nnone not found\n",
    );
  });

  test("and the executable can be made again", async () => {
    const rebuilt = await builder.rebuild(app);
    expect((await readFile(rebuilt.path)).equals(await readFile(app))).toBe(true);
  });

  test("unless there are others nearer to the current folder", async () => {
    const cwd = await realpath(await scratchFolder());
    await mkdir(join(cwd, "node_modules/@s/both"), { recursive: true });
    await writeFile(join(cwd, "node_modules/@s/both/package.json"), '{"main":"main.js"}');
    await writeFile(join(cwd, "node_modules/@s/both/main.js"), 'module.exports = "on the disk";');
    const { stdout } = await promisify(execFile)(app, ["plugin", "@s/both"], { cwd, env: {} });
    expect(stdout).toBe("plugin carried true true function\n@s/both on the disk true true function\n");
  });
});
