import { type Artifact, type ArtifactFile, type ArtifactWriter, type RunContext, SbpError } from "@sbp/core";
import * as esbuild from "esbuild";
import { defineMistakes } from "./define.ts";
import type { StripOptions } from "./options.ts";
import { inlineMap, mapComment, withoutContent, withoutMapComment } from "./source-map.ts";
import { strippedMeta } from "./stripped.ts";

/** Node prints the whole line that threw an uncaught error: one line of megabytes would bury the message. */
const longestLine = 200;

/**
 * Code that tells a class by the text of the function: `String(f).startsWith("class ")`, `/^class\s/.test(f)`. It takes an
 * expression whose name is minified away, `class{…}`, for none.
 */
const looksForClasses = /(["'`])class \1|\^(?:\\s\*|\[\\s\]\*)?class(?:\\s| )/;

/** Where a bundle has the source maps of scripts that it carries. */
const scriptMaps = "maps/";

/** Minifies the bundle's main file and brings its source map into the wanted form. The other files are passed on. */
export async function stripJavascript(context: RunContext<StripOptions>): Promise<void> {
  const { options, signal } = context;
  const bundle = context.artifacts["bundle"]!;
  const { main } = bundle.meta;
  if (typeof main !== "string" || !bundle.files.some((file) => file.path === main))
    throw new SbpError("SBP_STRIP_BUNDLE", "The bundle does not say which of its files is the main one", {
      hint: 'The plugin that makes it must set "main" in its meta.',
    });

  const given = await bundle.read(main);
  const { code, map } = await changed(main, given, await readMap(main, context), context);
  signal.throwIfAborted();

  const mapName = `${main}.map`;
  // Only who carries the map says where it is: what stands beside an executable is found by the file's name.
  const text = map && options.sourceMap === "embedded" ? code + mapComment(mapName) : code;
  const meta = {
    ...bundle.meta,
    ...(options.minify && options.keepNames && { keepNames: true }),
    bytes: Buffer.byteLength(text),
    sourceMap: map ? options.sourceMap : "none",
    ...(isTransforming(options) && strippedMeta(bundle.meta, given.length, Buffer.byteLength(text))),
  };
  await context.write("bundle", meta, async (out) => {
    await out.file(main, text);
    if (map) await out.file(mapName, map);
    const others = bundle.files.filter(({ path }) => path !== main && path !== mapName);
    const isMap = ({ path }: ArtifactFile) => path.startsWith(scriptMaps);
    await passOn(
      bundle,
      others.filter((file) => !isMap(file)),
      out,
    );
    if (options.sourceMap !== "none")
      for (const { path } of others.filter(isMap)) {
        const map = await bundle.read(path);
        await out.file(path, keepsContent(options) ? map : withoutContent(map));
      }
  });
}

/** The map that the bundle has, where it is wanted. */
async function readMap(main: string, context: RunContext<StripOptions>): Promise<Buffer | undefined> {
  const bundle = context.artifacts["bundle"]!;
  const { sourceMap } = context.options;
  if (sourceMap === "none") return undefined;
  const mapName = `${main}.map`;
  if (bundle.files.some((file) => file.path === mapName)) return await bundle.read(mapName);
  if (sourceMap === "external")
    context.report({
      severity: "warning",
      code: "SBP_STRIP_SOURCE_MAP",
      message: "There is no source map to put beside the executables",
      hint: 'Leave out "sourcemap": false of the step bundle.',
    });
  return undefined;
}

function isTransforming({ minify, drop = [], define = {} }: StripOptions): boolean {
  return minify || drop.length > 0 || Object.keys(define).length > 0;
}

function keepsContent({ sourceMap, sourcesContent }: StripOptions): boolean {
  return sourceMap === "external" || sourcesContent;
}

interface Code {
  /** Without a comment that names the map. */
  readonly code: string;
  readonly map: Uint8Array | string | undefined;
}

async function changed(
  main: string,
  given: Buffer,
  map: Buffer | undefined,
  { options, artifacts, progress, log }: RunContext<StripOptions>,
): Promise<Code> {
  const { format, keepNames } = artifacts["bundle"]!.meta;
  const { minify, drop = [], define = {} } = options;
  const plain = withoutMapComment(given.toString("utf8"));
  const sourcesContent = keepsContent(options);
  if (!isTransforming(options))
    return { code: plain, map: map && !sourcesContent ? withoutContent(map) : map };

  progress(`minifying ${main}`);
  const result = await transform(map ? plain + inlineMap(map) : plain, {
    loader: "js",
    platform: "node",
    target: "node22",
    ...(format === "esm" || format === "cjs" ? { format } : {}),
    minifyIdentifiers: minify,
    minifyWhitespace: minify,
    minifySyntax: minify && !looksForClasses.test(plain),
    lineLimit: longestLine,
    // A bundle says when its names are pinned already: doing it twice would only make it larger.
    keepNames: options.keepNames && keepNames !== true,
    drop: [...drop],
    define,
    legalComments: "eof",
    sourcemap: map ? "external" : false,
    sourcesContent,
    sourcefile: main,
  });
  for (const { text } of result.warnings) log.debug(text);
  return { code: result.code, map: map ? result.map : undefined };
}

async function passOn(bundle: Artifact, files: readonly ArtifactFile[], out: ArtifactWriter): Promise<void> {
  for (const { path, executable } of files)
    await out.file(path, { artifact: bundle, file: path }, { executable });
}

async function transform(code: string, options: esbuild.TransformOptions): Promise<esbuild.TransformResult> {
  try {
    return await esbuild.transform(code, { ...options, logLevel: "silent" });
  } catch (error) {
    const first = (error as Partial<esbuild.TransformFailure>).errors?.[0];
    if (!first) throw error;
    const mistakes = await defineMistakes(options.define ?? {});
    if (mistakes) throw mistakes;
    throw new SbpError(
      "SBP_STRIP_BUNDLE",
      `The bundle is not JavaScript that can be minified: ${first.text}`,
      {
        ...(first.location && {
          location: {
            file: first.location.file,
            line: first.location.line,
            column: first.location.column + 1,
          },
        }),
        hint: "Report it to the plugin that makes the bundle, or leave out the step strip.",
      },
    );
  }
}
