import { parseJson } from "../descriptor.ts";
import { malformed, OciError } from "../error.ts";
import { parseChallenges } from "./challenge.ts";
import type { CredentialSource, Credentials } from "./credentials.ts";
import type { Answer, Request } from "./transport.ts";

/** What is to be done in a repository, in the words of the Docker token specification. */
export interface Scope {
  readonly repository: string;
  readonly actions: "pull" | "pull,push";
}

type Scheme =
  | { readonly kind: "basic" }
  | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined };

interface Token {
  readonly text: string;
  /** By the monotonic clock, in milliseconds. */
  readonly expires: number;
}

/** In seconds; the specification's value where an answer has none. */
const usualLifetime = 60;
/** A token is not used in the last part of its life: a request takes time. */
const usablePart = 0.9;
const longestAnswer = 256 * 1024;

/**
 * Keeps what one registry wants to see in `Authorization`. How it wants it is learned from its first 401; tokens are
 * fetched per scope, kept while they live, and fetched again when they are refused.
 */
export class Authorizer {
  readonly #registry: string;
  readonly #source: CredentialSource;
  readonly #send: (request: Request) => Promise<Answer>;
  readonly #tokens = new Map<string, Promise<Token>>();
  #scheme: Scheme | undefined;

  /** @param send sends a request of this package's own, and again where that may help. */
  constructor(registry: string, source: CredentialSource, send: (request: Request) => Promise<Answer>) {
    this.#registry = registry;
    this.#source = source;
    this.#send = send;
  }

  /** The header for requests within these scopes; undefined as long as the registry wants none. */
  async header(scopes: readonly Scope[], signal?: AbortSignal): Promise<string | undefined> {
    const scheme = this.#scheme;
    if (!scheme) return undefined;
    const credentials = await this.#source(this.#registry, scopes[0]?.repository ?? "");
    if (scheme.kind === "basic") return credentials && basic(credentials);
    if (credentials && "registryToken" in credentials) return `Bearer ${credentials.registryToken}`;
    const key = JSON.stringify(scopes);
    const known = await this.#tokens.get(key);
    if (known && performance.now() < known.expires) return `Bearer ${known.text}`;
    const fetched = this.#fetch(scheme, scopes, credentials, signal);
    this.#tokens.set(key, fetched);
    try {
      return `Bearer ${(await fetched).text}`;
    } catch (error) {
      this.#tokens.delete(key);
      throw error;
    }
  }

  /**
   * Takes a 401 to a request that had the header `used`. True when there is another header to try.
   *
   * @throws OciError OCI_UNAUTHORIZED, OCI_INSECURE
   */
  async learn(answer: Answer, scopes: readonly Scope[], used: string | undefined): Promise<boolean> {
    const challenges = parseChallenges(answer.header("www-authenticate") ?? "");
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer) {
      const realm = bearer.parameters.get("realm");
      if (!realm || !URL.canParse(realm))
        throw malformed(`${this.#registry} asks for a token and does not say where`);
      this.#scheme = { kind: "bearer", realm: new URL(realm), service: bearer.parameters.get("service") };
      const key = JSON.stringify(scopes);
      // Another request may have fetched a new one already.
      const known = await this.#tokens.get(key)?.catch(() => undefined);
      if (known && used === `Bearer ${known.text}`) this.#tokens.delete(key);
      return true;
    }
    if (challenges.some(({ scheme }) => scheme === "basic")) {
      this.#scheme = { kind: "basic" };
      return (
        used === undefined && (await this.#source(this.#registry, scopes[0]?.repository ?? "")) !== undefined
      );
    }
    return false;
  }

  async #fetch(
    { realm, service }: Extract<Scheme, { kind: "bearer" }>,
    scopes: readonly Scope[],
    credentials: Credentials | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Token> {
    const asked = scopes.map(({ repository, actions }) => `repository:${repository}:${actions}`);
    const start = performance.now();
    const answer = await this.#send(
      credentials && "identityToken" in credentials
        ? refreshRequest(realm, service, asked, credentials.identityToken, signal)
        : tokenRequest(realm, service, asked, credentials, signal),
    );
    if (answer.status !== 200) {
      await answer.discard();
      const isRefusal = answer.status >= 400 && answer.status < 500;
      throw new OciError(
        isRefusal ? "OCI_UNAUTHORIZED" : "OCI_REGISTRY_FAILED",
        `${realm.host} gives no token for ${asked.join(" ") || this.#registry}: it answers ${answer.status}`,
        { status: answer.status },
      );
    }
    const value = parseJson(await answer.bytes(longestAnswer), `the token of ${realm.host}`);
    const text = value["token"] ?? value["access_token"];
    if (typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text))
      throw malformed(`${realm.host} answers without a token`);
    const given = value["expires_in"];
    const lifetime = typeof given === "number" && given > 0 ? given : usualLifetime;
    return { text, expires: start + lifetime * 1000 * usablePart };
  }
}

function tokenRequest(
  realm: URL,
  service: string | undefined,
  scopes: readonly string[],
  credentials: Credentials | undefined,
  signal: AbortSignal | undefined,
): Request {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const header = credentials && basic(credentials);
  return { method: "GET", url, headers: header === undefined ? {} : { authorization: header }, signal };
}

/** Docker's "Authenticate proxy: OAuth2 token endpoint". */
function refreshRequest(
  realm: URL,
  service: string | undefined,
  scopes: readonly string[],
  identityToken: string,
  signal: AbortSignal | undefined,
): Request {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    service: service ?? "",
    client_id: "sbp-oci",
    scope: scopes.join(" "),
    refresh_token: identityToken,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url: realm, headers, body: form.toString(), signal };
}

function basic(credentials: Credentials): string | undefined {
  if (!("username" in credentials)) return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
}
