import { longestDocument, parseJson } from "../descriptor.ts";
import { OciError, tooLarge } from "../error.ts";
import type { Scope } from "./authorizer.ts";
import type { Session } from "./session.ts";

const mostPages = 1000;

/**
 * The documents of a list that comes in pages (RFC 8288, `rel="next"`). Undefined when there is no such list.
 *
 * @throws OciError OCI_TOO_LARGE for lists without end.
 */
export async function readPages(
  session: Session,
  start: string,
  scopes: readonly Scope[],
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>>[] | undefined> {
  const pages: Readonly<Record<string, unknown>>[] = [];
  let url = new URL(start, session.origin);
  for (;;) {
    const answer = await session.call({ method: "GET", url, scopes, signal });
    if (answer.status === 404 && pages.length === 0) {
      await answer.discard();
      return undefined;
    }
    if (answer.status !== 200) throw await session.failure(answer, `a request for ${url.pathname}`);
    pages.push(parseJson(await answer.bytes(longestDocument), `the answer of ${session.registry}`));
    const next = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(answer.header("link") ?? "")?.[1];
    if (next === undefined) return pages;
    if (pages.length >= mostPages)
      throw tooLarge(`${session.registry} has more than ${mostPages} pages of ${start}`);
    if (!URL.canParse(next, url.href) || new URL(next, url).origin !== session.origin.origin)
      throw new OciError("OCI_MALFORMED", `${session.registry} names a next page that is none of its own`);
    url = new URL(next, url);
  }
}
