import { openArchive } from "./archive.ts";
import type { Image, ImageIndex } from "./image.ts";
import { openImage, openLayout } from "./layout.ts";
import type { ImagePlace } from "./places.ts";
import { parseReference } from "./reference.ts";
import { RegistryClient } from "./registry/client.ts";
import { dockerCredentials } from "./registry/credentials.ts";

export interface OpenedImage {
  readonly manifest: Image | ImageIndex;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Speak to the registry without TLS. */
  readonly plainHttp?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** @param name a path, or of a registry a reference. Throws OciError. */
export async function openPlace(name: string, place: ImagePlace, options: OpenOptions): Promise<OpenedImage> {
  if (place !== "registry") {
    const store = place === "tar" ? await openArchive(name) : await openLayout(name);
    return { manifest: await openImage(store), async close() {} };
  }
  const client = new RegistryClient({
    credentials: dockerCredentials(),
    ...(options.plainHttp && { plainHttp: [parseReference(name).registry] }),
  });
  try {
    const manifest = await client.pull(name, { signal: options.signal });
    return { manifest, close: () => client.close() };
  } catch (error) {
    await client.close();
    throw error;
  }
}
