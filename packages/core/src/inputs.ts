import { type Dirent, readdir, readdirSync, readlinkSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { DigestCache } from "./digest-cache.ts";
import { SbpError } from "./error.ts";
import { entryStat, type FileStat, fileStat } from "./file-stat.ts";
import type { FoundPins } from "./found-pins.ts";
import { sha256 } from "./hash.ts";
import { canonicalJson } from "./json.ts";
import type { Dependency, Tool } from "./plugin.ts";
import type { ProjectPaths } from "./project-paths.ts";
import { findTool, toolVersion } from "./tool.ts";
import { makerOfTemporary } from "./write-file-atomic.ts";

/** Something an action read, as it is kept with the action's result: what, and the digest it had. */
export interface Input {
  readonly kind: "file" | "directory" | "link" | "glob" | "env" | "tool" | "pin";
  /** A path (see ProjectPaths), patterns as JSON, a name, or for a pin its step and key as JSON. */
  readonly name: string;
  readonly value: string;
  /** For a tool: the arguments that make it say its version. */
  readonly versionArgs?: readonly string[];
}

export const absent = "absent";
/** The value of a file in whose place there is a folder: a name that is looked for may be either. */
export const folderThere = "folder";
/** The value of what is there but cannot be read. It is no value that another one could be equal to. */
export const unreadable = "unreadable";

/** Tells one input from another. */
export function inputKey({ kind, name, versionArgs }: Omit<Input, "value">): string {
  return `${kind} ${name} ${JSON.stringify(versionArgs ?? [])}`;
}

/** What a glob's name says. Throws for what is none. */
export function globOf(name: string): { patterns: readonly string[]; ignore: readonly string[] } {
  return JSON.parse(name);
}

/** Finds the present value of inputs. */
export class Inputs {
  readonly #paths: ProjectPaths;
  readonly #digests: DigestCache;
  /** Tells our own outputs, which no input may see. */
  readonly #isOwn: (path: string) => boolean;
  readonly #pins: Pick<FoundPins, "get">;
  /** What tools have said in this build: not longer, since many only pass on to others. */
  readonly #versions = new Map<string, Promise<string>>();

  constructor(
    paths: ProjectPaths,
    digests: DigestCache,
    isOwn: (path: string) => boolean,
    pins: Pick<FoundPins, "get">,
  ) {
    this.#pins = pins;
    this.#paths = paths;
    this.#digests = digests;
    this.#isOwn = isOwn;
  }

  /** The input that a dependency stands for, without its value. */
  named(dependency: Dependency): Omit<Input, "value"> {
    if ("file" in dependency) return { kind: "file", name: this.#paths.name(dependency.file) };
    if ("directory" in dependency) return { kind: "directory", name: this.#paths.name(dependency.directory) };
    if ("link" in dependency) return { kind: "link", name: this.#paths.name(dependency.link) };
    if ("env" in dependency && typeof dependency.env === "string")
      return { kind: "env", name: dependency.env };
    const globs = "glob" in dependency ? [dependency.glob, dependency.ignore ?? []].flat() : [undefined];
    if (!("glob" in dependency) || !globs.every((pattern) => typeof pattern === "string")) {
      throw new SbpError(
        "SBP_PLUGIN_DEPENDENCY",
        `dependOn() was given ${JSON.stringify(dependency)}, which names no input`,
        { hint: "Pass { file }, { directory }, { link }, { glob } or { env }." },
      );
    }
    const patterns = [dependency.glob].flat();
    return { kind: "glob", name: canonicalJson({ patterns, ignore: dependency.ignore ?? [] }) };
  }

  /** The input that a dependency stands for, as it is now. */
  async present(dependency: Dependency): Promise<Input> {
    const named = this.named(dependency);
    return { ...named, value: await this.value(named) };
  }

  /**
   * The digest that the input has now: `absent` when there is nothing, `unreadable` when it cannot be told. Secrets
   * stay unreadable: only hashes.
   */
  async value(input: Omit<Input, "value">): Promise<string> {
    try {
      return await this.#value(input);
    } catch {
      return unreadable;
    }
  }

  /** The same, each input asked for once: what many traces have in common is as it is at one moment. */
  snapshot(): (input: Omit<Input, "value">) => Promise<string> {
    const values = new Map<string, Promise<string>>();
    return (input) => {
      const key = inputKey(input);
      const value = values.get(key) ?? this.value(input);
      values.set(key, value);
      return value;
    };
  }

  async #value(input: Omit<Input, "value">): Promise<string> {
    switch (input.kind) {
      case "file":
        return this.#file(this.#paths.absolute(input.name));
      case "directory":
        return this.#directory(this.#paths.absolute(input.name));
      case "link":
        return this.#link(this.#paths.absolute(input.name));
      case "env": {
        const value = process.env[input.name];
        return value === undefined ? absent : sha256(value);
      }
      case "glob":
        return this.#glob(input.name);
      case "tool": {
        const tool = await this.tool(input.name, input.versionArgs ?? []);
        return tool ? sha256(tool.version) : absent;
      }
      case "pin": {
        const [step, key] = JSON.parse(input.name) as [string, string];
        const value = this.#pins.get(step, key);
        return value === undefined ? absent : sha256(canonicalJson(value));
      }
    }
  }

  /** A program on PATH with its version, which is asked for once in a build. Throws when it does not tell it. */
  async tool(name: string, versionArgs: readonly string[]): Promise<Tool | undefined> {
    const path = findTool(name);
    if (!path) return undefined;
    const stat = fileStat(path);
    const key = JSON.stringify([path, versionArgs, stat?.inode, stat?.changed]);
    let version = this.#versions.get(key);
    if (!version) {
      version = toolVersion(path, versionArgs, this.#paths.dir);
      this.#versions.set(key, version);
    }
    return { path, version: await version };
  }

  /**
   * Where changes of the input show: at these paths, and as names or contents in these folders. Absolute. Nothing for what
   * is not in the file system.
   */
  async places(
    input: Omit<Input, "value">,
  ): Promise<{ readonly paths: readonly string[]; readonly folders: readonly string[] }> {
    switch (input.kind) {
      case "file":
      case "link":
        return { paths: [this.#paths.absolute(input.name)], folders: [] };
      case "directory":
        return { paths: [], folders: [this.#paths.absolute(input.name)] };
      case "glob": {
        const { folders } = await this.#matches(input.name);
        return { paths: [], folders: folders.length > 0 ? folders : [this.#paths.dir] };
      }
      case "tool":
      case "env":
      case "pin":
        return { paths: [], folders: [] };
    }
  }

  /**
   * True when the input may have changed after a point of the file system's clock (nanoseconds). That clock ticks
   * every few milliseconds: a change within the tick counts as before it, which holds as long as nothing is read
   * and then written by somebody else in the first moments of a run. One nanosecond earlier it counts as after it.
   */
  async changedSince(input: Omit<Input, "value">, time: bigint): Promise<boolean> {
    try {
      const paths = await this.#pathsOf(input);
      return paths.some((path) => this.#isYounger(path, time));
    } catch {
      return true;
    }
  }

  /** Everything in the file system that the input's value was taken from. */
  async #pathsOf(input: Omit<Input, "value">): Promise<readonly string[]> {
    switch (input.kind) {
      case "file":
      case "directory":
      case "link":
        return [this.#paths.absolute(input.name)];
      case "glob": {
        const { files, folders } = await this.#matches(input.name);
        // A build writes into its output folder while steps run; the files of others in it are looked at all the same.
        const others = folders.filter((folder) => !this.#isWithinOwn(folder));
        return [...files.map((file) => resolve(this.#paths.dir, file)), ...others];
      }
      case "tool":
        return [findTool(input.name)].filter((path) => path !== undefined);
      case "env":
      case "pin":
        return [];
    }
  }

  #isWithinOwn(path: string): boolean {
    return this.#isOwn(path) || (path !== dirname(path) && this.#isWithinOwn(dirname(path)));
  }

  /**
   * Of what is not there, the nearest folder upwards tells: something may have gone from it. Not outside of the repository:
   * there others come and go all the time.
   */
  #isYounger(path: string, time: bigint): boolean {
    const entry = entryStat(path);
    // A link counts itself, and so does what it leads to.
    const stats = [entry, entry?.isLink ? fileStat(path) : undefined];
    if (stats.some((stat) => stat && latestChange(stat) > time)) return true;
    const above = dirname(path);
    return !entry && this.#paths.isShared(above) && this.#isYounger(above, time);
  }

  /** What copies a file copies its bit too. Without it the value is the plain hash, as on systems that have no such bit. */
  #file(path: string): string {
    const file = this.#digests.file(path);
    if (typeof file !== "object") return file ? folderThere : absent;
    return file.sha256 + (file.executable ? " executable" : "");
  }

  #directory(path: string): string {
    const digest = () => {
      const entries = readdirSync(path, { withFileTypes: true });
      // What is ours depends on more than the folder.
      const others = entries.filter(({ name }) => !this.#isOwn(join(path, name)));
      const names = others
        .filter(({ name }) => makerOfTemporary(name) === undefined)
        .map((entry) => entry.name + this.#kindOf(entry));
      return { value: sha256(names.sort().join("\0")), isKept: others.length === entries.length };
    };
    return this.#digests.folder(path, digest) ?? absent;
  }

  /** Behind its name, which has no slash in it. Who puts a link in another's place changes the folder's stat. */
  #kindOf(entry: Dirent): string {
    if (entry.isDirectory()) return "/";
    return entry.isSymbolicLink() ? `/link ${this.#target(join(entry.parentPath, entry.name))}` : "";
  }

  #link(path: string): string {
    try {
      return sha256(this.#target(path));
    } catch (error) {
      // Windows says "unknown" of what is no link.
      const { code = "" } = error as NodeJS.ErrnoException;
      if (["ENOENT", "ENOTDIR", "EINVAL", "UNKNOWN"].includes(code)) return absent;
      throw error;
    }
  }

  /** Where a link leads: the same in all clones of the project, also where links have to be absolute (Windows). */
  #target(path: string): string {
    const target = readlinkSync(path);
    return isAbsolute(target) && this.#paths.isShared(target) ? this.#paths.name(target) : target;
  }

  async #glob(name: string): Promise<string> {
    const { files } = await this.#matches(name);
    const contents = files.map((file) => `${file}\0${this.#file(resolve(this.#paths.dir, file))}`);
    return sha256(contents.join("\n"));
  }

  /** The files of a glob, sorted and relative to the project, and the folders that were searched for them. */
  async #matches(name: string): Promise<{ files: string[]; folders: readonly string[] }> {
    const { glob } = await import("tinyglobby");
    const { patterns, ignore } = globOf(name);
    const folders: string[] = [];
    const searched = ((folder: string, ...rest: unknown[]) => {
      folders.push(resolve(this.#paths.dir, folder));
      return (readdir as (...all: unknown[]) => void)(folder, ...rest);
    }) as typeof readdir;
    const files = await glob(patterns, {
      cwd: this.#paths.dir,
      ignore,
      dot: true,
      expandDirectories: false,
      fs: { readdir: searched },
    });
    const isOther = (file: string) =>
      makerOfTemporary(file.slice(file.lastIndexOf("/") + 1)) === undefined &&
      !this.#isOwn(resolve(this.#paths.dir, file));
    return { files: files.filter(isOther).sort(), folders };
  }
}

/** Some file systems keep whole seconds, or every other one: the change may have come as much later. */
function latestChange({ changed }: FileStat): bigint {
  const time = BigInt(changed);
  return time % 1_000_000_000n === 0n ? time + 2_000_000_000n : time;
}
