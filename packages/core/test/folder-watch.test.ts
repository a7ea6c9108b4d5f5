import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FolderWatch } from "../src/watch/folder-watch.ts";

/** Nobody's. */
const stranger = 65534;

test.skipIf(process.platform === "win32")(
  "a folder above that others keep to themselves is left alone; those below tell of changes",
  async () => {
    const above = await mkdtemp(join(tmpdir(), "sbp-folder-watch-"));
    const below = join(above, "project");
    await mkdir(below);
    await chmod(above, 0o311);
    const errors: unknown[] = [];
    let tell: (path: string) => void = () => {};
    const told = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const folders = new FolderWatch({
      poll: false,
      onChange: (path) => tell(path),
      onError: (error) => errors.push(error),
      isWanted: () => false,
    });
    const isRoot = process.geteuid!() === 0;
    try {
      // Root may look into every folder.
      if (isRoot) process.seteuid!(stranger);
      expect(await folders.set([above, below])).toBe(true);
      expect(await folders.set([above, below])).toBe(false);
      if (isRoot) process.seteuid!(0);
      await writeFile(join(below, "new.txt"), "");
      expect(await told).toBe(join(below, "new.txt"));
      expect(errors).toEqual([]);
    } finally {
      if (isRoot) process.seteuid!(0);
      await folders.close();
      await chmod(above, 0o755);
      await rm(above, { recursive: true });
    }
  },
);
