import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fleetPlugins } from "../../../tools/fleet-files.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../../..");

const targets = ["linux-x64", "win32-x64"];

/** Files of a workspace: services over two libraries, of which one is shared by all. */
export function serviceFiles(services: number): Readonly<Record<string, string>> {
  const manifest = (name: string, dependencies: Readonly<Record<string, string>> = {}) =>
    JSON.stringify({ name, version: "1.0.0", type: "module", main: "src/main.ts", dependencies });
  const files: Record<string, string> = {
    "package.json": JSON.stringify({ name: "fleet", private: true, workspaces: ["libs/*", "services/*"] }),
    "nx.json": JSON.stringify({
      plugins: ["@sbp/nx-plugin"],
      analytics: false,
      neverConnectToCloud: true,
      namedInputs: { default: ["{projectRoot}/**/*", "!{projectRoot}/dist/**/*"] },
    }),
    ".gitignore": "node_modules\ndist\n.nx\n",
    ...fleetPlugins,
    "libs/all/package.json": manifest("@fleet/all"),
    "libs/all/src/main.ts": 'export const all = "all";\n',
    "libs/odd/package.json": manifest("@fleet/odd"),
    "libs/odd/src/main.ts": 'export const odd = "odd";\n',
  };
  for (let index = 0; index < services; index++) {
    const used = index % 2 === 1 ? ["all", "odd"] : ["all"];
    const place = `services/s${index}`;
    files[`${place}/package.json`] = manifest(
      `@fleet/s${index}`,
      Object.fromEntries(used.map((lib) => [`@fleet/${lib}`, "1.0.0"])),
    );
    files[`${place}/src/main.ts`] =
      `${used.map((lib) => `import { ${lib} } from "@fleet/${lib}";\n`).join("")}console.log("s${index}", ${used.join(", ")});\n`;
    files[`${place}/sbp.config.json`] = JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "../../tools/lanes.mjs", targets },
        { use: "../../tools/pack.mjs" },
      ],
    });
  }
  return files;
}

/** A clone of a workspace on a "machine" of its own: a folder, a store and caches that no other has. */
export class NxWorkspace {
  readonly dir: string;
  readonly #top: string;
  readonly #nx: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(top: string, nx: string, env: Readonly<Record<string, string>>) {
    this.#top = top;
    this.dir = join(top, "workspace");
    this.#nx = nx;
    const { PATH, HOME } = process.env;
    this.#env = {
      PATH: `${dirname(process.execPath)}:${PATH}`,
      HOME,
      NX_DAEMON: "false",
      NX_NO_CLOUD: "true",
      // Nx keeps the sockets of its daemon and plugins here, which have to have short names.
      NX_SOCKET_DIR: join(top, "s"),
      NODE_OPTIONS: "--conditions=@sbp/source",
      SBP_CACHE_DIR: join(top, "store"),
      ...env,
    };
  }

  /** `nx` is the folder of its package. */
  static async create(
    files: Readonly<Record<string, string>>,
    nx: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<NxWorkspace> {
    const top = await realpath(await mkdtemp(join(tmpdir(), "sbp-nx-")));
    const workspace = new NxWorkspace(top, nx, env);
    for (const [name, text] of Object.entries(files)) await workspace.write(name, text);
    const { dir } = workspace;
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--offline"], { cwd: dir });
    await mkdir(join(dir, "node_modules/.bin"), { recursive: true });
    await mkdir(join(dir, "node_modules/@sbp"), { recursive: true });
    await symlink(nx, join(dir, "node_modules/nx"));
    await symlink(join(repository, "packages/nx-plugin"), join(dir, "node_modules/@sbp/nx-plugin"));
    const sbp = join(dir, "node_modules/.bin/sbp");
    await writeFile(
      sbp,
      `#!/bin/sh\necho "$@" >> '${join(top, "ran")}'\nexec '${process.execPath}' '${join(repository, "packages/cli/src/main.ts")}' "$@"\n`,
    );
    await chmod(sbp, 0o755);
    await workspace.git("init", "-q", "-b", "main");
    await workspace.git("add", "-A");
    await workspace.git("commit", "-qm", "first");
    return workspace;
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.dir, name)), { recursive: true });
    await writeFile(join(this.dir, name), text);
  }

  git(...words: string[]): Promise<unknown> {
    return run("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...words], { cwd: this.dir });
  }

  /** Runs Nx; standard output and error together. Throws when it fails. */
  async nx(...words: string[]): Promise<string> {
    const program = join(this.#nx, "dist/bin/nx.js");
    const { stdout, stderr } = await run(process.execPath, [program, ...words], {
      cwd: this.dir,
      env: this.#env,
      maxBuffer: 64 << 20,
    });
    return stdout + stderr;
  }

  /** The command lines with which sbp was run, since the last time this was asked. */
  async ran(): Promise<string[]> {
    const { readFile } = await import("node:fs/promises");
    const text = await readFile(join(this.#top, "ran"), "utf8").catch(() => "");
    await rm(join(this.#top, "ran"), { force: true });
    return text.split("\n").filter((line) => line !== "");
  }

  async remove(): Promise<void> {
    if (this.#env.NX_DAEMON !== "false") await this.nx("daemon", "--stop");
    await rm(this.#top, { recursive: true, force: true });
  }
}

/** The folder of an Nx: the repository's own, or another version from the registry, which is kept for the next run. */
export async function nxFolder(version: string | undefined): Promise<string> {
  if (version === undefined) return join(repository, "node_modules/nx");
  const cache = join(repository, "node_modules/.cache/sbp-test-nx", version);
  const folder = join(cache, "node_modules/nx");
  const { existsSync } = await import("node:fs");
  if (existsSync(folder)) return folder;
  const fresh = `${cache}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  await writeFile(join(fresh, "package.json"), '{ "private": true }');
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", `nx@${version}`], {
    cwd: fresh,
  });
  await cp(fresh, cache, { recursive: true, verbatimSymlinks: true });
  await rm(fresh, { recursive: true });
  return folder;
}
