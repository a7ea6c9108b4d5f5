import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import {
  applyEdit,
  findUnique,
  type PeTailOptions,
  parsePeTemplate,
  peEdit,
  peSectionRanges,
  peTail,
  planPeTemplate,
  readPe,
} from "../src/index.ts";
import { openSource, run, temporaryFolder } from "./tools.ts";

/** The official binaries for Windows that are tested. */
export const windowsRuntimes = [
  { version: "22.23.3", target: "win32-x64" },
  { version: "24.21.0", target: "win32-x64" },
  { version: "26.10.0", target: "win32-x64" },
  { version: "22.23.2", target: "win32-arm64" },
  { version: "26.7.0", target: "win32-arm64" },
] as const;

export const resourceName = "NODE_SEA_BLOB";
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0";

/** The template of an official runtime, its fuse flipped, in a new folder. */
export async function makeTemplate(version: string, target: string) {
  const folder = await temporaryFolder();
  const runtime = await testRuntime(version, target);
  const source = await openSource(runtime);
  const pe = await readPe(source);
  const at = (await findUnique(source, Buffer.from(fuse), peSectionRanges(pe))) + fuse.length - 1;
  const patches = [{ offset: at, bytes: Buffer.from("1") }];
  const { edit, template } = await planPeTemplate(pe, { resourceName, patches });
  const templatePath = join(folder, "template");
  await applyEdit(runtime, templatePath, edit);
  const cached = parsePeTemplate(JSON.parse(JSON.stringify(template)));
  return { folder, runtime, pe, edit, template: cached, templatePath };
}

export type MadeTemplate = Awaited<ReturnType<typeof makeTemplate>>;

/** An executable of a template; says where it is. */
export async function makeExecutable(
  { folder, template, templatePath }: MadeTemplate,
  payload: readonly Uint8Array[],
  options: PeTailOptions = {},
): Promise<string> {
  const executable = join(folder, "app.exe");
  await applyEdit(templatePath, executable, peEdit(template, peTail(template, payload, options)));
  return executable;
}

/** What llvm-readobj prints of a file, without the file's name; it must have nothing to complain about. */
export async function readobj(path: string, ...options: string[]): Promise<string> {
  const { stdout, stderr } = await run("llvm-readobj-19", [...options, path], {
    maxBuffer: 256 * 1024 * 1024,
  });
  if (stderr !== "") throw new Error(stderr);
  return stdout.replace(/^File: .*$/m, "");
}

// Microsoft's algorithm word by word, without the shortcuts of the code under test.
const checksumScript = `
import array, struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
field = struct.unpack_from("<I", data, 0x3C)[0] + 88
stored = struct.unpack_from("<I", data, field)[0]
data[field:field + 4] = bytes(4)
size = len(data)
total = sum(array.array("H", bytes(data + bytes(size % 2))))
while total >> 16:
    total = (total & 0xFFFF) + (total >> 16)
print(stored, total + size)
`;

/** The checksum that a file says, and the one that Python computes. */
export async function checksums(path: string): Promise<readonly number[]> {
  const { stdout } = await run("python3", ["-c", checksumScript, path]);
  return stdout.trim().split(" ").map(Number);
}

/** What osslsigncode says of a file's signature; it must run to its end. */
export async function verifySignature(path: string, ...options: string[]): Promise<string> {
  const result = await run("osslsigncode", ["verify", ...options, path]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return result.stdout + result.stderr;
}

/** The blob that Node makes of a script, with the host's binary of the same version: it is the same for every platform. */
export async function makeBlob(
  version: string,
  folder: string,
  script: string,
  assets: Readonly<Record<string, string>>,
) {
  await writeFile(join(folder, "main.js"), script);
  for (const [name, text] of Object.entries(assets)) await writeFile(join(folder, name), text);
  const config = {
    main: "main.js",
    output: "blob",
    disableExperimentalSEAWarning: true,
    assets: Object.fromEntries(Object.keys(assets).map((name) => [name, name])),
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const node = await testRuntime(version, "linux-x64");
  await run(node, ["--experimental-sea-config", "config.json"], { cwd: folder });
  return readFile(join(folder, "blob"));
}
