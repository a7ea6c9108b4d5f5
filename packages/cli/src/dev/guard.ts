import { type ChildProcess, spawn } from "node:child_process";

// Reads lines of process groups; at the end of its input, whoever wrote them is gone, however that came: it ends the last ones.
const script = `trap '' HUP INT TERM
groups=
while read -r line; do groups=$line; done
for group in $groups; do kill -s TERM -- "-$group"; done 2>/dev/null
[ -n "$groups" ] || exit 0
sleep 2
for group in $groups; do kill -s KILL -- "-$group"; done 2>/dev/null
exit 0`;

/**
 * Ends the app when sbp is killed in a way that leaves it no time to (SIGKILL, a crash). A shell of a few hundred kilobytes, in a
 * session of its own. On Windows there is none.
 */
export class Guard {
  readonly #shell: ChildProcess | undefined;
  readonly #groups = new Set<number>();

  constructor() {
    if (process.platform === "win32") return;
    this.#shell = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    // Where there is no shell nobody guards.
    this.#shell.on("error", () => {});
    this.#shell.stdin!.on("error", () => {});
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref(): void }).unref();
  }

  add(group: number): void {
    this.#groups.add(group);
    this.#tell();
  }

  delete(group: number): void {
    this.#groups.delete(group);
    this.#tell();
  }

  close(): void {
    this.#groups.clear();
    this.#tell();
    this.#shell?.stdin?.end();
  }

  #tell(): void {
    this.#shell?.stdin?.write(`${[...this.#groups].join(" ")}\n`);
  }
}
