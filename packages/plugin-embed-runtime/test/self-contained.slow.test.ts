import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appBuilder } from "./app.ts";
import { certificate, output, rootWith } from "./empty-root.ts";
import { boot } from "./kernel.ts";

const everything = () => readFile(new URL("./programs/everything.cjs", import.meta.url), "utf8");

// Processors are emulated, and boots take a minute.
const minutes = 60_000;

test.each(["linux-x64", "linux-arm64"] as const)(
  "an executable for %s is all that a kernel needs",
  async (target) => {
    const { path } = await (await appBuilder("26.10.0", target)).build(
      "main.cjs",
      `console.log(JSON.stringify({ pid: process.pid, version: process.version, files: require("node:fs").readdirSync("/") }));
       new (require("node:worker_threads").Worker)("console.log('worker')", { eval: true }).on("exit", (code) => console.log("exit " + code));`,
    );
    const printed = await boot(target, path);
    expect(printed).toMatch(/\{"pid":1,"version":"v26\.10\.0","files":\[.*"init".*\]\}/);
    expect(printed).toMatch(/^worker\r?$/m);
    expect(printed).toMatch(/^exit 0\r?$/m);
    expect(printed).toMatch(/exitcode=0x00000000/);
  },
  15 * minutes,
);

test(
  "an executable runs in a scratch container without any rights",
  async () => {
    const { path } = await (await appBuilder("26.10.0")).build("main.cjs", await everything());
    const root = await rootWith(path);
    const store = await mkdtemp(join(tmpdir(), "sbp-podman-"));
    const podman = [
      ...["/usr/bin/podman", "--storage-driver=vfs", "--runtime=runc", "--cgroup-manager=cgroupfs"],
      ...[`--root=${store}/root`, `--runroot=${store}/run`],
    ];
    const rights = [
      "--cap-drop=ALL",
      "--security-opt=no-new-privileges",
      "--read-only",
      "--read-only-tmpfs=false",
    ];
    const limits = [
      "--network=none",
      "--ulimit=nofile=1024:1024",
      "--ulimit=nproc=4096:4096",
      "--user=65532:65532",
    ];
    try {
      const given = JSON.stringify(await certificate());
      const printed = await output([
        ...podman,
        "run",
        "--rm",
        ...rights,
        ...limits,
        `--rootfs`,
        root,
        "/app",
        given,
      ]);
      expect(JSON.parse(printed)).toMatchObject({
        uid: 65532,
        worker: 42,
        https: "secret",
        spawn: "v26.10.0",
      });
    } finally {
      await output([...podman, "system", "reset", "--force"]);
      await rm(store, { recursive: true, force: true });
    }
  },
  5 * minutes,
);

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
