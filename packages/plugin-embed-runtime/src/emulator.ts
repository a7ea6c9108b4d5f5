import { join, resolve } from "node:path";
import type { RunContext, Target } from "@sbp/core";

/**
 * What runs programs for another processor on this host: QEMU's user mode, for Linux on Linux. It hands the program's
 * calls on to this host's kernel, and reads the libraries that the program asks for from a folder, if there is one.
 */
export interface Emulator {
  /** Of the program, as on PATH. */
  readonly name: string;
  /** What comes before the program to run: an absolute path, and arguments. */
  readonly command: readonly [string, ...string[]];
}

interface Emulation {
  /** The same program, linked in two ways; Debian has the first one. */
  readonly programs: readonly string[];
  /** Where Debian's cross libraries are. */
  readonly libraries: string;
  /** The folder of libraries within a system. */
  readonly folder: string;
}

const emulations: Readonly<Partial<Record<`${Target} on ${Target}`, Emulation>>> = {
  "linux-arm64 on linux-x64": {
    programs: ["qemu-aarch64-static", "qemu-aarch64"],
    libraries: "/usr/aarch64-linux-gnu",
    folder: "aarch64-linux-gnu",
  },
  "linux-x64 on linux-arm64": {
    programs: ["qemu-x86_64-static", "qemu-x86_64"],
    libraries: "/usr/x86_64-linux-gnu",
    folder: "x86_64-linux-gnu",
  },
};

/**
 * The emulator for a target's programs on this host; undefined where there is none. Whether it can run them remains to
 * be seen. All that decides is declared, also what is missing: the program, and the names of the libraries.
 */
export async function findEmulator(
  context: Pick<RunContext, "dependOn" | "tool">,
  host: Target,
  target: Target,
): Promise<Emulator | undefined> {
  const emulation = emulations[`${target} on ${host}`];
  if (!emulation) return undefined;
  for (const name of emulation.programs) {
    // One that is missing and one that does not tell its version are both of no use.
    const tool = await context.tool(name).catch(() => undefined);
    if (tool) return { name, command: [tool.path, ...guestOptions(context, emulation)] };
  }
  return undefined;
}

function guestOptions(
  { dependOn }: Pick<RunContext, "dependOn">,
  { libraries, folder }: Emulation,
): readonly string[] {
  const prefix = process.env["QEMU_LD_PREFIX"];
  const system = prefix ? resolve(prefix) : libraries;
  dependOn({ env: "QEMU_LD_PREFIX" }, { directory: join(system, "lib") });
  for (const top of [system, "/"])
    dependOn({ directory: join(top, "lib", folder) }, { directory: join(top, "usr/lib", folder) });
  // What is not in that folder QEMU takes from the host, which may have libraries of several processors. What the host's
  // own loader needs is not for the program.
  return ["-U", "LD_LIBRARY_PATH", "-L", system];
}
