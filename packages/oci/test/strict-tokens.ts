import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

export type StrictAuth =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | {
      readonly kind: "token";
      readonly username: string;
      readonly password: string;
      /** Accepted at the token endpoint instead of name and password. */
      readonly identityToken?: string;
      /** What the token endpoint refuses to give, besides what nobody may. */
      readonly refuses?: (scope: string) => boolean;
    };

/** Tokens of the Docker token specification: they allow what they were asked for, until they expire. */
export class StrictTokens {
  readonly #auth: StrictAuth;
  readonly #origin: () => string;
  #tokens = new Map<string, ReadonlySet<string>>();
  /** How many were given. */
  given = 0;

  constructor(auth: StrictAuth, origin: () => string) {
    this.#auth = auth;
    this.#origin = origin;
  }

  expireAll(): void {
    this.#tokens.clear();
  }

  /** True when the request may do this; otherwise the 401 is on its way. */
  allows(request: IncomingMessage, response: ServerResponse, needed: readonly string[]): boolean {
    const auth = this.#auth;
    const { authorization = "" } = request.headers;
    if (auth.kind === "none") return true;
    if (auth.kind === "basic") {
      if (authorization === basic(auth)) return true;
      return refuse(response, 'Basic realm="strict, really"');
    }
    const token = /^Bearer (\S+)$/.exec(authorization)?.[1] ?? "";
    const granted = this.#tokens.get(token);
    if (granted && needed.every((scope) => granted.has(scope))) return true;
    const scope = needed.length > 0 ? `,scope="${needed.join(" ")}"` : "";
    return refuse(response, `Bearer realm="${this.#origin()}/token",service="strict"${scope}`);
  }

  /** The token endpoint. */
  async answer(request: IncomingMessage, response: ServerResponse, url: URL, body: string): Promise<void> {
    const auth = this.#auth;
    if (auth.kind !== "token") return void response.writeHead(404).end();
    const isRefresh = request.method === "POST";
    const form = new URLSearchParams(body);
    const scopes = isRefresh ? (form.get("scope")?.split(" ") ?? []) : url.searchParams.getAll("scope");
    const service = isRefresh ? form.get("service") : url.searchParams.get("service");
    const isKnown = isRefresh
      ? form.get("grant_type") === "refresh_token" && form.get("refresh_token") === auth.identityToken
      : request.headers.authorization === basic(auth);
    const isWrong = isRefresh ? !isKnown : request.headers.authorization !== undefined && !isKnown;
    if (isWrong || service !== "strict" || scopes.some((scope) => auth.refuses?.(scope)))
      return void response.writeHead(401).end();
    const granted = scopes.flatMap((scope) => {
      const [kind, repository, actions] = scope.split(":");
      return actions!
        .split(",")
        .flatMap((action) =>
          kind === "repository" && (isKnown || action === "pull") ? [`${repository}:${action}`] : [],
        );
    });
    const token = randomUUID();
    this.#tokens.set(token, new Set(granted));
    this.given++;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ [isRefresh ? "access_token" : "token"]: token, expires_in: 300 }));
  }
}

const basic = ({ username, password }: { username: string; password: string }) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

function refuse(response: ServerResponse, challenge: string): false {
  response.writeHead(401, { "www-authenticate": challenge, "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }));
  return false;
}
