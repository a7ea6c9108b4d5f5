import { defineCommand } from "../command.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { completedCommands } from "../completion/words.ts";
import { zshScript } from "../completion/zsh.ts";
import { unknownWord, usageError } from "../usage-error.ts";

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
const shells = Object.keys(scripts);

export const command = defineCommand({
  summary: "Print a script that completes sbp in a shell",
  description: `Prints a script that completes commands, options, targets and files in bash, zsh or fish. It completes the word
sbp: have it on PATH (npm install --global @sbp/cli, or an alias of "npx sbp").`,
  arguments: [{ name: "shell", description: "bash, zsh or fish", required: true, values: shells }],
  options: {},
  examples: [
    { command: "source <(sbp completion bash)", description: "In ~/.bashrc" },
    { command: "source <(sbp completion zsh)", description: "In ~/.zshrc, below compinit" },
    { command: "sbp completion fish | source", description: "In ~/.config/fish/config.fish" },
  ],
  async run({ positionals: [shell] }) {
    if (shell === undefined)
      throw usageError("sbp completion needs a shell", `One of ${shells.join(", ")}: sbp completion bash`);
    if (!isShell(shell)) throw unknownWord("shell", shell, shells, `One of ${shells.join(", ")}.`);
    // This command is one of them.
    const { commands } = await import("../commands.ts");
    const script = scripts[shell](completedCommands(commands));
    return { json: { shell, script }, text: script };
  },
});

function isShell(text: string): text is keyof typeof scripts {
  return Object.hasOwn(scripts, text);
}
