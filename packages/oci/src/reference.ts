import { type Digest, isDigest } from "./digest.ts";
import { OciError } from "./error.ts";

/** The name of an image: `registry.example/acme/health:1.2.0`. */
export interface Reference {
  /** Host, and port where one is named. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}

const host = /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::\d{1,5})?$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * The parts of a reference. As everywhere, what names no registry is of Docker Hub, and `nginx` there is `library/nginx`.
 *
 * @throws OciError OCI_REFERENCE_INVALID
 */
export function parseReference(text: string): Reference {
  const invalid = (problem: string) =>
    new OciError(
      "OCI_REFERENCE_INVALID",
      `${JSON.stringify(text.slice(0, 300))} is no image reference: ${problem}`,
    );
  const [named, digest, ...more] = text.split("@");
  if (more.length > 0 || (digest !== undefined && !isDigest(digest)))
    throw invalid("what follows @ is no sha256 digest");
  const colon = named!.lastIndexOf(":");
  const hasTag = colon > named!.lastIndexOf("/");
  const tag = hasTag ? named!.slice(colon + 1) : undefined;
  if (tag !== undefined && !tagForm.test(tag)) throw invalid(`"${tag}" is no tag`);
  const names = (hasTag ? named!.slice(0, colon) : named!).split("/");
  const [first] = names;
  const namesRegistry = names.length > 1 && (/[.:]/.test(first!) || first === "localhost");
  if (namesRegistry) names.shift();
  const registry = namesRegistry ? first! : "docker.io";
  if (!host.test(registry)) throw invalid(`"${registry}" is no host`);
  if (registry === "docker.io" && names.length === 1) names.unshift("library");
  const repository = names.join("/");
  if (repository.length > 255 || !names.every((name) => component.test(name)))
    throw invalid(`"${repository}" is no repository; its names are of a-z, 0-9 and single separators`);
  return { registry, repository, tag, digest };
}

/** The text of a reference. */
export function referenceName({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}
