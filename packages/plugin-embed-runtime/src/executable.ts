import { type Artifact, type RunContext, SbpError } from "@sbp/core";
import { ExecutableError } from "@sbp/executable";
import { frameBlob, lengthSize } from "./blob.ts";
import { makeCodeCache } from "./code-cache.ts";
import { formatOf } from "./format/format.ts";
import { HostNodeError, hostNodeFailed } from "./host-node.ts";
import { locationAt } from "./location.ts";
import { ModuleError, moduleScript } from "./module-script.ts";
import { makePack, ownFolder } from "./pack.ts";
import { runtimeMeta, runtimePath } from "./runtime-meta.ts";
import { commonJsScript, mappedFoot, type ScriptText } from "./script.ts";
import { packSourceMap, readSourceMap } from "./source-map.ts";
import { strippedOf } from "./stripped.ts";
import { invalidTemplate, readTemplate, templateFiles } from "./template-meta.ts";

export interface ExecutableOptions {
  readonly codeCache: boolean;
  readonly name?: string | undefined;
}

/** Where the app's files appear to lie; the same in the bootstrap. */
const root = "/sys/sbp/0/";

/**
 * Makes the executable of one target: the template, and behind it the pack with the app. The bundle's source map is in
 * the pack, or stands beside the executable, as the bundle says.
 */
export async function runExecutable(context: RunContext<ExecutableOptions>): Promise<void> {
  const { artifacts, options, app, write } = context;
  const bundle = artifacts["bundle"]!;
  const template = artifacts["template"]!;
  const { target, nodeVersion, template: plan, frame, ...ofRuntime } = await readTemplate(template);
  const format = formatOf(target);
  const { main, script: plain } = await readMain(bundle);
  const sourceMap = await readSourceMap(bundle, main);
  const mapped =
    sourceMap.place === "embedded" ? await packSourceMap(sourceMap.bytes, bundle.meta) : undefined;
  const script = mapped ? { ...plain, foot: mappedFoot } : plain;

  // Compiled for foreign targets too: it is the target's version that says whether the bundle is valid.
  const made = await compile(script, main, nodeVersion, context);
  const isHost = runtimeMeta(artifacts["host-runtime"]!).target === target;
  const codeCache = options.codeCache && ofRuntime.codeCache && isHost ? made : undefined;

  const address = (await ofTemplate(() => format.payloadAddress(plan))) + frame.prefix.length + lengthSize;
  const files = [{ path: main, content: script, codeCache }, ...(mapped?.files ?? [])];
  const pack = makePack(files, { main, ...(mapped && { sourceMap: mapped.info }) }, address);
  const payload = frameBlob(frame, pack);
  const stripped = { javascript: strippedOf(bundle.meta), runtime: ofRuntime.stripped };
  const meta = {
    target,
    nodeVersion,
    main,
    codeCache: codeCache !== undefined,
    sourceMap: sourceMap.place,
    ...((stripped.javascript || stripped.runtime) && { stripped }),
    payloadBytes: payload.reduce((sum, part) => sum + part.length, 0),
  };
  // A scope is part of a package's name, not of a file's.
  const name = options.name ?? app!.name.replace(/^@[^/]*\//, "");
  const fileName = target.startsWith("win32-") && !name.endsWith(".exe") ? `${name}.exe` : name;
  await write("executable", meta, async (out) => {
    const base = { artifact: template, file: templateFiles.node };
    const file = (path: string) => template.read(path);
    const { patches, tail } = await ofTemplate(() => format.tail(plan, payload, { identifier: name, file }));
    await out.compose(fileName, { base, patches, tail }, { executable: true });
  });
  await write("source-map", {}, async (out) => {
    if (sourceMap.place === "external") await out.file(sourceMap.name, sourceMap.bytes);
  });
}

/** What a format says of a template that it does not understand, or of a payload that is too large, told as ours. */
async function ofTemplate<T>(use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    if (error.code !== "EXECUTABLE_PAYLOAD_TOO_LARGE") throw invalidTemplate(error);
    throw new SbpError("SBP_PAYLOAD_TOO_LARGE", error.message, {
      hint: "Ship large data beside the executable.",
      cause: error,
    });
  }
}

async function readMain(bundle: Artifact): Promise<{ main: string; script: ScriptText }> {
  const { format, main } = bundle.meta;
  if (typeof main !== "string" || !bundle.files.some(({ path }) => path === main))
    throw new SbpError("SBP_BUNDLE_INVALID", "the bundle does not name its main file");
  if (main.startsWith(ownFolder))
    throw new SbpError(
      "SBP_BUNDLE_INVALID",
      `the bundle's main file lies in ${ownFolder}, which is not for apps`,
    );
  const source = (await bundle.read(main)).toString("utf8").replace(/^\uFEFF/, "");
  if (format === "cjs") return { main, script: commonJsScript(source) };
  if (format !== "esm")
    throw new SbpError(
      "SBP_BUNDLE_INVALID",
      `the bundle's format is ${JSON.stringify(format)}, not esm or cjs`,
    );
  try {
    return { main, script: await moduleScript(source) };
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    const location = locationAt(main, source, error.offset);
    if (error.kind === "syntax")
      throw new SbpError("SBP_BUNDLE_SYNTAX", `the bundle cannot be read: ${error.message}`, { location });
    throw new SbpError("SBP_BUNDLE_IMPORT", `the bundle is not complete: ${error.message}`, {
      location,
      hint: "Let the bundler include it: an executable has no node_modules to look in.",
    });
  }
}

async function compile(
  script: ScriptText,
  main: string,
  nodeVersion: string,
  { artifacts, signal, tmp }: RunContext<ExecutableOptions>,
): Promise<Buffer> {
  const host = { node: await runtimePath(artifacts["host-runtime"]!), cwd: await tmp(), signal };
  try {
    return await makeCodeCache(script, root + main, host);
  } catch (error) {
    if (!(error instanceof HostNodeError)) throw error;
    const reason = /^SyntaxError: .*$/m.exec(error.stderr)?.[0];
    if (reason === undefined) throw hostNodeFailed(nodeVersion, error);
    // The first line of node's message is "<file>:<line>".
    const [place] = error.stderr.split("\n", 1);
    const line = place?.startsWith(`${root}${main}:`)
      ? Number(place.slice(root.length + main.length + 1))
      : Number.NaN;
    throw new SbpError("SBP_BUNDLE_SYNTAX", `Node ${nodeVersion} cannot compile the bundle: ${reason}`, {
      location: Number.isInteger(line) ? { file: main, line } : { file: main },
      hint: "Bundle for the runtime's version (the target in tsconfig.json or of the bundler).",
      cause: error,
    });
  }
}
