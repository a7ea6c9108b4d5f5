import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { appBuilder } from "./app.ts";
import { addFile, certificate, output, rootWith } from "./empty-root.ts";
import { boot, kernels } from "./kernel.ts";
import {
  arm64Namespace,
  emptyPlaces,
  type Place,
  sandbox,
  sandboxWithNames,
  scratchContainers,
  seccompProfile,
} from "./places.ts";
import { addonFiles } from "./thrower.ts";

// Processors are emulated, boots take a minute, and one of the kernels is built first.
const minutes = 60_000;

const booted = `
console.log(JSON.stringify({ pid: process.pid, version: process.version, files: require("node:fs").readdirSync("/") }));
const { Worker } = require("node:worker_threads");
const { once } = require("node:events");
(async () => {
  for (let time = 0; time < 3; time++) {
    const worker = new Worker(require("node:path").join(__dirname, "worker.cjs"));
    worker.on("message", (text) => console.log("worker", text));
    console.log("exit " + (await once(worker, "exit")));
  }
})();
`;

/** Everything that a service does, and what it says of it. */
const service = async (target: "linux-x64" | "linux-arm64") => {
  const source = await readFile(new URL("./programs/everything.cjs", import.meta.url), "utf8");
  return (await (await appBuilder("26.10.0", target)).build("main.cjs", source)).path;
};
const done = {
  version: "v26.10.0",
  worker: 42,
  fork: { from: "child", to: "parent" },
  spawn: "v26.10.0",
  libc: "2.36",
  http: "plain",
  https: "secret",
};

describe.each([
  ["linux-x64", "x86_64-linux-gnu-"],
  ["linux-arm64", "aarch64-linux-gnu-"],
] as const)("for %s", (target, prefix) => {
  let path: string;
  beforeAll(async () => {
    const builder = await appBuilder("26.10.0", target);
    path = (await builder.build("main.cjs", booted, { files: await addonFiles(prefix) })).path;
  }, 5 * minutes);

  test.each(Object.entries<readonly string[]>(kernels[target]))(
    "an executable is all that a kernel needs: %s",
    async (_, kernel) => {
      const printed = await boot(target, kernel, path);
      expect(printed).toMatch(/\{"pid":1,"version":"v26\.10\.0","files":\[.*"init".*\]\}/);
      expect(printed.match(/^worker caught 42 1\r?$/gm)).toHaveLength(3);
      expect(printed.match(/^exit 0\r?$/gm)).toHaveLength(3);
      expect(printed).toMatch(/exitcode=0x00000000/);
    },
    20 * minutes,
  );
});

describe("an executable for linux-arm64, under QEMU", () => {
  let path: string;
  let started: (place: Place) => Place;
  beforeAll(async () => {
    path = await service("linux-arm64");
    const namespace = await arm64Namespace();
    started = namespace.started;
    return namespace.close;
  }, 5 * minutes);

  /** Its root, with folders for what a place mounts. */
  const root = async () => {
    const made = await rootWith(path);
    for (const name of ["proc", "dev"]) await mkdir(join(made, name));
    return made;
  };

  test.each(Object.entries({ ...emptyPlaces, "a sandbox": sandbox }))(
    "does all that a service does in %s",
    async (_, place) => {
      const asked = JSON.stringify(await certificate());
      const told = await output(started(place)(await root(), ["/app", asked]));
      expect(JSON.parse(told)).toMatchObject({ ...done, execPath: "/app" });
    },
    3 * minutes,
  );

  test(
    "resolves names",
    async () => {
      const made = await root();
      await addFile(made, "etc/resolv.conf", "nameserver 127.0.0.1\n");
      await addFile(made, "etc/hosts", "192.0.2.9 by-file.test\n");
      const asked = JSON.stringify({ ...(await certificate()), resolver: true });
      const told = await output(started(sandboxWithNames)(made, ["/app", asked]));
      expect(JSON.parse(told)).toMatchObject({ ...done, resolved: "192.0.2.7", hosts: "192.0.2.9" });
    },
    3 * minutes,
  );
});

test("containers get the system calls that Debian allows them by default", async () => {
  expect(await output(["/usr/bin/dpkg", "--search", seccompProfile])).toBe(
    `golang-github-containers-common: ${seccompProfile}\n`,
  );
  const told = await output(["/usr/bin/podman", "info", "--format", "{{.Host.Security.SECCOMPProfilePath}}"]);
  expect(told.trim()).toBe(seccompProfile);
  expect(JSON.parse(await readFile(seccompProfile, "utf8"))).toMatchObject({
    defaultAction: "SCMP_ACT_ERRNO",
  });
});

describe.each(["runc", "crun"] as const)("in a scratch container of %s", (runtime) => {
  const container = scratchContainers(runtime);
  test(
    "an executable does all that a service does, without any rights",
    async () => {
      const root = await rootWith(await service("linux-x64"));
      const asked = JSON.stringify({ ...(await certificate()), rights: true });
      expect(JSON.parse(await output(container(root, ["/app", asked])))).toMatchObject({
        ...done,
        uid: 65532,
        rights: {
          capabilities: [0, 0, 0, 0, 0],
          noNewPrivileges: "1",
          // By a filter: the profile.
          seccomp: "2",
          openFiles: { soft: 1024, hard: 1024 },
        },
      });
    },
    5 * minutes,
  );
});

test("an executable carries large files", async () => {
  const size = 300_000_000;
  const { path } = await (await appBuilder("26.10.0")).build(
    "main.cjs",
    `const { openSync, readSync, statSync } = require("node:fs");
     const file = require("node:path").join(__dirname, "large.bin");
     const byte = Buffer.alloc(1);
     readSync(openSync(file), byte, 0, 1, ${size - 1});
     console.log(statSync(file).size, byte[0]);`,
    { files: { "large.bin": Buffer.alloc(size, 7) } },
  );
  expect(await output(["/usr/sbin/chroot", await rootWith(path), "/app"])).toBe(`${size} 7\n`);
});
