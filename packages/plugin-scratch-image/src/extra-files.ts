import { lstat, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { exitCodes, type RunContext, SbpError } from "@sbp/core";
import { fileContent, type TarEntry } from "@sbp/oci";
import { users } from "./base-files.ts";
import type { ImageStepOptions } from "./options.ts";

type Context = Pick<RunContext, "projectDir" | "dependOn">;
type Place = Pick<TarEntry, "uid" | "gid"> & { readonly mode: number | undefined };

/**
 * The files and folders of the option `files`. Permissions come from the option alone: those on the disk depend on who has
 * checked out the project. Throws SBP_IMAGE_FILES.
 */
export async function extraFiles(
  wanted: NonNullable<ImageStepOptions["files"]>,
  context: Context,
): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  for (const { from, to, mode, owner } of wanted) {
    const [uid = 0, gid = uid] =
      owner in users ? [users[owner]!] : owner.split(":").map((number) => Number(number));
    const place = { uid, gid, mode: mode === undefined ? undefined : Number.parseInt(mode, 8) };
    const path = to.replace(/^\/+|\/+$/g, "");
    if (from === undefined) entries.push(directory(path, place));
    else
      entries.push(
        ...(await tree(resolve(context.projectDir, from), path, place, { ...context, name: from })),
      );
  }
  return entries;
}

async function tree(
  source: string,
  path: string,
  place: Place,
  context: Context & { readonly name: string },
): Promise<TarEntry[]> {
  const { name, dependOn } = context;
  const found = await lstat(source).catch(() => undefined);
  if (found?.isFile()) {
    dependOn({ file: source });
    const { uid, gid, mode = 0o644 } = place;
    return [
      {
        type: "file",
        path,
        content: [fileContent(source, { size: found.size })],
        mode,
        uid,
        gid,
      } as TarEntry,
    ];
  }
  if (!found?.isDirectory()) {
    dependOn({ file: source });
    throw new SbpError(
      "SBP_IMAGE_FILES",
      `${name} of \`files\` ${found ? "has what is no file or folder" : "is not there"}`,
      {
        location: { file: source },
        hint: "Name files and folders of the project; links are not followed.",
        exitCode: exitCodes.badUsage,
      },
    );
  }
  dependOn({ directory: source });
  const below: TarEntry[] = [directory(path, { ...place, mode: undefined })];
  for (const entry of (await readdir(source)).sort())
    below.push(...(await tree(join(source, entry), `${path}/${entry}`, place, context)));
  return below;
}

function directory(path: string, { uid, gid, mode = 0o755 }: Place): TarEntry {
  return { type: "directory", path, mode, uid, gid } as TarEntry;
}
