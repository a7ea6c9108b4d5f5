import type { OptionsOf } from "@sbp/core";
import { passwordEnvOption } from "./certificate-options.ts";

/** What the signature of the executables for macOS says. The names are Apple's. */
export const macosOptions = {
  type: "object",
  description: "The signature of the executables for macOS.",
  properties: {
    identifier: {
      type: "string",
      pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$",
      description: "What macOS knows the program by. Default: the executable's name.",
      examples: ["com.example.health"],
    },
    entitlements: {
      type: "string",
      minLength: 1,
      description:
        "A property list (XML), relative to the project, with all that the program may do. Default: with the hardened runtime what V8 needs, else what the runtime was signed with.",
      examples: ["assets/entitlements.plist"],
    },
    hardenedRuntime: {
      type: "boolean",
      description: "macOS protects the running program. Default: true with a certificate, else false.",
    },
    certificate: {
      type: "string",
      minLength: 1,
      description:
        "Who signs: a PKCS #12 file (.p12) with certificate and key, relative to the project; see signing.md. Default: signed ad hoc, by nobody.",
      examples: ["release.p12"],
    },
    passwordEnv: passwordEnvOption,
  },
} as const;

export type MacosOptions = OptionsOf<typeof macosOptions>;
