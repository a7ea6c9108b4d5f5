import { X509Certificate } from "node:crypto";
import { exitCodes, type RunContext, SbpError } from "@sbp/core";
import { readPkcs12, SigningError, type SigningIdentity } from "@sbp/executable";
import type { CertificateOptions } from "./certificate-options.ts";
import { readProjectFile } from "./project-file.ts";

/** Who signs an executable, and how its artifact tells of it. */
export interface Signer {
  readonly identity: SigningIdentity;
  readonly meta: SignerMeta;
}

export type SignerMeta = {
  /** The certificate's common name, or all of its subject where it has none. */
  readonly signer: string;
  /** As `CN=Example, O=Example`. */
  readonly subject: string;
  /** SHA-256 of the certificate, in hex. */
  readonly certificate: string;
};

const maxBytes = 1024 * 1024;
const codeSigning = "1.3.6.1.5.5.7.3.3";
const anyPurpose = "2.5.29.37.0";

/**
 * The signer that the options of a platform name, undefined when they name none. The password comes from the
 * environment. It is no input of the action: the certificate's file is, and a password that opens it changes nothing.
 *
 * Throws SBP_OPTION_FILE, SBP_CERTIFICATE_MISSING, SBP_CERTIFICATE_INVALID, SBP_CERTIFICATE_PASSWORD,
 * SBP_CERTIFICATE_INCOMPLETE, SBP_CERTIFICATE_PURPOSE; reports SBP_CERTIFICATE_EXPIRED, SBP_CERTIFICATE_CHAIN.
 */
export async function readSigner(
  context: Pick<RunContext, "dependOn" | "projectDir" | "report">,
  platform: "windows" | "macos",
  options: CertificateOptions & { readonly url?: string | undefined },
): Promise<Signer | undefined> {
  if (options.certificate === undefined) {
    const needs = (["passwordEnv", "url"] as const).find((key) => options[key] !== undefined);
    if (needs === undefined) return undefined;
    throw new SbpError(
      "SBP_CERTIFICATE_MISSING",
      `"${platform}.${needs}" is set, but no "${platform}.certificate": nothing would be signed`,
      { hint: `Name the certificate's file, or remove "${needs}".`, exitCode: exitCodes.badUsage },
    );
  }
  const password = readPassword(`${platform}.passwordEnv`, options.passwordEnv);
  const { path, bytes } = await readProjectFile(
    context,
    `${platform}.certificate`,
    options.certificate,
    maxBytes,
  );
  const identity = await openIdentity(path, bytes, password, options.passwordEnv, platform);
  const certificate = new X509Certificate(identity.certificates[0]!);
  checkPurpose(path, certificate, identity);
  reportTime(path, certificate, context);
  reportChain(path, identity, context);
  return { identity, meta: signerMeta(certificate) };
}

function readPassword(option: string, name: string | undefined): string {
  if (name === undefined) return "";
  const password = process.env[name];
  // What a CI system gives for a secret that it does not have.
  if (password !== undefined && password !== "") return password;
  const state = password === undefined ? "is not set" : "is empty";
  throw new SbpError(
    "SBP_CERTIFICATE_PASSWORD",
    `The environment variable ${name}, which "${option}" names, ${state}`,
    {
      hint: `Set it to the password of the certificate's file; for a file without password, remove "${option}".`,
      exitCode: exitCodes.badUsage,
    },
  );
}

async function openIdentity(
  path: string,
  bytes: Uint8Array,
  password: string,
  passwordEnv: string | undefined,
  platform: string,
): Promise<SigningIdentity> {
  try {
    return await readPkcs12(bytes, password);
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    const { code, message, cause } = error;
    if (code === "SIGNING_PASSWORD_WRONG")
      throw new SbpError(
        "SBP_CERTIFICATE_PASSWORD",
        passwordEnv === undefined
          ? `"${path}" does not open without a password`
          : `"${path}" does not open with the password in ${passwordEnv}`,
        {
          hint:
            passwordEnv === undefined
              ? `Name the environment variable that holds its password in "${platform}.passwordEnv"; of a rebase, in --password-env.`
              : "It is the password that the file was exported with.",
          exitCode: exitCodes.badUsage,
        },
      );
    if (code === "SIGNING_IDENTITY_INCOMPLETE")
      throw new SbpError("SBP_CERTIFICATE_INCOMPLETE", `"${path}": ${message}`, {
        hint: "Export the certificate together with its private key.",
        exitCode: exitCodes.badUsage,
      });
    throw notUsable(path, message, isPem(bytes) ? pemHint : exportHint, cause);
  }
}

const exportHint = "Export certificate and key as PKCS #12 with a password.";
const pemHint =
  "It is PEM; make PKCS #12 of it: openssl pkcs12 -export -inkey key.pem -in certificate.pem -certfile chain.pem -out release.p12";

function isPem(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 1024)).includes("-----BEGIN ");
}

function notUsable(path: string, reason: string, hint: string, cause?: unknown): SbpError {
  return new SbpError("SBP_CERTIFICATE_INVALID", `"${path}": ${reason}`, {
    hint,
    exitCode: exitCodes.badUsage,
    cause,
  });
}

function checkPurpose(path: string, certificate: X509Certificate, { key }: SigningIdentity): void {
  const type = key.asymmetricKeyType;
  if (type !== "rsa" && type !== "ec")
    throw notUsable(path, `keys of type ${type} cannot sign executables`, "Use an RSA or EC key.");
  // The extended key usage; a certificate without it is for everything.
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  if (!purposes || purposes.includes(codeSigning) || purposes.includes(anyPurpose)) return;
  throw new SbpError(
    "SBP_CERTIFICATE_PURPOSE",
    `"${path}": the certificate of ${signerMeta(certificate).signer} is not for signing code`,
    { hint: "Ask its issuer for a code signing certificate.", exitCode: exitCodes.badUsage },
  );
}

/** The only look at a clock: it changes a warning, and nothing that is made. */
function reportTime(
  path: string,
  certificate: X509Certificate,
  { report }: Pick<RunContext, "report">,
): void {
  const { validFrom, validTo } = certificate;
  const day = (text: string) =>
    Number.isNaN(Date.parse(text)) ? text : new Date(text).toISOString().slice(0, 10);
  const now = Date.now();
  const isOver = now > Date.parse(validTo);
  if (!isOver && now >= Date.parse(validFrom)) return;
  report({
    severity: "warning",
    code: "SBP_CERTIFICATE_EXPIRED",
    message: `"${path}": the certificate ${isOver ? `was valid until ${day(validTo)}` : `is not valid before ${day(validFrom)}`}`,
    hint: "Systems will not trust the signature: renew the certificate.",
  });
}

/** Systems know roots, not what is between them and the signer. */
function reportChain(
  path: string,
  { certificates }: SigningIdentity,
  { report }: Pick<RunContext, "report">,
): void {
  const [own, issuer] = certificates.slice(0, 2).map((der) => new X509Certificate(der));
  if (own!.checkIssued(own!) || (issuer && own!.checkIssued(issuer))) return;
  report({
    severity: "warning",
    code: "SBP_CERTIFICATE_CHAIN",
    message: `"${path}" does not hold the certificate of the signer's issuer`,
    hint: "Export the file with all certificates up to the root: a system that does not know the issuer trusts no signature of it.",
  });
}

function signerMeta(certificate: X509Certificate): SignerMeta {
  const subject = certificate.subject.split("\n").join(", ");
  const { CN } = certificate.toLegacyObject().subject as { CN?: string | readonly string[] };
  return {
    signer: [CN ?? subject].flat()[0]!,
    subject,
    certificate: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}
