import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import type { CertificateOptions, PackedApp } from "@sbp/plugin-embed-runtime";
import { usageError } from "./usage-error.ts";

/**
 * Who signs the new executable, as the options of its platform have it: nobody unless asked for. Throws SBP_USAGE,
 * SBP_OPTION_FILE, SBP_CERTIFICATE_PASSWORD.
 */
export async function rebaseCertificate(
  options: { readonly certificate: string | undefined; readonly "password-env": string | undefined },
  { build: { target } }: PackedApp,
  cwd: string,
): Promise<CertificateOptions> {
  const { certificate, "password-env": passwordEnv } = options;
  if (certificate === undefined) {
    if (passwordEnv === undefined) return {};
    throw usageError(
      "--password-env belongs to --certificate: nothing would be signed",
      "Name the certificate's file: --certificate release.p12",
    );
  }
  if (target.startsWith("linux-"))
    throw usageError(`--certificate: executables for ${target} know no signatures`);
  if (passwordEnv !== undefined) checkPassword(passwordEnv);
  const path = resolve(cwd, certificate);
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw new SbpError("SBP_OPTION_FILE", `"${certificate}", which --certificate names, is no file`, {
      hint: "Name a PKCS #12 file (.pfx, .p12) with certificate and key.",
      exitCode: exitCodes.badUsage,
    });
  return { certificate: path, ...(passwordEnv !== undefined && { passwordEnv }) };
}

function checkPassword(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw usageError(
      "--password-env does not name an environment variable",
      "Give the variable's name, never the password itself.",
    );
  if (process.env[name]) return;
  throw new SbpError(
    "SBP_CERTIFICATE_PASSWORD",
    `The environment variable ${name}, which --password-env names, is not set or empty`,
    {
      hint: "Set it to the password of the certificate's file; for a file without password, leave --password-env out.",
      exitCode: exitCodes.badUsage,
    },
  );
}
