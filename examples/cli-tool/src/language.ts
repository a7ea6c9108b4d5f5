import { extname } from "node:path";
import languages from "~/languages.json" with { type: "json" };

const byExtension = new Map(
  Object.entries(languages).flatMap(([language, extensions]) =>
    extensions.map((extension) => [extension, language] as const),
  ),
);

/** The language that a file is written in by its extension, or undefined. */
export function languageOf(file: string): string | undefined {
  return byExtension.get(extname(file).toLowerCase());
}
