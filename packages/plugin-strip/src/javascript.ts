import { type Artifact, type ArtifactFile, type ArtifactWriter, type RunContext, SbpError } from "@sbp/core";
import * as esbuild from "esbuild";
import type { StripOptions } from "./options.ts";

/** Node prints the whole line that threw an uncaught error: one line of megabytes would bury the message. */
const longestLine = 200;

/** Minifies the bundle's main file. The other files are passed on. */
export async function stripJavascript(context: RunContext<StripOptions>): Promise<void> {
  const { options, signal } = context;
  const bundle = context.artifacts["bundle"]!;
  const { main, format, keepNames } = bundle.meta;
  if (typeof main !== "string" || !bundle.files.some((file) => file.path === main))
    throw new SbpError("SBP_STRIP_BUNDLE", "The bundle does not say which of its files is the main one", {
      hint: 'The plugin that makes it must set "main" in its meta.',
    });

  if (!options.minify && !options.drop?.length) {
    await context.write("bundle", bundle.meta, (out) => passOn(bundle, bundle.files, out));
    return;
  }

  const mapName = `${main}.map`;
  const map = bundle.files.some((file) => file.path === mapName) ? await bundle.read(mapName) : undefined;
  const code = withoutMapComment(await bundle.read(main));
  signal.throwIfAborted();
  context.progress(`minifying ${main}`);
  const result = await transform(map ? code + inlineMap(map) : code, {
    loader: "js",
    platform: "node",
    target: "node22",
    ...(format === "esm" || format === "cjs" ? { format } : {}),
    minify: options.minify,
    lineLimit: longestLine,
    // A bundle says when its names are pinned already: doing it twice would only make it larger.
    keepNames: options.keepNames && keepNames !== true,
    drop: [...(options.drop ?? [])],
    legalComments: "eof",
    sourcemap: map ? "external" : false,
    sourcefile: main,
  });
  signal.throwIfAborted();
  for (const { text } of result.warnings) context.log.debug(text);

  const text = map ? `${result.code}//# sourceMappingURL=${encodeURIComponent(mapName)}\n` : result.code;
  const meta = { ...bundle.meta, bytes: Buffer.byteLength(text) };
  await context.write("bundle", meta, async (out) => {
    await out.file(main, text);
    if (map) await out.file(mapName, result.map);
    const others = bundle.files.filter(({ path }) => path !== main && path !== mapName);
    await passOn(bundle, others, out);
  });
}

async function passOn(bundle: Artifact, files: readonly ArtifactFile[], out: ArtifactWriter): Promise<void> {
  for (const { path, executable } of files)
    await out.file(path, { copyOf: await bundle.path(path) }, { executable });
}

async function transform(code: string, options: esbuild.TransformOptions): Promise<esbuild.TransformResult> {
  try {
    return await esbuild.transform(code, { ...options, logLevel: "silent" });
  } catch (error) {
    const first = (error as Partial<esbuild.TransformFailure>).errors?.[0];
    if (!first) throw error;
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

/** esbuild composes the new map with the one that the code brings along. */
function inlineMap(map: Buffer): string {
  return `\n//# sourceMappingURL=data:application/json;base64,${map.toString("base64")}\n`;
}

/** The comment that names the map stands at the very end, where bundlers put it. */
function withoutMapComment(code: Buffer): string {
  return code.toString("utf8").replace(/\n\/\/# sourceMappingURL=[^\n]*\s*$/, "\n");
}
