import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { OciError } from "../error.ts";

/** What proves to a registry who asks. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** A refresh token of the registry's authorization server. */
  | { readonly identityToken: string }
  /** A bearer token as it is. */
  | { readonly registryToken: string };

/** Undefined for a registry that is asked anonymously. */
export type CredentialSource = (registry: string, repository: string) => Promise<Credentials | undefined>;

interface AuthFile {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credHelpers?: Readonly<Record<string, unknown>>;
  readonly credsStore?: unknown;
}

const longestAnswer = 1024 * 1024;
const dockerHub = "https://index.docker.io/v1/";

/**
 * The credentials that Docker and podman use. The first that knows the registry wins: the variable DOCKER_AUTH_CONFIG
 * (the content of a config file), Docker's config file (in DOCKER_CONFIG or ~/.docker), then podman's (REGISTRY_AUTH_FILE,
 * or `containers/auth.json` in XDG_RUNTIME_DIR or ~/.config). Within a file: the registry's helper of `credHelpers`,
 * the helper of `credsStore`, `auths`.
 *
 * The source throws OciError OCI_CREDENTIALS_INVALID for a file that is damaged and a helper that fails. No secret
 * is ever in a message.
 */
export function dockerCredentials({
  env = process.env,
  home = homedir(),
}: {
  readonly env?: NodeJS.ProcessEnv;
  readonly home?: string;
} = {}): CredentialSource {
  const files = [
    join(env["DOCKER_CONFIG"] || join(home, ".docker"), "config.json"),
    ...(env["REGISTRY_AUTH_FILE"] ? [env["REGISTRY_AUTH_FILE"]] : []),
    ...(env["XDG_RUNTIME_DIR"] ? [join(env["XDG_RUNTIME_DIR"], "containers/auth.json")] : []),
    join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "containers/auth.json"),
  ];
  return async (registry, repository) => {
    const inline = env["DOCKER_AUTH_CONFIG"];
    if (inline) {
      const found = await fromFile(parse(inline, "DOCKER_AUTH_CONFIG"), registry, repository, env);
      if (found) return found;
    }
    for (const path of files) {
      const text = await readIfThere(path);
      const found =
        text === undefined ? undefined : await fromFile(parse(text, path), registry, repository, env);
      if (found) return found;
    }
    return undefined;
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw invalid(`${path} cannot be read: ${code}`);
  }
}

function parse(text: string, path: string): AuthFile {
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // The parser's message would quote the text.
  }
  throw invalid(`${path} is no JSON object`);
}

async function fromFile(
  file: AuthFile,
  registry: string,
  repository: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const server = registry === "docker.io" ? dockerHub : registry;
  const helper = file.credHelpers?.[registry] ?? file.credHelpers?.[server] ?? file.credsStore;
  if (typeof helper === "string" && helper !== "") {
    const found = await askHelper(helper, server, env);
    if (found) return found;
  }
  const auths = new Map(Object.entries(file.auths ?? {}).map(([key, value]) => [plainKey(key), value]));
  // podman's keys may name a repository or a part of its path; the longest is the closest.
  for (
    let key = `${registry}/${repository}`;
    key !== "";
    key = key.slice(0, Math.max(0, key.lastIndexOf("/")))
  ) {
    const found = auths.has(key) ? fromEntry(auths.get(key), key) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Docker writes hosts, and for its own hub (and older registries) a URL. */
function plainKey(key: string): string {
  const plain = key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
  return /^(?:index\.docker\.io|registry-1\.docker\.io)$/.test(plain) ? "docker.io" : plain;
}

function fromEntry(entry: unknown, key: string): Credentials | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { auth, username, password, identitytoken, registrytoken } = entry as Record<string, unknown>;
  if (typeof registrytoken === "string" && registrytoken !== "") return { registryToken: registrytoken };
  if (typeof identitytoken === "string" && identitytoken !== "") return { identityToken: identitytoken };
  if (typeof auth === "string" && auth !== "") {
    const text = Buffer.from(auth, "base64").toString("utf8");
    const colon = text.indexOf(":");
    if (colon < 1) throw invalid(`the entry for ${key} has an "auth" that is not base64 of name:password`);
    return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, "") };
  }
  if (typeof username === "string" && typeof password === "string" && username !== "")
    return { username, password };
  return undefined;
}

/** Speaks the protocol of docker-credential-helpers: the server's name in, JSON or a complaint out. */
async function askHelper(
  name: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(name)) throw invalid("the name of a credential helper has characters that none has");
  const program = `docker-credential-${name}`;
  const { code, output } = await runHelper(program, server, env);
  if (code !== 0) {
    if (/credentials not found|no credentials/i.test(output)) return undefined;
    // What it wrote is not repeated: it handles secrets.
    throw invalid(`${program} failed with code ${code}; try: echo ${server} | ${program} get`);
  }
  const { Username: username, Secret: secret } = parse(output, `the answer of ${program}`) as Record<
    string,
    unknown
  >;
  if (typeof username !== "string" || typeof secret !== "string")
    throw invalid(`the answer of ${program} has no name and secret`);
  if (secret === "") return undefined;
  return username === "<token>" ? { identityToken: secret } : { username, password: secret };
}

function runHelper(
  program: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      env,
      timeout: 60_000,
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > longestAnswer) child.kill();
      else chunks.push(chunk);
    });
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        invalid(
          `${program} cannot be started: ${error.code === "ENOENT" ? "it is not on PATH" : error.code}`,
        ),
      ),
    );
    child.on("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString("utf8") }));
    // One that needs no input may be gone already.
    child.stdin.on("error", () => {});
    child.stdin.end(server);
  });
}

const invalid = (message: string) => new OciError("OCI_CREDENTIALS_INVALID", message);
