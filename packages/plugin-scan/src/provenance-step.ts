import { resolve } from "node:path";
import { type RunContext, version } from "@sbp/core";
import { scanLane } from "./lane-executables.ts";
import type { ScanStepOptions } from "./options.ts";
import { envelope, readSigningKey } from "./provenance/envelope.ts";
import { provenanceStatement } from "./provenance/statement.ts";

/** Writes how executable and image were made, in an envelope that is signed where there is a key. */
export async function runProvenance(context: RunContext<ScanStepOptions>): Promise<void> {
  const { artifacts, write } = context;
  const scans = await scanLane(context);
  const [{ inventory, file }] = scans;
  const components = scans.flatMap((scanned) => scanned.inventory.components);
  const digest = artifacts["image"]?.meta["digest"];
  const statement = provenanceStatement(
    [
      ...artifacts["executable"]!.files.map(({ path, sha256 }) => ({ name: path, sha256 })),
      ...(typeof digest === "string" && digest.startsWith("sha256:")
        ? [{ name: `${file.path}.oci`, sha256: digest.slice("sha256:".length) }]
        : []),
    ],
    { ...inventory, components },
    { tool: version, options: inventory.build ?? {} },
  );
  const signed = envelope(statement, await signingKey(context));
  await write("provenance", {}, (out) => out.file(`${file.path.replace(/\.exe$/, "")}.intoto.jsonl`, signed));
}

async function signingKey({ options, projectDir, dependOn }: RunContext<ScanStepOptions>) {
  const { key, passwordEnv } = options;
  if (key === undefined) return undefined;
  const file = resolve(projectDir, key);
  dependOn({ file });
  // The password changes no result, and what is kept of an input, a hash, could be guessed from: it is none.
  return readSigningKey(file, passwordEnv === undefined ? undefined : process.env[passwordEnv]);
}
