import { chmod, chown, copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { testedVersions } from "../../../tools/test-runtimes.ts";
import { appBuilder } from "./app.ts";
import { addFile, certificate, output, rootWith, withMounts } from "./empty-root.ts";

const chroot = "/usr/sbin/chroot";
const hello = "console.log('hello', process.version, process.argv.slice(2).join());";
let everything: string;
let pair: { key: string; cert: string };

beforeAll(async () => {
  pair = await certificate();
  const builder = await appBuilder("26.10.0");
  const source = await readFile(new URL("./programs/everything.cjs", import.meta.url), "utf8");
  everything = (await builder.build("main.cjs", source)).path;
});

const asked = (more: object = {}) => JSON.stringify({ ...pair, ...more });
const expected = {
  version: "v26.10.0",
  uid: 0,
  proc: false,
  execPath: "/app",
  worker: 42,
  fork: { from: "child", to: "parent" },
  spawn: "v26.10.0",
  libc: "2.36",
  sha256: "ba7816bf",
  date: "January 1, 1970",
  http: "plain",
  https: "secret",
};

describe("an executable for linux-x64", () => {
  test.each(testedVersions)("of Node %s runs as the only file of an empty root", async (version) => {
    const { path } = await (await appBuilder(version)).build("main.cjs", hello);
    const root = await rootWith(path);
    expect(await output([chroot, root, "/app", "a", "b"])).toBe(`hello v${version} a,b\n`);
  });

  test("does all that a service does there", async () => {
    const root = await rootWith(everything);
    expect(JSON.parse(await output([chroot, root, "/app", asked()]))).toEqual(expected);
  });

  test("knows its own place when it is started by a relative name", async () => {
    const root = await rootWith(everything);
    expect(JSON.parse(await output([chroot, root, "./app", asked()]))).toEqual(expected);
  });

  test("does so with /proc, too", async () => {
    const root = await rootWith(everything);
    await mkdir(join(root, "proc"));
    const script = 'mount -t proc proc "$1/proc"; exec chroot "$1" /app "$2"';
    expect(JSON.parse(await withMounts(script, root, asked()))).toEqual({ ...expected, proc: true });
  });

  test("does so as a nobody on a read-only root where nothing else may be executed", async () => {
    const root = await rootWith(everything);
    await mkdir(join(root, "tmp"));
    const script =
      'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; mount -t tmpfs -o noexec,mode=1777 tmpfs "$1/tmp"; exec chroot --userspec=65532:65532 "$1" /app "$2"';
    expect(JSON.parse(await withMounts(script, root, asked({ folder: "/tmp" })))).toEqual({
      ...expected,
      uid: 65532,
      written: 1e6,
    });
  });

  test("does so with another owner's rights, and wherever other libraries are named like its own", async () => {
    const root = await rootWith(everything);
    for (const name of ["libc.so.6", "libm.so.6", "libstdc++.so.6"]) await addFile(root, `wrong/${name}`, "");
    const command = ["/app", asked()];
    expect(JSON.parse(await output([chroot, root, ...command], { LD_LIBRARY_PATH: "/wrong" }))).toEqual(
      expected,
    );
    await chown(join(root, "app"), 1234, 1234);
    await chmod(join(root, "app"), 0o4755);
    const answer = await output([chroot, "--userspec=65532:65532", root, ...command], {
      LD_LIBRARY_PATH: "/wrong",
    });
    expect(JSON.parse(answer)).toEqual({ ...expected, uid: 65532 });
  });

  test("has the rights that its file has", async () => {
    const script = `
const server = require("node:net").createServer();
server.on("error", ({ code }) => console.log(code));
server.listen(80, () => { console.log("listening"); server.close(); });`;
    const { path } = await (await appBuilder("26.10.0")).build("main.cjs", script);
    const root = await rootWith(path);
    await addFile(root, "wrong/libc.so.6", "");
    const start = ["/usr/bin/unshare", "--net", chroot, "--userspec=65532:65532", root, "/app"];
    const env = { LD_LIBRARY_PATH: "/wrong" };
    expect(await output(start, env)).toBe("EACCES\n");
    await output(["/usr/sbin/setcap", "cap_net_bind_service+ep", join(root, "app")]);
    expect(await output(start, env)).toBe("listening\n");
  });

  test("is what tools for ELF files understand", async () => {
    expect(await output(["/usr/bin/file", "--brief", everything])).toMatch(
      /^ELF 64-bit LSB executable, x86-64, .*statically linked/,
    );
    const headers = await output(["/usr/bin/eu-readelf", "--program-headers", everything]);
    expect(headers).toContain("LOAD");
    expect(headers).not.toMatch(/INTERP|DYNAMIC/);
    const notes = await output(["/usr/bin/eu-readelf", "--notes", everything]);
    expect(notes).toContain("sbp-libraries");
    expect(notes).toContain("FDO_PACKAGING_METADATA");
  });

  test("resolves names in a sandbox without a network", async () => {
    const root = await rootWith(everything);
    await addFile(root, "etc/resolv.conf", "nameserver 127.0.0.1\n");
    await addFile(root, "etc/hosts", "192.0.2.9 by-file.test\n");
    const sandbox = ["/usr/bin/bwrap", "--unshare-all", "--uid", "0", "--cap-add", "CAP_NET_BIND_SERVICE"];
    const mounts = ["--ro-bind", root, "/", "--proc", "/proc", "--dev", "/dev"];
    await mkdir(join(root, "proc"));
    await mkdir(join(root, "dev"));
    expect(JSON.parse(await output([...sandbox, ...mounts, "/app", asked({ resolver: true })]))).toEqual({
      ...expected,
      proc: true,
      resolved: "192.0.2.7",
      hosts: "192.0.2.9",
    });
  });

  test("needs the machine's libraries when it is not self-contained", async () => {
    const builder = await appBuilder("26.10.0", "linux-x64", {}, { selfContained: false });
    const { path } = await builder.build("main.cjs", hello);
    expect(await output([path])).toBe("hello v26.10.0 \n");
    const root = await rootWith(path);
    await expect(output([chroot, root, "/app"])).rejects.toThrow(/No such file or directory/);
  });
});

describe("an executable for linux-arm64", () => {
  test.each(testedVersions)("of Node %s runs under QEMU in an empty root", async (version) => {
    const { path } = await (await appBuilder(version, "linux-arm64")).build("main.cjs", hello);
    const root = await rootWith(path);
    await copyFile("/usr/bin/qemu-aarch64-static", join(root, "qemu"));
    expect(await output([chroot, root, "/qemu", "/app", "a"])).toBe(`hello v${version} a\n`);
  });
});
