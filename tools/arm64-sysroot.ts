import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** The folder with the arm64 libraries that Node needs under QEMU's user mode; made by the first who asks. */
export async function arm64Sysroot(): Promise<string> {
  const folder = join(import.meta.dirname, "../node_modules/.cache/sbp-arm64-sysroot");
  const { stdout } = await promisify(execFile)(join(import.meta.dirname, "arm64-sysroot.sh"), [folder]);
  return stdout.trim();
}
