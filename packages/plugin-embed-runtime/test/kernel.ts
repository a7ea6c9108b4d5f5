import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Machine } from "./machine.ts";

const run = promisify(execFile);
const tools = join(import.meta.dirname, "../../../tools");

const cached = (name: string) => join(tools, `../node_modules/.cache/sbp-kernel-${name}`);

const machines = {
  "linux-x64": { qemu: ["qemu-system-x86_64"], console: "ttyS0", keyboard: [] },
  "linux-arm64": {
    // Not every processor can do with each size of pages; this one can.
    qemu: ["qemu-system-aarch64", "-machine", "virt", "-cpu", "neoverse-n1"],
    console: "ttyAMA0",
    keyboard: ["-device", "virtio-keyboard-pci"],
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
    "pages of 64 KiB": ["small-kernel.sh", "arm64", cached("arm64-small")],
  },
} as const satisfies Record<keyof typeof machines, Record<string, readonly [string, ...string[]]>>;

/** Kernels that have a network by themselves. Debian's have drivers as modules, which somebody would have to load. */
export const kernelsWithNetwork = {
  "linux-x64": ["small-kernel.sh", "amd64", cached("amd64-small")],
  "linux-arm64": kernels["linux-arm64"]["pages of 64 KiB"],
} as const;

export interface BootOptions {
  /** What there is beside `/init`: files by their paths in the initial file system. */
  readonly others?: Readonly<Record<string, string>>;
  /** The arguments of `/init`. */
  readonly args?: readonly string[];
  /** Called when the machine starts. Without it, the machine has no network. */
  readonly visit?: (machine: Machine) => Promise<void>;
}

/**
 * Boots a kernel whose initial file system is this executable as `/init`, and nothing else but `others`.
 * Returns what came over the serial line; the machine stops when the program ends.
 *
 * @param script what brings the kernel, of `kernels`
 */
export async function boot(
  target: keyof typeof machines,
  [script, ...words]: readonly string[],
  executable: string,
  { others = {}, args = [], visit }: BootOptions = {},
): Promise<string> {
  const { qemu, console, keyboard } = machines[target];
  const { stdout: kernel } = await run(join(tools, script!), words, { maxBuffer: 16 * 1024 * 1024 });
  const work = await mkdtemp(join(tmpdir(), "sbp-boot-"));
  try {
    const archive = join(work, "initrd");
    const files = Object.entries({ init: executable, ...others });
    await writeFile(
      archive,
      initialFileSystem(await Promise.all(files.map(async ([path, file]) => [path, await readFile(file)]))),
    );
    const monitor = join(work, "monitor");
    const machine = ["-accel", "tcg", "-m", "1024", "-nographic", "-no-reboot"];
    const options = [
      ...["-kernel", kernel.trim(), "-initrd", archive],
      // Without an init the kernel panics, and restarts at once; -no-reboot makes that the end.
      ...["-append", [`console=${console} panic=-1 quiet`, visit && visited, "--", ...args].join(" ")],
      ...(visit ? [...keyboard, ...network, "-qmp", `unix:${monitor},server=on,wait=off`] : ["-net", "none"]),
    ];
    const child = spawn(qemu[0], [...qemu.slice(1), ...machine, ...options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const started = new Machine(child, monitor);
      await visit?.(started);
      return await started.ended;
    } finally {
      child.kill("SIGKILL");
    }
  } finally {
    await rm(work, { recursive: true });
  }
}

/** QEMU's own network: the machine is 10.0.2.15, and its port 8080 a free one of the loopback here. */
const network = [
  ...["-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:8080"],
  ...["-device", "virtio-net-pci,netdev=net,romfile="],
];

/** Has the kernel set up the network, and make Ctrl-Alt-Del the signal SIGINT for its first process instead of a restart. */
const visited = "ip=10.0.2.15::10.0.2.2:255.255.255.0 sysctl.kernel.ctrl-alt-del=0";

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
