import { definePlugin } from "@sbp/core";
import { macosOptions } from "./macos-options.ts";
import { smokeOptions } from "./smoke-options.ts";
import { windowsOptions } from "./windows-options.ts";

// The command line loads this file on every start: what starts processes comes in with the first one.
let hasCompilers = false;

export type { BuildFacts, StripFacts } from "./build-facts.ts";
export type { CertificateOptions } from "./certificate-options.ts";
export type { PackedApp } from "./packed-app.ts";
export type { PackedOptions } from "./packed-options.ts";

/** What reads apps out of executables that this plugin made, loaded when it is asked for. */
export function packedApps(): Promise<typeof import("./packed-app.ts")> {
  return import("./packed-app.ts");
}

/** `embed-runtime`: one executable per target, made of a Node runtime and the bundle of an app. */
export default definePlugin({
  name: "embed-runtime",
  options: {
    type: "object",
    description: "Makes one executable per target out of its runtime and the bundle.",
    properties: {
      codeCache: {
        anyOf: [
          { type: "boolean", description: "Always, or never." },
          { const: "auto", description: "Where it makes the app start earlier: from 16 KB of code on." },
        ],
        default: "auto",
        description:
          "Carries V8's compiled form of the bundle, so that large apps start faster. Only for the target of the machine that builds; on Linux, where QEMU's user mode is on PATH, also for the other of linux-x64 and linux-arm64, if the bundle has 128 KiB or more.",
      },
      name: {
        type: "string",
        pattern: "^(?!\\.{1,2}$)[^/\\\\\\u0000]+$",
        description: "The executable's name. Default: the name of the app.",
        examples: ["health"],
      },
      smoke: smokeOptions,
      selfContained: {
        type: "boolean",
        default: true,
        description:
          "Executables for Linux carry the C and C++ libraries that Node needs, and need nothing but a kernel; those for macOS and Windows, where no program can carry the system's, are refused if they need others. Otherwise they need what is on the machine: on Linux, glibc 2.28 or newer.",
      },
      inspect: {
        type: "boolean",
        default: false,
        description:
          "Lets a debugger in: the executable then obeys the environment variables SBP_INSPECT and SBP_INSPECT_BRK, which take what Node's options --inspect and --inspect-brk do.",
      },
      windows: windowsOptions,
      macos: macosOptions,
    },
  },
  transforms: [
    {
      name: "template",
      scope: "target",
      consumes: ["runtime", "host-runtime"],
      produces: ["template"],
      reads: ["selfContained"],
      run: async (context) => (await import("./template.ts")).runTemplate(context),
    },
    {
      name: "executable",
      scope: "target",
      // The runtime compiles for a target that is not the host's: the template's file does not run.
      consumes: ["template", "bundle", "runtime", "host-runtime"],
      consumesOptional: ["target-packages"],
      produces: ["executable", "source-map"],
      // An icon for Windows is nothing to the lanes of Linux.
      reads: (target) => [
        "codeCache",
        "name",
        "inspect",
        ...(target?.startsWith("win32-") ? (["windows"] as const) : []),
        ...(target?.startsWith("darwin-") ? (["macos"] as const) : []),
      ],
      usesApp: true,
      async warmUp({ artifacts, previous, signal }) {
        const hostRuntime = artifacts["host-runtime"];
        // As small as it was last time, it will need none.
        if (!hostRuntime || previous.executable?.["codeCache"] !== true) return;
        hasCompilers = true;
        await (await import("./compilers.ts")).warmUpCompiler({ runtime: hostRuntime }, signal);
        await (await import("./executable.ts")).warmUp();
      },
      async run(context) {
        hasCompilers = true;
        await (await import("./executable.ts")).runExecutable(context);
      },
    },
    {
      name: "smoke",
      scope: "target",
      isWanted: ({ smoke }) => smoke !== undefined,
      consumes: ["executable", "template", "host-runtime"],
      produces: ["smoke"],
      reads: ["smoke"],
      async run(context) {
        const { smoke } = context.options;
        await (await import("./smoke.ts")).runSmoke({ ...context, options: { smoke: smoke! } });
      },
      async explain({ smoke }) {
        const { tried, because } = smoke!.meta;
        return [{ subject: "smoke", decision: tried ? "passed" : "not tried", because: String(because) }];
      },
    },
  ],
  async dispose() {
    if (hasCompilers) await (await import("./compilers.ts")).disposeCompilers();
  },
});
