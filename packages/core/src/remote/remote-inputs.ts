import { isAbsolute } from "node:path";
import { absent, globOf, type Input, type Inputs, unreadable } from "../inputs.ts";
import { canonicalJson } from "../json.ts";
import type { ProjectPaths } from "../project-paths.ts";

/** An input as machines tell each other of it. */
export interface RemoteInput {
  /** "above": files or folders of this name in all folders above the repository, where configuration and packages are looked for. */
  readonly kind: Input["kind"] | "above";
  readonly name: string;
  readonly versionArgs?: readonly string[];
}

export type RemoteValue = RemoteInput & { readonly value: string };

/** What the inputs of another machine's action are here. */
export interface LookedAt {
  readonly remote: readonly RemoteValue[];
  readonly local: readonly Input[];
}

/** The arguments that a program on PATH is run with because another machine says so. */
const harmlessArguments = [["--version"], ["-version"], ["-V"], ["-v"], ["version"]].map((words) =>
  canonicalJson(words),
);

/** Where the same path means the same on all machines of a kind: what is installed there. */
const systemFolder = /^\/(?:usr|lib|lib64)\//;

/** Inputs that mean the same on every machine. */
export class RemoteInputs {
  readonly #inputs: Inputs;
  readonly #paths: ProjectPaths;

  constructor(inputs: Inputs, paths: ProjectPaths) {
    this.#inputs = inputs;
    this.#paths = paths;
  }

  /** The inputs in the form that is shared, or the first that means something on this machine only. */
  shared(
    inputs: readonly Input[],
  ): { readonly values: readonly RemoteValue[] } | { readonly foreign: Input } {
    const values = new Map<string, RemoteValue>();
    for (const input of inputs) {
      const isFileOrFolder = input.kind === "file" || input.kind === "directory";
      const above = isFileOrFolder && input.value === absent && this.#paths.nameAbove(input.name);
      const value: RemoteValue = above ? { kind: "above", name: above, value: absent } : input;
      if (!this.#isShareable(value)) return { foreign: input };
      values.set(identityOf(value), value);
    }
    return { values: [...values.values()].sort(byIdentity) };
  }

  /** The present values of what another machine names; undefined when it has no business to ask for it. */
  async look(inputs: readonly RemoteInput[]): Promise<LookedAt | undefined> {
    if (!inputs.every((input) => this.#isShareable(input))) return undefined;
    const all = await Promise.all(inputs.map((input) => this.#lookAt(input)));
    return { remote: all.map(({ remote }) => remote), local: all.flatMap(({ local }) => local) };
  }

  async #lookAt(input: RemoteInput): Promise<{ remote: RemoteValue; local: readonly Input[] }> {
    const { kind } = input;
    if (kind !== "above") {
      const local = { ...input, kind, value: await this.#inputs.value({ ...input, kind }) };
      return { remote: local, local: [local] };
    }
    const local: Input[] = [];
    for (const name of this.#paths.filesAbove(input.name)) {
      local.push({ kind: "file", name, value: await this.#inputs.value({ kind: "file", name }) });
    }
    // Results are only shared where there is none.
    const value = local.every((one) => one.value === absent) ? absent : unreadable;
    return { remote: { ...input, value }, local };
  }

  /** Also: it does no harm to look at it because somebody else says so. */
  #isShareable({ kind, name, versionArgs }: RemoteInput): boolean {
    const isInside = (path: string) => !isAbsolute(path) && this.#paths.isShared(this.#paths.absolute(path));
    switch (kind) {
      case "file":
      case "link":
        return isInside(name);
      case "directory":
        return isInside(name) || systemFolder.test(name);
      case "glob":
        return globOf(name).patterns.every((pattern) => isInside(pattern.replace(/^!/, "")));
      case "tool":
        return harmlessArguments.includes(canonicalJson(versionArgs ?? []));
      case "above":
        return /^[\w.-]+$/.test(name);
      case "env":
      case "pin":
        return true;
    }
  }
}

export function identityOf({ kind, name, versionArgs }: RemoteInput): string {
  return `${kind} ${name} ${JSON.stringify(versionArgs ?? [])}`;
}

export function byIdentity(a: RemoteInput, b: RemoteInput): number {
  return identityOf(a) < identityOf(b) ? -1 : 1;
}
