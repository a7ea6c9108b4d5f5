import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AppIdentity, findGitRepository, type RunContext } from "@sbp/core";
import { describedBy } from "@sbp/oci";

/**
 * What package.json and git tell of the app, under the keys of annotations: image-spec, "Pre-Defined Annotation Keys". `created`
 * is in seconds since 1970.
 */
export async function describeApp(
  app: AppIdentity,
  { projectDir, dependOn }: Pick<RunContext, "projectDir" | "dependOn">,
  { created, git: asksGit }: { readonly created: number; readonly git: boolean },
): Promise<Record<string, string>> {
  const path = join(projectDir, "package.json");
  dependOn({ file: path });
  const { description, license, homepage, repository, author } = await readPackage(path);
  const git = asksGit ? findGitRepository(projectDir, (file) => dependOn({ file })) : undefined;
  return describedBy({
    title: app.name,
    version: app.version,
    description: text(description),
    licenses: text(license),
    url: text(homepage),
    source: sourceUrl(text(repository) ?? text(field(repository, "url"))) ?? sourceUrl(git?.origin()),
    revision: git?.revision,
    // That of 1970 says nothing.
    created: created === 0 ? undefined : new Date(created * 1000).toISOString().replace(".000Z", "Z"),
    authors: text(author) ?? text(field(author, "name")),
  });
}

/** Whoever reads the project has complained of a damaged one. */
async function readPackage(path: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(path, "utf8")) ?? {};
  } catch {
    return {};
  }
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/**
 * What a browser opens, where npm writes `git+https://host/app.git` and git `git@host:app.git`. Without user and password, which
 * some keep in the address.
 */
export function sourceUrl(address: string | undefined): string | undefined {
  const plain = address?.replace(/^git\+/, "").replace(/\.git\/?$/, "") ?? "";
  const [, host, path] =
    /^(?:ssh:\/\/)?[\w.-]+@([\w.-]+)(?::(?!\d+\/)|(?::\d+)?\/)([^:]+)$/.exec(plain) ?? [];
  const text = host === undefined ? plain : `https://${host}/${path}`;
  if (!/^https?:/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href.replace(/\/$/, "");
}
