import type { ArtifactFile, RunContext } from "@sbp/core";
import type { ByteSource } from "@sbp/executable";
import { bytesContent, type Content, fileContent, joinedContent } from "@sbp/oci";
import { templateFile } from "./runtime.ts";

/** The bytes of an executable. */
export interface AppContent {
  readonly content: Content;
  readonly source: ByteSource;
  /** What follows the template; undefined where the executable does not begin with all of its bytes. */
  readonly behind: Buffer | undefined;
}

/** Without putting a template and what is behind it together. */
export async function appContent(
  file: ArtifactFile,
  { artifacts }: Pick<RunContext, "artifacts">,
): Promise<AppContent> {
  const executable = artifacts["executable"]!;
  const template = artifacts["template"];
  const base = template?.files.find(({ path }) => path === templateFile);
  const parts = await executable.parts?.(file.path);
  const behind = base && parts?.baseSha256 === base.sha256 ? parts.tail : undefined;
  const path = behind ? await template!.path(templateFile) : await executable.path(file.path);
  const start = fileContent(path, { size: behind ? base!.size : file.size });
  const content = behind ? joinedContent([start, bytesContent(behind)]) : start;
  return { content, source: sourceOf(content), behind };
}

function sourceOf(content: Content): ByteSource {
  return {
    size: content.size,
    async read(offset, length) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content.read(offset, offset + length)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}
