/* What an image holds besides its app, and as whom it runs. */
import type { Check } from "../finding.ts";
import { isSecretFile, secretFile } from "./secrets.ts";

export interface ImageFile {
  readonly path: string;
  readonly mode: number;
  readonly type: "file" | "directory" | "symlink" | "hardlink" | "other";
}

const shells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox", "toybox"];
const packageManagers = [
  "apt",
  "apt-get",
  "dpkg",
  "apk",
  "rpm",
  "yum",
  "dnf",
  "microdnf",
  "zypper",
  "pacman",
  "npm",
  "yarn",
  "pnpm",
  "pip",
  "pip3",
];
const programFolder = /^(usr\/)?(local\/)?s?bin\//;

/** What the files of an image's root say; those that a later layer takes away are not among them. */
export function checkFiles(files: Iterable<ImageFile>): Check[] {
  const checks: Check[] = [];
  const found = { shell: [] as string[], manager: [] as string[], setuid: [] as string[] };
  for (const { path, mode, type } of files) {
    if (type === "directory") continue;
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (programFolder.test(path) && shells.includes(name)) found.shell.push(path);
    if (programFolder.test(path) && packageManagers.includes(name)) found.manager.push(path);
    if (type === "file" && (mode & 0o6000) !== 0) found.setuid.push(path);
    if (type === "file" && isSecretFile(path)) checks.push(secretFile(path));
  }
  const several = (
    rule: string,
    severity: Check["severity"],
    paths: readonly string[],
    message: string,
    hint: string,
  ) => {
    if (paths.length === 0) return;
    const [first = ""] = [...paths].sort();
    const more = paths.length > 1 ? ` and ${paths.length - 1} more` : "";
    checks.push({
      rule: `hardening/${rule}`,
      severity,
      message: `${message}: /${first}${more}`,
      place: first,
      hint,
    });
  };
  const without = "An image of the step scratch-image has none.";
  several("shell", "medium", found.shell, "there is a shell, for whoever gets in", without);
  several(
    "package-manager",
    "medium",
    found.manager,
    "there is a package manager, which brings whoever gets in more",
    without,
  );
  several(
    "setuid",
    "high",
    found.setuid,
    "a file runs as another user than the one who starts it (setuid or setgid)",
    "Take the bit away: chmod a-s.",
  );
  return checks;
}

/** @param user the field `config.User` of the image */
export function checkUser(user: unknown): Check[] {
  const name = typeof user === "string" ? user.split(":", 1)[0]! : "";
  if (name !== "" && name !== "root" && !/^0+$/.test(name)) return [];
  return [
    {
      rule: "hardening/root-user",
      severity: "medium",
      message: name === "" ? "the image names no user: it runs as root" : "it runs as root",
      place: undefined,
      hint: 'Set "user" of the step scratch-image: nonroot.',
    },
  ];
}
