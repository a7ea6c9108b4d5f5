/*
 * Keys, tokens and passwords in texts: by the rules that secretlint keeps. What is found is never shown, only what kind it is and
 * where. Private keys, which its rules tell of too, and files that hold secrets by their nature are told by name.
 */
import type { Check } from "../finding.ts";

export interface TextFile {
  /** In the bundle or the image. */
  readonly path: string;
  readonly text: string;
}

/** Bytes; larger files are data. */
export const largestText = 32 << 20;

/** Throws nothing for whatever the texts hold. */
export async function findSecrets(files: Iterable<TextFile>): Promise<Check[]> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
  ]);
  const rules = [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }];
  const checks: Check[] = [];
  for (const { path, text } of files) {
    if (isSecretFile(path)) checks.push(secretFile(path));
    const { messages } = await lintSource({
      source: { filePath: path, content: text, ext: path.slice(path.lastIndexOf(".")), contentType: "text" },
      options: { config: { rules }, maskSecrets: true, noPhysicFilePath: true },
    });
    const seen = new Set<string>();
    for (const { messageId, ruleId, range, loc } of messages) {
      const secret = text.slice(range[0], range[1]);
      if (seen.has(secret)) continue;
      seen.add(secret);
      checks.push({
        rule: `secret/${ruleId.replace(/^.*secretlint-rule-/, "")}`,
        severity: "high",
        message: `${kindOf(messageId)}: ${masked(secret)}`,
        place: `${path}:${loc.start.line}:${loc.start.column + 1}`,
        hint: "Take it out, and revoke it: whoever has the file has it. Give it to the app when it starts.",
      });
    }
  }
  return checks;
}

/** The first characters, which tell what kind it is, and the length. */
export function masked(secret: string): string {
  const shown = secret.length >= 20 ? secret.slice(0, 4).replace(/[^\w-]/g, ".") : "";
  return `${shown}… (${secret.length} characters)`;
}

/** `GITHUB_TOKEN`, `BasicAuth` → words. */
function kindOf(messageId: string): string {
  return messageId
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
}

const secretNames =
  /(^|\/)(\.env(\.(?!example$|sample$|template$|dist$)[\w-]+)?|id_(rsa|dsa|ecdsa|ed25519)|\.npmrc|\.netrc|\.pgpass|\.git-credentials|\.htpasswd)$/;

/** Files that hold secrets by what they are: `.env`, private keys of ssh, credentials of tools. */
export function isSecretFile(path: string): boolean {
  return secretNames.test(path);
}

export function secretFile(path: string): Check {
  return {
    rule: "secret/file",
    severity: "high",
    message: "files of this name hold secrets",
    place: path,
    hint: "Leave it out, and give its content to the app when it starts.",
  };
}
