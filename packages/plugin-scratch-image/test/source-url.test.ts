import { expect, test } from "vitest";
import { sourceUrl } from "../src/description.ts";

test("addresses become those that a browser opens, without user and password", () => {
  for (const [address, url] of [
    ["git+https://example.com/acme/app.git", "https://example.com/acme/app"],
    ["https://someone:secret@example.com/acme/app.git", "https://example.com/acme/app"],
    ["git@example.com:acme/app.git", "https://example.com/acme/app"],
    ["ssh://git@example.com:2222/acme/app.git", "https://example.com/acme/app"],
    ["git+ssh://git@example.com/acme/app.git", "https://example.com/acme/app"],
    ["http://example.com:3000/acme/app/", "http://example.com:3000/acme/app"],
    ["/srv/git/app.git", undefined],
    ["file:///srv/git/app.git", undefined],
    ["", undefined],
    [undefined, undefined],
  ] as const)
    expect([address, sourceUrl(address)]).toEqual([address, url]);
});
