import type { OptionsOf } from "@sbp/core";
import { passwordEnvOption } from "./certificate-options.ts";

/** One line that a resource of Windows can hold. */
const line = "^[^\\u0000-\\u001f\\u007f]{1,1000}$";

/** What is said of the executables for Windows. The names are those of Windows's version information and of rcedit. */
export const windowsOptions = {
  type: "object",
  description: "Icon, details, console and signature of the executables for Windows.",
  properties: {
    icon: {
      type: "string",
      minLength: 1,
      description: "An .ico file, relative to the project. Default: the icon of Node.js.",
      examples: ["assets/health.ico"],
    },
    productName: {
      type: "string",
      pattern: line,
      description: "The product in the file's details. Default: the name of the app.",
    },
    fileDescription: {
      type: "string",
      pattern: line,
      description: "What the task manager calls the program. Default: `productName`.",
    },
    companyName: { type: "string", pattern: line, description: "The company in the file's details." },
    legalCopyright: { type: "string", pattern: line, description: "The copyright in the file's details." },
    fileVersion: {
      type: "string",
      pattern: line,
      description:
        "Begins with up to four numbers, each below 65536, which installers compare. Default: the version of the app.",
      examples: ["1.2.3"],
    },
    productVersion: {
      type: "string",
      pattern: line,
      description: "The product's version, with the same rules. Default: the version of the app.",
    },
    subsystem: {
      type: "string",
      enum: ["console", "gui"],
      description:
        "`gui`: Windows opens no console window for the program; what it prints is seen only where it is redirected. Default: as the runtime has it, which is `console` for Node.js.",
    },
    certificate: {
      type: "string",
      minLength: 1,
      description:
        "Who signs: a PKCS #12 file (.pfx, .p12) with certificate and key, relative to the project; see signing.md. Default: not signed.",
      examples: ["release.pfx"],
    },
    passwordEnv: passwordEnvOption,
    url: {
      type: "string",
      pattern: "^https?://[\\u0021-\\u007e]{1,1000}$",
      description: "Where to read about the program; Windows shows it with the signature.",
    },
  },
} as const;

export type WindowsOptions = OptionsOf<typeof windowsOptions>;
