import { SbpError } from "@sbp/core";

/** With this comment behind the code, esbuild composes its map with the one that the code brings along. */
export function inlineMap(map: Buffer): string {
  return `\n//# sourceMappingURL=data:application/json;base64,${map.toString("base64")}\n`;
}

export function mapComment(name: string): string {
  return `//# sourceMappingURL=${encodeURIComponent(name)}\n`;
}

/** The comment that names the map stands at the very end, where bundlers put it. */
export function withoutMapComment(code: string): string {
  return code.replace(/(^|\n)\/\/# sourceMappingURL=[^\n]*\s*$/, "$1");
}

/** The map without the texts of the sources. Throws SBP_STRIP_BUNDLE for what is no map. */
export function withoutContent(map: Buffer): string {
  try {
    const { sourcesContent: _, ...others } = JSON.parse(map.toString("utf8"));
    return JSON.stringify(others);
  } catch (error) {
    throw new SbpError("SBP_STRIP_BUNDLE", "The bundle's source map is not JSON", {
      hint: "Report it to the plugin that makes the bundle, or set `sourceMap` of the step strip to none.",
      cause: error,
    });
  }
}
