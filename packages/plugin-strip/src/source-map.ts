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

/** The map without the texts of the sources. Throws SyntaxError. */
export function withoutContent(map: Buffer): string {
  const { sourcesContent: _, ...others } = JSON.parse(map.toString("utf8"));
  return JSON.stringify(others);
}
