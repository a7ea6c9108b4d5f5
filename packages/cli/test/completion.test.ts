import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { commandNames } from "../src/commands.ts";
import { folder, sbp } from "./sbp.ts";

const run = promisify(execFile);
const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

let dir: string;
beforeAll(async () => {
  const scripts = await Promise.all(
    shells.map(async (shell) => [shell, (await sbp(["completion", shell])).stdout]),
  );
  dir = await folder({ ...Object.fromEntries(scripts), "app/main.ts": "", "notes.txt": "" });
});

/** What the real shell offers for the last word of a line, sorted. */
const ask: Readonly<Record<Shell, (line: string) => Promise<string[]>>> = {
  bash: async (line) => {
    const script = `source ./bash; COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _sbp; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines((await run("bash", ["--norc", "-c", script], { cwd: dir })).stdout);
  },
  // On a terminal of its own: what a Tab lists below the line, or puts into it.
  zsh: async (line) => {
    const script = `
      zmodload zsh/zpty
      zpty -b shell zsh -f -i
      zpty -w shell "PS1=; stty -echo cols 200; autoload -Uz compinit && compinit -u -d $PWD/dump; source ./zsh"
      zpty -w shell "zstyle ':completion:*' verbose no; setopt no_list_ambiguous; print read''y"
      zpty -r shell out '*ready*'
      zpty -w -n shell "${line}"$'\\t\\C-u'"print en''d"$'\\n'
      zpty -r shell out '*end*'
      print -r -- "$out"`;
    const { stdout } = await run("zsh", ["-f", "-c", script], { cwd: dir });
    const words = stdout.replace(/\u001b\[[\d;?]*[A-Za-z]|\u0007/g, " ").split(/\s+/);
    return lines(
      words
        .filter((word) => ![...line.split(" "), "print", "en''d", "end"].includes(word) && word.length > 1)
        .join("\n"),
    );
  },
  fish: async (line) => {
    const env = { ...process.env, HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir };
    const script = `source ./fish; complete -C '${line}'`;
    const { stdout } = await run("fish", ["--no-config", "-c", script], { cwd: dir, env });
    return lines(stdout.replace(/\t.*$/gm, ""));
  },
};

function lines(text: string): string[] {
  return [...new Set(text.split("\n").filter((line) => line !== ""))].sort();
}

test.each(shells)("%s completes commands, groups, options, their values and files", async (shell) => {
  const first = [...new Set([...commandNames.map((name) => name.split(" ")[0]!), "help"])].sort();
  expect(await ask[shell]("sbp ")).toEqual(first);
  expect(await ask[shell]("sbp cache ")).toEqual(["clear", "gc", "ls"]);
  expect(await ask[shell]("sbp cache gc --max-")).toEqual(["--max-age", "--max-size"]);
  expect(await ask[shell]("sbp build --target linux-")).toEqual(["linux-arm64", "linux-x64"]);
  expect(await ask[shell]("sbp -C app build --froz")).toEqual(["--frozen-lock"]);
  expect((await ask[shell]("sbp inspect no")).map((file) => file.trim())).toEqual(["notes.txt"]);
});

test("another shell is refused with those that there are", async () => {
  const { code, stderr } = await sbp(["completion", "bsh"]);
  expect(stderr).toBe(
    'error SBP_USAGE: unknown shell "bsh"\n  Did you mean "bash"? One of bash, zsh, fish.\n',
  );
  expect(code).toBe(2);
});
