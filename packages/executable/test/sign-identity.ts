import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Files of a self-made certificate and its authority. */
export interface SelfMade {
  readonly folder: string;
  readonly password: string;
  /** The authority's certificate, PEM. */
  readonly authority: string;
  /** The signer's certificate, PEM. */
  readonly certificate: string;
  /** The signer's private key, PEM. */
  readonly key: string;
}

const openssl = (folder: string, ...options: string[]) =>
  execFileSync("openssl", options, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });

/** An authority and a certificate for signing code (or time stamps) that it issued, made by openssl. */
export function makeIdentity(
  folder: string,
  type: "rsa" | "ec" = "rsa",
  purpose: "codeSigning" | "timeStamping" = "codeSigning",
): SelfMade {
  const keyOptions =
    type === "rsa" ? ["-newkey", "rsa:2048"] : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  openssl(
    folder,
    ...["req", "-x509", ...keyOptions, "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650"],
    ...["-subj", "/CN=Test Authority/O=Example"],
  );
  openssl(
    folder,
    ...["req", ...keyOptions, "-nodes", "-keyout", "key.pem", "-out", "request.pem"],
    ...["-subj", "/CN=Developer ID Application: Example (ABCDE12345)/OU=ABCDE12345/O=Example"],
    ...["-addext", `extendedKeyUsage=critical,${purpose}`, "-addext", "keyUsage=digitalSignature"],
  );
  openssl(
    folder,
    ...["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-copy_extensions", "copy", "-out", "certificate.pem", "-days", "3650"],
  );
  const at = (name: string) => join(folder, name);
  return {
    folder,
    password: "pässword €",
    authority: at("ca.pem"),
    certificate: at("certificate.pem"),
    key: at("key.pem"),
  };
}

/** The PKCS #12 file of an identity, with any further options of `openssl pkcs12 -export`. */
export function exportPkcs12(
  { folder, key, certificate, authority, password }: SelfMade,
  options: readonly string[] = [],
  secret = password,
): Buffer {
  openssl(
    folder,
    ...[
      "pkcs12",
      "-export",
      "-inkey",
      key,
      "-in",
      certificate,
      "-certfile",
      authority,
      "-out",
      "identity.p12",
    ],
    ...["-passout", `pass:${secret}`, ...options],
  );
  return readFileSync(join(folder, "identity.p12"));
}
