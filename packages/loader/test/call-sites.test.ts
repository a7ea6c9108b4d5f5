import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromBytes, loadedSegments, readElf } from "@sbp/executable";
import { describe, expect, test } from "vitest";
import { findCallSites } from "../src/call-sites.ts";
import { machines } from "../src/machine.ts";
import { closureOf, type LinuxTarget, run, targets, temporaryFolder, toolPrefix } from "./tools.ts";

interface Instruction {
  readonly address: number;
  readonly size: number;
  readonly text: string;
}

/** The code of ld.so, and its instructions as binutils sees them. */
async function disassembled(target: LinuxTarget) {
  const { machine, loader, libraries } = await closureOf(target);
  const bytes = libraries.get(loader)!;
  const { offset, address, fileSize } = loadedSegments(await readElf(fromBytes(bytes))).find(
    ({ flags }) => (flags & 1) !== 0,
  )!;
  const code = bytes.subarray(offset, offset + fileSize);
  const file = join(await temporaryFolder(), "code");
  await writeFile(file, code);
  const architecture = machine === "x86-64" ? "i386:x86-64" : "aarch64";
  const { stdout } = await run(
    `${toolPrefix[target]}objdump`,
    ["-D", "-b", "binary", "-m", architecture, "--no-show-raw-insn", file],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const lines = [...stdout.matchAll(/^ *([0-9a-f]+):\t(.*)$/gm)];
  const instructions = lines.map((match, index): Instruction => {
    const own = Number.parseInt(match[1]!, 16);
    const next = lines[index + 1];
    return { address: own, size: next ? Number.parseInt(next[1]!, 16) - own : 4, text: match[2]! };
  });
  return { machine, code, instructions, address };
}

/** The number that is loaded last before a system call, in the same run of instructions. */
function numberBefore(instructions: readonly Instruction[], index: number): number | undefined {
  for (let at = index - 1; at >= index - 12; at--) {
    const { text } = instructions[at]!;
    if (/^xor +%eax,%eax/.test(text)) return 0;
    const load = /^mov\s+(?:\$(0x[0-9a-f]+),%eax|x8, #(0x[0-9a-f]+))/.exec(text);
    if (load) return Number(load[1] ?? load[2]);
    if (/^(?:j|b\.|call|ret|syscall|svc)/.test(text) || /,%[er]?ax$/.test(text)) return undefined;
  }
  return undefined;
}

describe.each(targets)("ld.so for %s", (target) => {
  test("has the system calls that a disassembler finds, each hooked", async () => {
    const { machine, code, instructions } = await disassembled(target);
    const names = new Map(
      Object.entries(machines[machine].systemCalls).map(([name, number]) => [number, name]),
    );
    const expected = instructions.flatMap(({ address, text }, index) => {
      if (!/^(?:syscall|svc\s+#0x0)/.test(text)) return [];
      const name = names.get(numberBefore(instructions, index) ?? -1);
      return name === undefined ? [] : [[address, name]];
    });
    const sites = findCallSites(machine, code);
    expect(sites.map(({ offset, call }) => [offset, call])).toEqual(expected);
    expect(new Set(expected.map(([, name]) => name))).toContain("openat");
  });

  test("has whole instructions where it is patched, and no jump into the midst of them", async () => {
    const { machine, code, instructions } = await disassembled(target);
    const starts = new Set(instructions.map(({ address }) => address));
    const jumps = new Set(
      instructions.flatMap(({ text }) => {
        const jump = /^(?:j\w+|call|b(?:\.\w+)?|bl|cbn?z|tbn?z)\b.*?(?:0x)?([0-9a-f]+)$/.exec(text);
        return jump ? [Number.parseInt(jump[1]!, 16)] : [];
      }),
    );
    expect(jumps.size).toBeGreaterThan(1000);
    for (const { offset, size } of findCallSites(machine, code)) {
      expect(starts).toContain(offset);
      expect(starts).toContain(offset + size);
      for (let inside = offset + 1; inside < offset + size; inside++) expect(jumps).not.toContain(inside);
    }
  });

  test("is refused when a call is missing", async () => {
    const { machine, code } = await disassembled(target);
    const sites = findCallSites(machine, code);
    for (const call of ["openat", "read", "pread64", "mmap", "close", "newfstatat"]) {
      const changed = Uint8Array.from(code);
      for (const site of sites) if (site.call === call) changed.fill(0xff, site.offset, site.offset + 4);
      expect(() => findCallSites(machine, changed), call).toThrow(
        expect.objectContaining({ code: "LOADER_CLOSURE_UNSUPPORTED" }),
      );
    }
  });
});
