import { createHash } from "node:crypto";
import { mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { fileContent, readTar, type TarEntry, writeTar } from "../src/index.ts";
import { noise } from "./noise.ts";
import { collect, run, temporaryFolder } from "./tools.ts";

const longName = `${"very/".repeat(40)}deep/größe-名前.txt`;

const entries: TarEntry[] = [
  { type: "file", path: "usr/bin/app", mode: 0o755, content: "program" },
  { type: "symlink", path: "usr/bin/also", target: "app" },
  { type: "symlink", path: "usr/bin/far", target: `/${"t".repeat(150)}` },
  { type: "directory", path: "tmp", mode: 0o1777 },
  { type: "directory", path: "home/nonroot/", mode: 0o700, uid: 65532, gid: 65532 },
  { type: "file", path: "home/nonroot/big-owner", uid: 3_000_000, gid: 4_000_000_000, content: "" },
  { type: "file", path: longName, content: [Buffer.from("one "), Buffer.from("two")] },
];

test("GNU tar lists and unpacks what was written", async () => {
  const folder = await temporaryFolder();
  const archive = join(folder, "a.tar");
  await writeFile(archive, await collect(writeTar(entries, { modified: 1_000_000_000 })));
  const env = { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" };
  const { stdout, stderr } = await run(
    "tar",
    ["--numeric-owner", "--quoting-style=literal", "-tvf", archive],
    { env },
  );
  expect(stderr).toBe("");
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll(/ +/g, " "));
  expect(lines.slice(0, 4)).toEqual([
    "drwxr-xr-x 0/0 0 2001-09-09 01:46 home/",
    "drwx------ 65532/65532 0 2001-09-09 01:46 home/nonroot/",
    "-rw-r--r-- 3000000/4000000000 0 2001-09-09 01:46 home/nonroot/big-owner",
    "drwxrwxrwt 0/0 0 2001-09-09 01:46 tmp/",
  ]);
  expect(lines).toContain("-rwxr-xr-x 0/0 7 2001-09-09 01:46 usr/bin/app");
  expect(lines).toContain("lrwxrwxrwx 0/0 0 2001-09-09 01:46 usr/bin/also -> app");
  expect(lines).toContain(`lrwxrwxrwx 0/0 0 2001-09-09 01:46 usr/bin/far -> /${"t".repeat(150)}`);
  await mkdir(join(folder, "out"));
  await run("tar", ["-xf", archive, "-C", join(folder, "out"), "--no-same-owner"]);
  expect(await readFile(join(folder, "out", longName), "utf8")).toBe("one two");
  expect((await stat(join(folder, "out/tmp"))).mode & 0o7777).toBe(0o1777);
});

test("the order of entries and spare slashes change nothing", async () => {
  const one = await collect(writeTar(entries));
  const other = await collect(writeTar(entries.toReversed()));
  expect(one.equals(other)).toBe(true);
});

test("an archive that was written is read as it was", async () => {
  const found = [];
  for await (const member of readTar(writeTar(entries, { modified: 5 }))) {
    const { content, offset, ...header } = member;
    found.push({ ...header, text: (await collect(content())).toString() });
  }
  expect(found.filter(({ type }) => type === "directory")).toHaveLength(5 + 41);
  expect(found).toContainEqual({
    type: "file",
    path: longName,
    target: "",
    mode: 0o644,
    uid: 0,
    gid: 0,
    modified: 5,
    size: 7,
    text: "one two",
  });
  expect(found).toContainEqual(
    expect.objectContaining({ path: "home/nonroot/big-owner", uid: 3_000_000, gid: 4_000_000_000 }),
  );
  expect(found).toContainEqual(
    expect.objectContaining({ type: "symlink", path: "usr/bin/far", target: `/${"t".repeat(150)}` }),
  );
});

test("contents that are not taken, or not to their end, are skipped", async () => {
  const big = noise(3_000_000);
  const input: TarEntry[] = ["a", "b", "c"].map((path) => ({ type: "file", path, content: big }));
  const found: string[] = [];
  for await (const { path, content } of readTar(writeTar(input))) {
    found.push(path);
    if (path === "b") for await (const _ of content()) break;
    if (path === "c") expect((await collect(content())).equals(big)).toBe(true);
  }
  expect(found).toEqual(["a", "b", "c"]);
});

test("archives of GNU tar in all its formats are read", async () => {
  const folder = await temporaryFolder();
  const names: [format: string, name: string][] = [
    ["gnu", `${"d".repeat(200)}/${"f".repeat(200)}`],
    ["pax", `${"d".repeat(200)}/${"f".repeat(200)}`],
    ["ustar", `${"d".repeat(90)}/${"f".repeat(90)}`],
    ["v7", "d/f"],
  ];
  for (const [format, name] of names) {
    const input = join(folder, `${format}-in`);
    await mkdir(dirname(join(input, name)), { recursive: true });
    await writeFile(join(input, name), "content");
    const archive = join(folder, format);
    await run("tar", ["-C", input, `--format=${format}`, "-cf", archive, "."]);
    const found = [];
    for await (const { path, type, content } of readTar(chunksOf(await readFile(archive), 1000)))
      found.push([type, path, (await collect(content())).toString()]);
    expect(found, format).toEqual([
      ["directory", "", ""],
      ["directory", dirname(name), ""],
      ["file", name, "content"],
    ]);
  }
});

test("files of 8 GiB and more say their size in a pax header", async () => {
  const folder = await temporaryFolder();
  const size = 8 * 1024 ** 3 + 1;
  await writeFile(join(folder, "big"), "");
  await truncate(join(folder, "big"), size);
  const content = fileContent(join(folder, "big"), { size });
  const chunks = writeTar([{ type: "file", path: "big", content: [content] }]);
  let start = Buffer.alloc(0);
  for await (const chunk of chunks) {
    start = Buffer.concat([start, chunk]);
    if (start.length >= 2048) break;
  }
  expect(start.toString("latin1", 512, 540)).toContain("19 size=8589934593\n");
  for await (const member of readTar(chunksOf(start, 512))) {
    expect(member).toMatchObject({ path: "big", size });
    break;
  }
});

test("paths that cannot be in an image are refused", async () => {
  const file = (path: string): TarEntry => ({ type: "file", path, content: "" });
  const refused: [TarEntry[], string][] = [
    [[file("/etc/passwd")], "relative"],
    [[file("a/../b")], "no empty name"],
    [[file("./a")], "no empty name"],
    [[file("a//b")], "no empty name"],
    [[file("")], "no empty name"],
    [[file("a\0b")], "zero byte"],
    [[file("\ud800")], "Unicode"],
    [[file("a"), file("a")], "twice"],
    [[file("a"), { type: "directory", path: "a/" }], "twice"],
    [[file("a"), file("a/b")], "no directory"],
    [[{ type: "symlink", path: "a", target: "" }], "nowhere"],
  ];
  for (const [input, message] of refused)
    await expect(collect(writeTar(input)), JSON.stringify(input)).rejects.toMatchObject({
      code: "OCI_PATH_INVALID",
      message: expect.stringContaining(message),
    });
  await expect(collect(writeTar([{ ...file("a"), mode: 0o10000 }]))).rejects.toThrow(RangeError);
  await expect(collect(writeTar([{ ...file("a"), uid: -1 }]))).rejects.toThrow(RangeError);
  await expect(collect(writeTar([file("a")], { modified: -1 }))).rejects.toThrow(RangeError);
});

test("hostile archives are refused", async () => {
  const good = await collect(writeTar([{ type: "file", path: "aa/bb", content: "x" }]));
  const changed = (change: (header: Buffer) => void, at = 512): Buffer => {
    const bytes = Buffer.from(good);
    const header = bytes.subarray(at, at + 512);
    change(header);
    header.write("        ", 148, "latin1");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return bytes;
  };
  const cases: [Buffer, string, string][] = [
    [changed((header) => header.write("../bb", 0)), "OCI_MALFORMED", "leads out"],
    [changed((header) => header.write("9", 124)), "OCI_MALFORMED", "number that is none"],
    [changed((header) => header.write("77777777777", 124)), "OCI_MALFORMED", "ends within a file"],
    [changed((header) => header.fill(0xff, 124, 136)), "OCI_MALFORMED", "negative"],
    [
      changed((header) => header.write("\x80\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f", 124, "latin1")),
      "OCI_MALFORMED",
      "too large",
    ],
    [changed((header) => header.write("S", 156)), "OCI_UNSUPPORTED", "sparse"],
    [changed((header) => header.write("x", 156)), "OCI_MALFORMED", "pax header"],
    [
      changed((header) => {
        header.write("L", 156);
        header.write("00007777777", 124);
      }),
      "OCI_TOO_LARGE",
      "extension",
    ],
    [good.subarray(0, 700), "OCI_MALFORMED", "ends within a header"],
    [good.subarray(0, 1024), "OCI_MALFORMED", "ends within a file"],
    [Buffer.from(good).fill(1, 600, 610), "OCI_MALFORMED", "checksum"],
  ];
  for (const [bytes, code, message] of cases)
    await expect(
      (async () => {
        for await (const _ of readTar(chunksOf(bytes, 100)));
      })(),
      message,
    ).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

test("the bytes of an archive are these", async () => {
  const bytes = await collect(writeTar(entries, { modified: 1_000_000_000 }));
  expect(createHash("sha256").update(bytes).digest("hex")).toMatchInlineSnapshot(
    `"b1a4d61dbb0cba7c3bbfc0b03f572ecc9e06d53685db1ca41ec3b28de1c6c6eb"`,
  );
});

async function* chunksOf(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
