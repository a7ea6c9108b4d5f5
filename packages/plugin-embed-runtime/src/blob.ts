import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { SbpError } from "@sbp/core";
import { lengthSize, mainName, packName } from "@sbp/manifest";
import { startHostNode } from "./host-node.ts";

/**
 * What surrounds the pack in the blob that Node reads from its executable:
 *
 *   prefix | u64 length of the pack | pack | suffix
 *
 * Prefix and suffix hold Node's own header, the bootstrap, the runtime's licence and the assets' names. The format changes from release to
 * release and is documented nowhere, so it is learned from the very version that will read it.
 */
export interface BlobFrame {
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

/** The parts of a blob around the parts of a pack. */
export function frameBlob({ prefix, suffix }: BlobFrame, pack: readonly Uint8Array[]): Uint8Array[] {
  const length = Buffer.alloc(lengthSize);
  length.writeBigUInt64LE(BigInt(pack.reduce((sum, part) => sum + part.length, 0)));
  return [prefix, length, ...pack, suffix];
}

/** Whoever has the executable has the runtime's licence with it: gunzipSync(require("node:sea").getRawAsset(…)). */
const licenceName = "LICENSE.gz";
const blobName = "blob";
const configName = "sea-config.json";

interface FrameContent {
  readonly bootstrap: Uint8Array;
  readonly licence?: Uint8Array | undefined;
  /** Options that Node starts with. */
  readonly execArgv?: readonly string[];
}

/**
 * Learns the frame by making two blobs with different packs in the empty folder `cwd`: the difference between
 * them is the pack and its length. Throws SBP_RUNTIME_BLOB_FORMAT when it is not.
 */
export async function learnBlobFrame(
  node: string,
  { bootstrap, licence, execArgv }: FrameContent,
  { cwd, signal }: { cwd: string; signal: AbortSignal },
): Promise<BlobFrame> {
  const config = {
    main: mainName,
    output: blobName,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    // The user's NODE_OPTIONS are for the user's Node, not for a program that happens to contain one.
    execArgvExtension: "none",
    ...(execArgv && { execArgv }),
    assets: { [packName]: packName, ...(licence && { [licenceName]: licenceName }) },
  };
  await writeFile(join(cwd, configName), JSON.stringify(config));
  await writeFile(join(cwd, mainName), bootstrap);
  // Compressed, because every build hashes what surrounds the pack.
  if (licence) await writeFile(join(cwd, licenceName), gzipSync(licence, { level: 9 }));
  const makeBlob = async (pack: Uint8Array) => {
    await writeFile(join(cwd, packName), pack);
    await startHostNode([node], ["--experimental-sea-config", configName], { cwd, signal }).finish();
    return await readFile(join(cwd, blobName));
  };
  // The second is long enough to need another number of bytes, should lengths be written that way.
  const short = Buffer.from("sbp: the pack goes here");
  const long = Buffer.alloc(100_000, "sbp: another, longer pack. ");
  return frameFromSamples(
    { pack: short, blob: await makeBlob(short) },
    { pack: long, blob: await makeBlob(long) },
  );
}

interface Sample {
  readonly pack: Buffer;
  readonly blob: Buffer;
}

/** The frame that both samples have. Throws SBP_RUNTIME_BLOB_FORMAT when there is none. */
export function frameFromSamples(first: Sample, second: Sample): BlobFrame {
  const framed = Buffer.concat(frameBlob({ prefix: empty, suffix: empty }, [first.pack]));
  const start = first.blob.indexOf(framed);
  if (start >= 0) {
    const frame = {
      prefix: first.blob.subarray(0, start),
      suffix: first.blob.subarray(start + framed.length),
    };
    if (Buffer.concat(frameBlob(frame, [second.pack])).equals(second.blob)) return frame;
  }
  throw new SbpError(
    "SBP_RUNTIME_BLOB_FORMAT",
    "this version of Node lays out its payload in an unknown way",
    {
      hint: "Use another version of the runtime, or a newer sbp.",
    },
  );
}

const empty = new Uint8Array(0);
