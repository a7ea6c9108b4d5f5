/* Every document that a scan can be written as. What writes one is imported when it is asked for. */
import type { ScanResult } from "./result.ts";

export const formats = ["json", "cyclonedx", "spdx", "sarif", "openvex", "cyclonedx-vex", "html"] as const;
export type Format = (typeof formats)[number];

/** Formats that name the file by its SHA-256. */
export const formatsWithDigest: readonly Format[] = ["cyclonedx", "spdx", "openvex", "cyclonedx-vex"];

/** What files of each format are usually called. */
export const extensions: Readonly<Record<Format, string>> = {
  json: "scan.json",
  cyclonedx: "cdx.json",
  spdx: "spdx.json",
  sarif: "sarif",
  openvex: "openvex.json",
  "cyclonedx-vex": "vex.cdx.json",
  html: "scan.html",
};

/** Undefined for OpenVEX without a statement. */
export async function formatted(result: ScanResult, format: Format): Promise<string | undefined> {
  const { inventory, tool, at } = result;
  switch (format) {
    case "json":
      return `${JSON.stringify((await import("./output/report.ts")).reportJson(result), null, 2)}\n`;
    case "cyclonedx":
      return (await import("./output/cyclonedx.ts")).cycloneDxSbom(inventory, tool);
    case "cyclonedx-vex":
      return (await import("./output/cyclonedx.ts")).cycloneDxVex(result);
    case "spdx":
      return (await import("./output/spdx.ts")).spdxSbom(inventory, tool, at);
    case "sarif":
      return (await import("./output/sarif.ts")).sarif(result);
    case "html":
      return (await import("./output/html.ts")).htmlReport(result);
    case "openvex":
      return (await import("./output/openvex.ts")).openVex(result);
  }
}
