import { isBuiltin } from "node:module";
import { installCommand } from "../package-manager.ts";

/** What to do about Node's and esbuild's messages about a package that is not installed in a project's folder. */
export function cureForMissing(message: string, dir: string): string | undefined {
  const name = /^(?:Cannot find package '|Could not resolve ")(?![./])([^'"]+)/.exec(message)?.[1];
  if (name === undefined || isBuiltin(name)) return undefined;
  const [scope, ...rest] = name.split("/");
  const packageName = scope!.startsWith("@") ? `${scope}/${rest[0]}` : scope;
  return `The plugin needs this package: ${installCommand(dir, String(packageName), "build")}`;
}
