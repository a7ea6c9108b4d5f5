/*
 * Compiles the stub of self-contained Linux executables (packages/loader/native) for both machines, and writes its bytes to
 * packages/loader/src/generated/stubs.ts, which is committed: who builds sbp needs no compiler. Another compiler makes
 * other bytes, so its version is in there; .ci/run installs that one.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const native = join(import.meta.dirname, "../packages/loader/native");

/** Where the bytes are. */
export const stubsFile = join(import.meta.dirname, "../packages/loader/src/generated/stubs.ts");

const machines = {
  "x86-64": { prefix: "x86_64-linux-gnu-", options: ["-mno-red-zone", "-fcf-protection=none"] },
  aarch64: { prefix: "aarch64-linux-gnu-", options: ["-mno-outline-atomics", "-mbranch-protection=none"] },
} as const;

// No library and no vector registers: the code runs before there is a C library, and amid ld.so's own.
const options = [
  ...["-std=gnu11", "-Os", "-Wall", "-Wextra", "-Werror", "-fPIC", "-fvisibility=hidden"],
  ...["-ffreestanding", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-fno-jump-tables"],
  ...["-fno-tree-loop-distribute-patterns", "-mgeneral-regs-only"],
  ...["-nostdlib", "-static", "-Wl,--build-id=none", "-Wl,-z,noexecstack", "-Wl,-T,layout.ld"],
];

/** The module with the bytes, made by the compilers that are installed here. */
export async function compileStubs(): Promise<string> {
  const stubs = [];
  for (const [machine, tools] of Object.entries(machines)) stubs.push(await compileStub(machine, tools));
  return `// Made by tools/loader-stub.ts from packages/loader/native. Do not edit.\nexport const stubs = {\n${stubs.join("")}} as const;\n`;
}

async function compileStub(machine: string, tools: { prefix: string; options: readonly string[] }) {
  const work = await mkdtemp(join(tmpdir(), "sbp-stub-"));
  try {
    const program = join(work, "stub");
    const sources = (await readdir(native)).filter((name) => name.endsWith(".c")).sort();
    const tool = (name: string, args: readonly string[]) =>
      run(`${tools.prefix}${name}`, args, { cwd: native });
    await tool("gcc", [...options, ...tools.options, ...sources, `${machine}.S`, "-o", program]);
    const { stdout: sections } = await tool("readelf", ["-SW", program]);
    const loaded = [...sections.matchAll(/^ +\[ *\d+\] (\.\S+).* (?:WA|AX|A|WAX) +\d+ +\d+ +\d+$/gm)].map(
      (match) => match[1],
    );
    // Anything else would be relocations, writable data or a table that the rewriter knows nothing of.
    if (loaded.join() !== ".text")
      throw new Error(`the stub for ${machine} has sections ${loaded.join(", ")}`);
    await tool("objcopy", ["-O", "binary", "-j", ".text", program, `${program}.bin`]);
    const { stdout: symbols } = await tool("nm", [program]);
    const symbol = (name: string) => {
      const address = new RegExp(`^([0-9a-f]+) [A-Za-z] ${name}$`, "m").exec(symbols)?.[1];
      if (address === undefined) throw new Error(`the stub for ${machine} has no ${name}`);
      return Number.parseInt(address, 16);
    };
    const { stdout: version } = await tool("gcc", ["-dumpfullversion"]);
    const code = (await readFile(`${program}.bin`)).toString("base64").match(/.{1,100}/g)!;
    return [
      `  ${JSON.stringify(machine)}: {\n`,
      `    compiler: ${JSON.stringify(`gcc ${version.trim()}`)},\n`,
      ...["start", "hook", "tables"].map((name) => `    ${name}: ${symbol(name)},\n`),
      "    code: [\n",
      ...code.map((line) => `      "${line}",\n`),
      '    ].join(""),\n',
      "  },\n",
    ].join("");
  } finally {
    await rm(work, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  await mkdir(dirname(stubsFile), { recursive: true });
  await writeFile(stubsFile, await compileStubs());
}
