import { startHostNode } from "./host-node.ts";

const list = `
const { node, ...parts } = process.versions;
require("node:fs").writeFileSync(1, JSON.stringify(parts));`;

/** What a Node is made of, as it says itself: V8, OpenSSL, zlib, …, sorted by name. Throws HostNodeError. */
export async function learnRuntimeParts(
  node: string,
  place: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<Readonly<Record<string, string>>> {
  const printed = await startHostNode([node], ["--no-warnings", "--eval", list], place).finish();
  const parts = Object.entries(JSON.parse(printed.toString()) as Record<string, string>);
  // What it was built without has no version.
  return Object.fromEntries(
    parts.filter(([, version]) => version !== "").sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
