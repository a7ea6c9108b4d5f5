import type { TarEntry } from "@sbp/oci";

/** Names of users and groups that are the same number. */
export const users: Readonly<Record<string, number>> = { root: 0, nobody: 65534, nonroot: 65532 };

const passwd = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;

const group = `root:x:0:
nobody:x:65534:
nonroot:x:65532:
`;

/** Where programs look for certificate authorities, relative to the root. */
export const certificatesPath = "etc/ssl/certs/ca-certificates.crt";
/** The user's own alone, for Node, which has the others. */
export const ownCertificatesPath = "etc/ssl/certs/own-certificates.pem";

/** What every image has besides its executable: who there is, how names are resolved, and a place for temporary files. */
export function baseFiles(certificates: readonly string[], own: readonly string[]): TarEntry[] {
  const nonroot = users["nonroot"]!;
  const pem = (texts: readonly string[]) => texts.map((text) => `${text.trimEnd()}\n`).join("");
  return [
    { type: "file", path: "etc/passwd", content: passwd },
    { type: "file", path: "etc/group", content: group },
    { type: "file", path: "etc/nsswitch.conf", content: "hosts: files dns\n" },
    {
      type: "file",
      path: "etc/os-release",
      content: 'NAME="scratch"\nID=scratch\nPRETTY_NAME="scratch, made by sbp"\n',
    },
    { type: "directory", path: "root", mode: 0o700 },
    { type: "directory", path: "home/nonroot", mode: 0o700, uid: nonroot, gid: nonroot },
    { type: "directory", path: "tmp", mode: 0o1777 },
    ...(certificates.length + own.length > 0
      ? [{ type: "file", path: certificatesPath, content: pem([...certificates, ...own]) } as const]
      : []),
    ...(own.length > 0 ? [{ type: "file", path: ownCertificatesPath, content: pem(own) } as const] : []),
  ];
}
