import { mkdtempSync, rmSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import {
  applyEdit,
  findUnique,
  fromFile,
  type MachoTailOptions,
  type MachoTemplatePlan,
  machoEdit,
  machoLoadedRanges,
  machoTail,
  planMachoTemplate,
  readMacho,
} from "../src/index.ts";
import { run } from "./tools.ts";

/** The official binaries of Node 22, 24 and 26. */
export const machoRuntimes = [
  { version: "22.23.3", target: "darwin-x64" },
  { version: "24.18.1", target: "darwin-x64" },
  { version: "26.10.0", target: "darwin-x64" },
  { version: "22.23.2", target: "darwin-arm64" },
  { version: "24.0.0", target: "darwin-arm64" },
  { version: "26.10.0", target: "darwin-arm64" },
] as const;

export const place = { segment: "NODE_SEA", section: "__NODE_SEA_BLOB" } as const;
export const identifier = "com.example.app";

const fuse = Buffer.from("NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0");

/** A runtime's template, written to a file, its fuse armed. */
export async function makeTemplate(
  input: string,
  output: string,
  { strip = true } = {},
): Promise<MachoTemplatePlan> {
  const file = await open(input);
  try {
    const source = await fromFile(file);
    const macho = await readMacho(source);
    const at = await findUnique(source, fuse, machoLoadedRanges(macho));
    const patches = [{ offset: at + fuse.length - 1, bytes: Buffer.from("1") }];
    const plan = await planMachoTemplate(macho, { ...place, patches, strip });
    await applyEdit(input, output, plan.edit);
    return plan;
  } finally {
    await file.close();
  }
}

/** The executable of a template and a payload, written to a file. */
export async function makeExecutable(
  { template, linkedit, pageHashes }: MachoTemplatePlan,
  templatePath: string,
  output: string,
  payload: readonly Uint8Array[],
  options: Partial<MachoTailOptions> = {},
): Promise<void> {
  const tail = await machoTail(template, payload, { linkedit, pageHashes, identifier, ...options });
  await applyEdit(templatePath, output, machoEdit(template, tail));
}

/** What the independent checker found; it must have nothing to complain about. */
export async function checkMacho(path: string, ...options: string[]): Promise<MachoCheck> {
  const checker = join(import.meta.dirname, "check-macho.py");
  const { stdout } = await run("python3", [checker, path, ...options]);
  return JSON.parse(stdout);
}

export interface MachoCheck {
  readonly segments: readonly string[];
  readonly symbols: number;
  readonly locals: number;
  readonly signature: {
    readonly flags: number;
    readonly version: number;
    readonly identifier: string;
    readonly team: string | null;
    readonly runtime?: number;
    readonly adHoc: boolean;
    readonly pages: number;
    readonly entitlements: Record<string, unknown> | null;
    readonly blobs: readonly number[];
    readonly cdHash: string;
  };
}

/** What one of LLVM's tools prints; it must have nothing to complain about. */
export async function llvm(tool: string, ...options: string[]): Promise<string> {
  const { stdout, stderr } = await run(`llvm-${tool}-19`, options, { maxBuffer: 256 * 1024 * 1024 });
  if (stderr !== "") throw new Error(stderr);
  return stdout;
}

/** Programs by Go's linker for the two architectures: the one for arm64 with an ad hoc signature of its own. */
export async function goProgram(architecture: "arm64" | "amd64", output: string): Promise<void> {
  const source = `${output}.go`;
  await writeFile(source, `package main\n\nfunc main() { println(${JSON.stringify(fuse.toString())}) }\n`);
  const env = { ...process.env, CGO_ENABLED: "0", GOOS: "darwin", GOARCH: architecture, GO111MODULE: "off" };
  await run("go", ["build", "-o", output, source], { env });
}

/** A folder for the files of all tests of a file; call the function that comes with it at the end. */
export function sharedFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "sbp-macho-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export { testRuntime };
