/*
 * Executables of pkg, by the real one from the registry: Vercel's last, and its successor @yao-pkg/pkg. In their classic form they append
 * an app to a Node of their own build, which is in no registry. So they are given an official Node with the marks at its end that they
 * write numbers into: it cannot start the app, all else is as they make it. In the form `sea` everything is.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { fromFile, readPe } from "@sbp/executable";
import { testRuntime } from "./test-runtimes.ts";

const run = promisify(execFile);
const cache = join(import.meta.dirname, "../node_modules/.cache/sbp-foreign-tools");

export const pkgVersions = { "@yao-pkg/pkg": "6.23.0", pkg: "5.8.1" } as const;
export type PkgTool = keyof typeof pkgVersions;
/** Of the Node that they are given. */
export const pkgNodeVersion = "26.10.0";

export interface PkgOptions {
  readonly tool?: PkgTool;
  /** A single executable application. */
  readonly sea?: boolean;
  /** `linux-x64` unless given. */
  readonly target?: string;
  /** More of the command line. */
  readonly words?: readonly string[];
}

/** The script of the tool's command. Fetched once, with what it depends on. */
export async function pkgTool(tool: PkgTool): Promise<string> {
  const folder = join(cache, `${tool.replace("/", "-")}-${pkgVersions[tool]}`);
  const script = join("node_modules", tool, "lib-es5/bin.js");
  if (existsSync(join(folder, script))) return join(folder, script);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "tmp-"));
  try {
    const words = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", work];
    await run("npm", ["install", ...words, `${tool}@${pkgVersions[tool]}`], { cwd: work });
    await rename(work, folder);
  } catch (error) {
    // Another test file may have fetched the same one meanwhile.
    await rm(work, { recursive: true, force: true });
    if (!existsSync(join(folder, script))) throw error;
  }
  return join(folder, script);
}

/** An executable of the app in a folder, by its package.json. */
export async function makePkg(app: string, output: string, options: PkgOptions = {}): Promise<void> {
  const { tool = "@yao-pkg/pkg", sea = false, target = "linux-x64", words = [] } = options;
  const home = await mkdtemp(`${output}-home-`);
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    HOME: home,
    PKG_CACHE_PATH: join(home, "cache"),
    ...(!sea && tool !== "pkg" && { PKG_NODE_PATH: join(home, "node") }),
  };
  const platform = target.replace(/^darwin/, "macos").replace(/^win32/, "win");
  // Vercel's knows no newer one: only its name has to be of a known version.
  const node = sea ? `node${pkgNodeVersion}` : tool === "pkg" ? "node18" : "node26";
  try {
    const runtime = await testRuntime(pkgNodeVersion, target);
    if (sea) await placeForSea(runtime, home, platform);
    else
      await placeMarked(
        runtime,
        tool === "pkg" ? join(env.PKG_CACHE_PATH, `v3.4/built-v18.5.0-${platform}`) : join(home, "node"),
      );
    const script = await pkgTool(tool);
    const all = [".", "-t", `${node}-${platform}`, ...(sea ? ["--sea"] : []), "-o", output, ...words];
    await run(process.execPath, [script, ...all], { cwd: app, env });
  } finally {
    await rm(home, { recursive: true });
  }
}

/** Where it has fetched it to, it believes. */
async function placeForSea(runtime: string, home: string, platform: string): Promise<void> {
  const archive = join(home, `.pkg-cache/sea/node-v${pkgNodeVersion}-${platform}.tar.gz`);
  const place = join(dirname(archive), basename(archive, ".tar.gz"), "bin/node");
  await mkdir(dirname(place), { recursive: true });
  for (const file of [archive, `${archive}.ok`, `${place}.ok`]) await writeFile(file, "");
  await symlink(runtime, place);
}

/** As pkg-fetch's patches have them in their Node. */
const marks = [
  `\0${"// BAKERY ".repeat(20)}\0`,
  "// PAYLOAD_POSITION //",
  "// PAYLOAD_SIZE //",
  "// PRELUDE_POSITION //",
  "// PRELUDE_SIZE //",
].join("|");

async function placeMarked(runtime: string, place: string): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, [await unsigned(runtime), Buffer.from(marks)], { mode: 0o755 });
}

/** Without the certificates of a Windows program: nothing may follow these. */
async function unsigned(runtime: string): Promise<Buffer> {
  const bytes = await readFile(runtime);
  if (bytes.toString("latin1", 0, 2) !== "MZ") return bytes;
  const file = await open(runtime);
  const { certificates } = await readPe(await fromFile(file));
  await file.close();
  if (certificates.length === 0) return bytes;
  // PE Format, "Optional Header Data Directories": the fifth, behind 112 bytes of PE32+.
  const entry = bytes.readUInt32LE(0x3c) + 24 + 112 + 4 * 8;
  const end = bytes.readUInt32LE(entry);
  return bytes.fill(0, entry, entry + 8).subarray(0, end);
}
