import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const tools = join(import.meta.dirname, "../../../tools");

const cached = (name: string) => join(tools, `../node_modules/.cache/sbp-kernel-${name}`);

const machines = {
  "linux-x64": { qemu: ["qemu-system-x86_64"], console: "ttyS0" },
  // Not every processor can do with each size of pages; this one can.
  "linux-arm64": {
    qemu: ["qemu-system-aarch64", "-machine", "virt", "-cpu", "neoverse-n1"],
    console: "ttyAMA0",
  },
} as const;

/** Kernels, by what is special about them, and what brings them. */
export const kernels = {
  "linux-x64": { usual: ["debian-kernel.sh", "amd64", cached("amd64")] },
  "linux-arm64": {
    usual: ["debian-kernel.sh", "arm64", cached("arm64")],
    "pages of 16 KiB": [
      ...["debian-kernel.sh", "arm64", cached("arm64-16k")],
      ...["trixie", "linux-image-arm64-16k"],
    ],
    "pages of 64 KiB": ["large-page-kernel.sh", cached("arm64-64k")],
  },
} as const satisfies Record<keyof typeof machines, Record<string, readonly [string, ...string[]]>>;

/**
 * Boots a kernel whose initial file system is this executable as `/init`, and nothing else but `others`, by their paths in it.
 * Returns what came over the serial line; the machine stops when the program ends.
 *
 * @param script what brings the kernel, of `kernels`
 */
export async function boot(
  target: keyof typeof machines,
  [script, ...words]: readonly string[],
  executable: string,
  others: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { qemu, console } = machines[target];
  const { stdout: kernel } = await run(join(tools, script!), words, { maxBuffer: 16 * 1024 * 1024 });
  const work = await mkdtemp(join(tmpdir(), "sbp-boot-"));
  try {
    const archive = join(work, "initrd");
    const files = Object.entries({ init: executable, ...others });
    await writeFile(
      archive,
      initialFileSystem(await Promise.all(files.map(async ([path, file]) => [path, await readFile(file)]))),
    );
    const machine = ["-accel", "tcg", "-m", "1024", "-nographic", "-no-reboot", "-net", "none"];
    // Without an init the kernel panics, and restarts at once; -no-reboot makes that the end.
    const options = [
      "-kernel",
      kernel.trim(),
      "-initrd",
      archive,
      "-append",
      `console=${console} panic=-1 quiet`,
    ];
    const { stdout } = await run(qemu[0], [...qemu.slice(1), ...machine, ...options], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  } finally {
    await rm(work, { recursive: true });
  }
}

/** A cpio archive ("newc", Linux' Documentation/driver-api/early-userspace/buffer-format.rst) with executable files and their folders. */
function initialFileSystem(files: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const entry = (name: string, mode: number, content: Uint8Array) => {
    // ino, mode, uid, gid, nlink, mtime, filesize, four device numbers, namesize, check.
    const fields = [1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
    const head = `070701${fields.map((value) => value.toString(16).padStart(8, "0")).join("")}${name}\0`;
    const padding = (size: number) => Buffer.alloc((4 - (size % 4)) % 4);
    return [Buffer.from(head), padding(head.length), content, padding(content.length)];
  };
  const folders = files.flatMap(([path]) =>
    path.split("/").flatMap((_, depth, names) => (depth === 0 ? [] : [names.slice(0, depth).join("/")])),
  );
  return Buffer.concat([
    ...folders.flatMap((path) => entry(path, 0o040755, new Uint8Array(0))),
    ...files.flatMap(([path, content]) => entry(path, 0o100755, content)),
    ...entry("TRAILER!!!", 0, new Uint8Array(0)),
  ]);
}
