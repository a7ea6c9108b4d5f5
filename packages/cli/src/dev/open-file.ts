import { spawn } from "node:child_process";

/** Opens a file in the program that the desktop has for it. False where there is none. */
export function openFile(file: string): Promise<boolean> {
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open", file]
      : process.platform === "win32"
        ? ["explorer", file]
        : ["xdg-open", file];
  return new Promise((resolve) => {
    const child = spawn(program!, args, { detached: true, stdio: "ignore" });
    child.on("error", () => resolve(false));
    child.on("spawn", () => resolve(true));
    child.unref();
  });
}
