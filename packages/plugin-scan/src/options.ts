import type { ObjectSchema, OptionsOf } from "@sbp/core";

const words = { type: "array", items: { type: "string", minLength: 1 }, uniqueItems: true } as const;

export const sbomFormats = ["cyclonedx", "spdx"] as const;
export const reportFormats = ["json", "sarif", "openvex", "cyclonedx-vex", "html"] as const;

export const scanOptions = {
  type: "object",
  description:
    "Lists what is inside of the executable and of the image, looks up what is known against it, and refuses what the policy refuses.",
  properties: {
    database: {
      type: "string",
      minLength: 1,
      description:
        "A folder of OSV records, or a zip of them. Default: what `sbp scan --update-db` fetched on this machine, if it did.",
      examples: ["advisories", "osv/npm/all.zip"],
    },
    failOn: {
      type: "string",
      enum: ["low", "medium", "high", "critical", "never"],
      default: "high",
      description:
        "What is of this severity or a higher one, and not known to be absent from the executable, fails the build.",
    },
    ignore: {
      type: "array",
      description: "What is accepted, and why. Entries that have expired or that nothing needs are reported.",
      items: {
        type: "object",
        properties: {
          id: {
            type: "string",
            minLength: 1,
            description:
              "A vulnerability by any of its names (GHSA-…, CVE-…), or the rule of a check (hardening/no-signature).",
          },
          reason: { type: "string", minLength: 1, description: "Why it is accepted." },
          expires: {
            type: "string",
            pattern: "^\\d{4}-\\d{2}-\\d{2}$",
            description: "The last day on which the entry holds: 2027-03-31.",
          },
          package: {
            type: "string",
            minLength: 1,
            description: "Only in this package; of a check, only at this place.",
          },
        },
        required: ["id", "reason"],
      },
    },
    licenses: {
      ...words,
      description:
        "The licences that packages may have, as SPDX identifiers. Others fail the build; without a list all are accepted.",
      examples: [["MIT", "ISC", "Apache-2.0", "BSD-3-Clause"]],
    },
    secrets: {
      type: "boolean",
      default: true,
      description: "Looks for keys, tokens and passwords in the bundle.",
    },
    sbom: {
      type: "array",
      items: { type: "string", enum: sbomFormats },
      uniqueItems: true,
      default: ["cyclonedx"],
      description: "The formats of the bill of materials: CycloneDX 1.6, SPDX 2.3.",
    },
    reports: {
      type: "array",
      items: { type: "string", enum: reportFormats },
      uniqueItems: true,
      default: ["json"],
      description:
        "The formats of the report: this tool's own JSON, SARIF 2.1.0, OpenVEX, CycloneDX VEX, a page for people (html).",
    },
    provenance: {
      type: "boolean",
      default: false,
      description:
        "Writes how the executable was made as an in-toto statement (SLSA provenance 1); signed where `key` is given.",
    },
    key: {
      type: "string",
      minLength: 1,
      description:
        "A PEM file with a private key (ECDSA P-256) that signs the provenance; cosign verifies it.",
      examples: ["release-key.pem"],
    },
    passwordEnv: {
      type: "string",
      minLength: 1,
      description: "The environment variable with the key's password, where it has one.",
    },
  },
} as const satisfies ObjectSchema;

export type ScanStepOptions = OptionsOf<typeof scanOptions>;
