/** Who signs. The password itself is never in a config. */
export const passwordEnvOption = {
  type: "string",
  pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
  description:
    "The environment variable that holds the password of `certificate`. Default: the file has an empty password.",
} as const;

export interface CertificateOptions {
  readonly certificate?: string | undefined;
  readonly passwordEnv?: string | undefined;
}
