import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { output } from "./empty-root.ts";

/** The words that run a program in a root folder. The process that they start becomes the program. */
export type Place = (root: string, command: readonly string[]) => readonly string[];

/** A shell with mounts of its own, which has the folder as `$root` and the command as its arguments. */
const inMounts =
  (script: string): Place =>
  (root, command) => [
    ...["/usr/bin/unshare", "--mount", "/bin/sh", "-ec"],
    `PATH=/usr/bin:/usr/sbin\nroot=$1; shift\n${script}`,
    ...["sh", root, ...command],
  ];

/** Places that promise as little as possible. Roots must have a folder `proc`. */
export const emptyPlaces: Readonly<Record<string, Place>> = {
  "an empty root without /proc": (root, command) => ["/usr/sbin/chroot", root, ...command],
  "a root with /proc": inMounts('mount --rbind /proc "$root/proc"; exec chroot "$root" "$@"'),
  "a read-only root, as a nobody": inMounts(
    'mount --bind "$root" "$root"; mount -o remount,bind,ro "$root"; exec chroot --userspec=65532:65532 "$root" "$@"',
  ),
};

/** bubblewrap, with a network of its own that has nothing but the loopback. It must not outlive the test. */
export const sandbox: Place = (root, command) => [
  ...["/usr/bin/bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", root, "/", ...command],
];

/** The same, with the rights to be a name server there. */
export const sandboxWithNames: Place = (root, command) => [
  ...["/usr/bin/bwrap", "--unshare-all", "--uid", "0", "--cap-add", "CAP_NET_BIND_SERVICE"],
  ...["--ro-bind", root, "/", "--proc", "/proc", "--dev", "/dev", ...command],
];

/** What containers get that ask for no other: of Debian's package golang-github-containers-common. */
export const seccompProfile = "/usr/share/containers/seccomp.json";

/** crun wants to see the one hierarchy of control groups that newer systems have, and not the older ones beside it. */
const withUnifiedGroups =
  'PATH=/usr/bin:/usr/sbin; umount --recursive /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec "$@"';

/** Containers of podman for the tests of a file: without any rights, from nothing but a folder. */
export function scratchContainers(runtime: "runc" | "crun"): Place {
  let store: string | undefined;
  const start =
    runtime === "crun" ? ["/usr/bin/unshare", "--mount", "/bin/sh", "-ec", withUnifiedGroups, "sh"] : [];
  const podman = (folder: string) => [
    ...[...start, "/usr/bin/podman", "--storage-driver=vfs", `--runtime=${runtime}`],
    ...["--cgroup-manager=cgroupfs", `--root=${folder}/root`, `--runroot=${folder}/run`],
  ];
  afterAll(async () => {
    if (store === undefined) return;
    await output([...podman(store), "system", "reset", "--force"]);
    await rm(store, { recursive: true, force: true });
  });
  return (root, command) => {
    store ??= mkdtempSync(join(tmpdir(), "sbp-podman-"));
    return [
      ...[
        ...podman(store),
        "run",
        "--rm",
        ...(runtime === "crun" ? ["--cgroups=disabled"] : []),
        "--network=host",
        "--user=65532:65532",
      ],
      ...["--cap-drop=ALL", "--security-opt=no-new-privileges", `--security-opt=seccomp=${seccompProfile}`],
      ...["--read-only", "--read-only-tmpfs=false"],
      ...["--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096"],
      ...["--env=PORT=0", "--env=HOST=127.0.0.1", "--rootfs", root, ...command],
    ];
  };
}

/** The header of programs for arm64: 64 bits, little-endian, executable, machine 183. As the kernel's binfmt-misc.rst has it. */
const registration = String.raw`:sbp-arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F`;

const registering = `
PATH=/usr/bin:/usr/sbin
echo unshared
read mapped
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
printf %s "$1" >/proc/sys/fs/binfmt_misc/register
echo registered
read done
`;

/** Where the kernel starts programs for arm64, until it is closed. */
export interface Arm64Namespace {
  /** The same place there. */
  readonly started: (place: Place) => Place;
  readonly close: () => Promise<void>;
}

/**
 * Has the kernel start programs for arm64 under QEMU in a user namespace, so that nothing of it is seen elsewhere and it ends with the
 * namespace (Linux 6.7 and newer). QEMU itself is in no root: the kernel keeps it open.
 */
export async function arm64Namespace(): Promise<Arm64Namespace> {
  const words = ["--user", "--mount", "/bin/sh", "-ec", registering, "sh", registration];
  const holder = spawn("/usr/bin/unshare", words, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(holder, "exit");
  const told = async (word: string) => {
    const [said] = await Promise.race([once(holder.stdout, "data"), ended]);
    if (`${said}`.trim() !== word) throw new Error("the kernel has no binfmt_misc for user namespaces");
  };
  await told("unshared");
  // Everyone stays who they are.
  for (const map of ["uid_map", "gid_map"]) await writeFile(`/proc/${holder.pid}/${map}`, "0 0 65536\n");
  holder.stdin.write("mapped\n");
  await told("registered");
  const enter = ["/usr/bin/nsenter", `--target=${holder.pid}`, "--user", "--mount", "--"];
  return {
    started: (place) => (root, command) => [...enter, ...place(root, command)],
    async close() {
      holder.stdin.end();
      await ended;
    },
  };
}
