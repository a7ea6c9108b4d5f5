import { X509Certificate } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes, type RunContext, SbpError } from "@sbp/core";

const begin = "-----BEGIN CERTIFICATE-----";
const end = "-----END CERTIFICATE-----";
/** Bytes. The largest root certificates have less than 3 KB. */
const longestPem = 16 << 10;

/**
 * The certificates of Node's own list (Mozilla's), as they stand in its executable: PEM texts, which are what
 * `tls.rootCertificates` of that version gives. In the order of the file, each once. The executable is read, never run.
 */
export async function runtimeCertificates(path: string, signal?: AbortSignal): Promise<string[]> {
  const found = new Set<string>();
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20, signal })) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let at = 0;
    for (let start = bytes.indexOf(begin); start >= 0; start = bytes.indexOf(begin, at)) {
      const stop = bytes.indexOf(end, start);
      // Its end may come with the next chunk.
      if (stop < 0 && bytes.length - start <= longestPem) break;
      at = start + begin.length;
      const pem = stop < 0 ? "" : bytes.toString("latin1", start, stop + end.length);
      if (pem.length <= longestPem && isCertificate(pem)) found.add(pem);
    }
    const open = bytes.indexOf(begin, at);
    rest = bytes.subarray(open >= 0 ? open : Math.max(at, bytes.length - begin.length + 1));
  }
  return [...found];
}

/** The certificates in the PEM files of the option. Throws SBP_IMAGE_CERTIFICATE. */
export async function ownCertificates(
  files: readonly string[],
  { projectDir, dependOn }: Pick<RunContext, "projectDir" | "dependOn">,
): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) {
    const path = resolve(projectDir, file);
    dependOn({ file: path });
    const text = await readFile(path, "latin1").catch((error: NodeJS.ErrnoException) => {
      throw certificateError(file, error.code === "ENOENT" ? "is not there" : error.message, error);
    });
    const pems = text
      .replaceAll("\r\n", "\n")
      .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    if (!pems) throw certificateError(file, "holds no certificate in PEM form");
    if (!pems.every(isCertificate)) throw certificateError(file, "holds a certificate that cannot be read");
    found.push(...pems);
  }
  return found;
}

function isCertificate(pem: string): boolean {
  if (!/^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----$/.test(pem)) return false;
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function certificateError(file: string, problem: string, cause?: unknown): SbpError {
  return new SbpError("SBP_IMAGE_CERTIFICATE", `${file} of \`certificates\` ${problem}`, {
    hint: "Name files with certificates as text that begins with -----BEGIN CERTIFICATE-----.",
    exitCode: exitCodes.badUsage,
    cause,
  });
}
