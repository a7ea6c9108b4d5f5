import type { Image, ImageIndex, NamedManifest } from "@sbp/oci";

/** An image under each of its tags. Tools of OCI find it by a tag, those of Docker by a whole reference. */
export function namedBy(
  manifest: Image | ImageIndex,
  { repository, tags }: { readonly repository?: string | undefined; readonly tags: readonly string[] },
): NamedManifest[] {
  return tags.map((tag) => ({ manifest, name: repository === undefined ? tag : `${repository}:${tag}` }));
}
