import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DigestCache } from "./digest-cache.ts";
import { SbpError } from "./error.ts";
import { fileStat } from "./file-stat.ts";
import { sha256 } from "./hash.ts";
import { canonicalJson } from "./json.ts";
import type { Dependency, Tool } from "./plugin.ts";
import type { ProjectPaths } from "./project-paths.ts";
import { findTool, toolVersion } from "./tool.ts";
import { isTemporaryName } from "./write-file-atomic.ts";

/** Something an action read, as it is kept with the action's result: what, and the digest it had. */
export interface Input {
  readonly kind: "file" | "directory" | "glob" | "env" | "tool";
  /** A path (see ProjectPaths), patterns as JSON, or a name. */
  readonly name: string;
  readonly value: string;
  /** For a tool: the arguments that make it say its version. */
  readonly versionArgs?: readonly string[];
}

export const absent = "absent";

/** Finds the present value of inputs. */
export class Inputs {
  readonly #paths: ProjectPaths;
  readonly #digests: DigestCache;
  /** Our own outputs in the project, which no input may see. */
  readonly #own: ReadonlySet<string>;

  constructor(paths: ProjectPaths, digests: DigestCache, own: readonly string[]) {
    this.#paths = paths;
    this.#digests = digests;
    this.#own = new Set(own);
  }

  /** The input that a dependency stands for, without its value. */
  named(dependency: Dependency): Omit<Input, "value"> {
    if ("file" in dependency) return { kind: "file", name: this.#paths.name(dependency.file) };
    if ("directory" in dependency) return { kind: "directory", name: this.#paths.name(dependency.directory) };
    if ("env" in dependency) return { kind: "env", name: dependency.env };
    if (!("glob" in dependency)) {
      throw new SbpError(
        "SBP_PLUGIN_DEPENDENCY",
        `dependOn() was given ${JSON.stringify(dependency)}, which names no input`,
        { hint: "Pass { file }, { directory }, { glob } or { env }." },
      );
    }
    const patterns = [dependency.glob].flat();
    return { kind: "glob", name: canonicalJson({ patterns, ignore: dependency.ignore ?? [] }) };
  }

  /** The digest that the input has now, `absent` when there is nothing. Secrets stay unreadable: only hashes. */
  async value(input: Omit<Input, "value">): Promise<string> {
    switch (input.kind) {
      case "file":
        return this.#digests.file(this.#paths.absolute(input.name)) ?? absent;
      case "directory":
        return this.#directory(this.#paths.absolute(input.name));
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
    }
  }

  /** A program on PATH with its version, which is asked again only when the program's file has changed. */
  async tool(name: string, versionArgs: readonly string[]): Promise<Tool | undefined> {
    const path = findTool(name);
    if (!path) return undefined;
    const key = `tool:${path} ${versionArgs.join(" ")}`;
    return { path, version: await this.#digests.value(key, path, () => toolVersion(path, versionArgs)) };
  }

  /**
   * True when a file or folder has changed after a point of the file system's clock (nanoseconds). That clock ticks
   * every few milliseconds: a change within the tick counts as before it, which holds as long as nothing is read
   * and then written by somebody else in the first moments of a run.
   */
  changedSince(input: Omit<Input, "value">, time: bigint): boolean {
    if (input.kind !== "file" && input.kind !== "directory") return false;
    const stat = fileStat(this.#paths.absolute(input.name));
    return stat !== undefined && BigInt(stat.changed) > time;
  }

  #directory(path: string): string {
    try {
      const names = readdirSync(path).filter(
        (name) => !isTemporaryName(name) && !this.#own.has(join(path, name)),
      );
      return sha256(names.sort().join("\0"));
    } catch {
      return absent;
    }
  }

  async #glob(name: string): Promise<string> {
    const { glob } = await import("tinyglobby");
    const { patterns, ignore } = JSON.parse(name) as { patterns: string[]; ignore: string[] };
    const files = await glob(patterns, { cwd: this.#paths.dir, ignore, dot: true, expandDirectories: false });
    const contents = files
      .sort()
      .filter((file) => !this.#own.has(resolve(this.#paths.dir, file)))
      .map((file) => `${file}\0${this.#digests.file(resolve(this.#paths.dir, file)) ?? absent}`);
    return sha256(contents.join("\n"));
  }
}
