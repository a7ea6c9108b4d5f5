import { chmod, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type BuildEvent, type BuildResult, build, type Diagnostic, openStore, SbpError } from "@sbp/core";
import type { PackedApp } from "@sbp/plugin-embed-runtime";
import type { GlobalValues } from "./command.ts";
import { interruptible } from "./interrupt.ts";
import { rebaseCertificate } from "./rebase-certificate.ts";
import { rebaseProject } from "./rebase-project.ts";
import { rebaseRuntime } from "./rebase-runtime.ts";
import { makeWorkFolder } from "./rebase-work.ts";
import { openRenderer } from "./render/renderer.ts";
import { unwritableStore } from "./run-build.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage-error.ts";

export interface RebaseRequest {
  readonly cwd: string;
  readonly globals: GlobalValues;
  readonly terminal: Terminal;
  /** The executable, relative to `cwd`. */
  readonly file: string;
  readonly options: {
    readonly runtime: string | undefined;
    readonly "runtime-version": string | undefined;
    readonly libs: boolean;
    readonly certificate: string | undefined;
    readonly "password-env": string | undefined;
    readonly output: string | undefined;
    readonly offline: boolean;
    readonly force: boolean;
  };
}

/** One side of a rebase. */
interface Side {
  readonly runtime: string;
  /** Bytes. */
  readonly size: number;
  readonly codeCache: boolean;
  /** With a certificate. */
  readonly signed: boolean;
}

/** What a rebase did. */
export interface Rebased {
  readonly app: { readonly name: string; readonly version: string };
  readonly target: string;
  /** Absolute. */
  readonly file: string;
  /** Absolute; the same as `file` where that was replaced. */
  readonly output: string;
  readonly sha256: string;
  readonly before: Side;
  readonly after: Side & {
    /** The common name in the certificate. */
    readonly signer?: string;
  };
}

/**
 * Builds the app of an executable again, on another runtime: an ordinary build, whose bundle comes out of the
 * executable and whose options are what the executable says of its making. The new executable is made in a folder
 * beside its place and renamed.
 *
 * Throws SbpError for what is refused before anything runs: SBP_REBASE_*, SBP_USAGE, and those of runtimes.
 */
export async function rebase(
  request: RebaseRequest,
): Promise<{ readonly result: BuildResult; readonly rebased?: Rebased }> {
  const { cwd, globals, terminal, options } = request;
  // Not needed at other commands' starts.
  const { isOlder, packedOptions, readPackedApp } = await (
    await import("@sbp/plugin-embed-runtime")
  ).packedApps();
  const file = await realpath(resolve(cwd, request.file)).catch(() => resolve(cwd, request.file));
  const app = await readPackedApp(file);
  const output = options.output === undefined ? file : await outputPlace(resolve(cwd, options.output));
  const runtime = rebaseRuntime(options, app, cwd);
  const certificate = await rebaseCertificate(options, app, cwd);
  const embed = packedOptions(app, certificate);
  const work = await makeWorkFolder(output);
  const store = await openStore();
  const renderer = openRenderer(terminal, globals);
  // What tells of the file's place, and of the end, is told when the file is there.
  const late: BuildEvent[] = [];
  const onEvent = (event: BuildEvent) => {
    if (event.type === "output-published" || event.type === "build-finished") late.push(event);
    else if (event.type !== "lock-changed") renderer.event(event);
  };
  const warn = (diagnostic: Diagnostic) =>
    renderer.event({ type: "diagnostic", action: "rebase", diagnostic });
  try {
    if (store.temporary) warn(unwritableStore());
    if (app.signed && certificate.certificate === undefined) warn(signatureLost(app));
    const project = await rebaseProject({ app, file, embed, runtime, cwd, work: work.path, store });
    const built = await interruptible(
      (signal) => build({ project, store, signal, onEvent, offline: options.offline, force: options.force }),
      () => renderer.notice("  cancelling; once more to stop at once"),
    );
    const made = built.outputs.find(({ kind }) => kind === "executable");
    if (!made) {
      for (const event of late) renderer.event(event);
      return { result: built };
    }
    const { signer } = (made.meta["signature"] ?? {}) as { readonly signer?: string };
    const after = {
      runtime: String(made.meta["nodeVersion"]),
      size: made.size,
      codeCache: made.meta["codeCache"] === true,
      signed: signer !== undefined,
      ...(signer !== undefined && { signer }),
    };
    const before = {
      runtime: app.build.node.version,
      size: app.size,
      codeCache: app.codeCache,
      signed: app.signed,
    };
    if (isOlder(after.runtime, before.runtime)) warn(olderRuntime(after.runtime, before.runtime));
    await putInPlace(made.path, output, app.mode);
    for (const event of late)
      renderer.event(event.type === "output-published" ? { ...event, path: output } : event);
    const { sha256 } = made;
    const rebased = { app: app.build.app, target: app.build.target, file, output, sha256, before, after };
    return { result: { ...built, outputs: [{ ...made, path: output }] }, rebased };
  } finally {
    renderer.end();
    await work.remove();
    // What is remembered of a project: this one never comes again.
    const memory = dirname(store.projectFile(work.path, "state.json"));
    await rm(memory, { recursive: true, force: true }).catch(() => {});
    await store.close();
  }
}

/** Where the new executable goes: what is behind a link, not the link, is replaced. */
async function outputPlace(path: string): Promise<string> {
  const place = await realpath(path).catch(() => path);
  const present = await stat(place).catch(() => undefined);
  if (present && !present.isFile())
    throw usageError(`--output ${path}: this is no file`, "Name the file that shall be written.");
  return place;
}

async function putInPlace(made: string, output: string, mode: number): Promise<void> {
  try {
    await chmod(made, mode);
    await rename(made, output);
  } catch (error) {
    throw new SbpError(
      "SBP_OUTPUT_NOT_WRITABLE",
      `The executable cannot be written: ${(error as Error).message}`,
      {
        location: { file: output },
        hint: `Nothing was changed. End the program if it runs, make ${basename(dirname(output))} writable, or name another file with --output.`,
        cause: error,
      },
    );
  }
}

function signatureLost({ build: { target } }: PackedApp): Diagnostic {
  const how = target.startsWith("darwin-")
    ? "`codesign --force --options runtime --sign IDENTITY FILE`, then notarize it"
    : "`signtool sign`, or `osslsigncode sign`";
  return {
    severity: "warning",
    code: "SBP_REBASE_SIGNATURE",
    message: "The executable is signed with a certificate; the new one is not",
    hint: `Name the certificate (--certificate FILE --password-env NAME), or sign the new file: ${how}.`,
  };
}

function olderRuntime(after: string, before: string): Diagnostic {
  return {
    severity: "warning",
    code: "SBP_REBASE_OLDER",
    message: `Node ${after} is older than the Node ${before} that the executable had`,
    hint: "An older version may lack what the app needs, and the fixes since then.",
  };
}
