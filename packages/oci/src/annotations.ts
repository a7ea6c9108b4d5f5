/** The predefined keys of image-spec 1.1, "Annotations". */
export interface ImageDescription {
  /** When it was built: RFC 3339. */
  readonly created?: string | undefined;
  readonly authors?: string | undefined;
  readonly url?: string | undefined;
  readonly documentation?: string | undefined;
  readonly source?: string | undefined;
  readonly version?: string | undefined;
  readonly revision?: string | undefined;
  readonly vendor?: string | undefined;
  /** An SPDX expression. */
  readonly licenses?: string | undefined;
  readonly refName?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly baseDigest?: string | undefined;
  readonly baseName?: string | undefined;
}

const keys: Readonly<Record<keyof ImageDescription, string>> = {
  created: "created",
  authors: "authors",
  url: "url",
  documentation: "documentation",
  source: "source",
  version: "version",
  revision: "revision",
  vendor: "vendor",
  licenses: "licenses",
  refName: "ref.name",
  title: "title",
  description: "description",
  baseDigest: "base.digest",
  baseName: "base.name",
};

/** What is described, under the keys of annotations (and, by custom, of labels). */
export function describedBy(description: ImageDescription): Record<string, string> {
  const entries = Object.entries(keys) as [keyof ImageDescription, string][];
  return Object.fromEntries(
    entries.flatMap(([name, key]) => {
      const value = description[name];
      return value === undefined ? [] : [[`org.opencontainers.image.${key}`, value]];
    }),
  );
}
