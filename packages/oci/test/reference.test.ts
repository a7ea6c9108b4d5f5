import { expect, test } from "vitest";
import { parseReference, referenceName } from "../src/index.ts";

const digest = `sha256:${"a".repeat(64)}` as const;

test("references have registry, repository, tag and digest", () => {
  const cases: [string, object, string?][] = [
    ["nginx", { registry: "docker.io", repository: "library/nginx" }, "docker.io/library/nginx"],
    ["acme/app:1", { registry: "docker.io", repository: "acme/app", tag: "1" }, "docker.io/acme/app:1"],
    [
      "registry.example/a/b-c/d__e:v1.2-x",
      { registry: "registry.example", repository: "a/b-c/d__e", tag: "v1.2-x" },
    ],
    ["localhost/app", { registry: "localhost", repository: "app" }],
    ["localhost:5000/app", { registry: "localhost:5000", repository: "app" }],
    ["[::1]:5000/app:t", { registry: "[::1]:5000", repository: "app", tag: "t" }],
    [`r.example/app@${digest}`, { registry: "r.example", repository: "app", digest }],
    [`r.example/app:1@${digest}`, { registry: "r.example", repository: "app", tag: "1", digest }],
  ];
  for (const [text, parts, whole = text] of cases) {
    expect(parseReference(text), text).toEqual(parts);
    expect(referenceName(parseReference(text))).toBe(whole);
  }
});

test("what is no reference is refused", () => {
  for (const text of [
    "",
    "UPPER/app",
    "r.example/",
    "r.example/app:",
    "r.example/app:-x",
    "r.example/app@sha256:abc",
    `r.example/app@${digest}@${digest}`,
    "r.example/../app",
    "r.example/a//b",
    "r.example/a?b",
    "user@r.example/app",
    "https://r.example/app",
    "r.example:port/app",
    `r.example/${"a".repeat(256)}`,
    `r.example/app:${"t".repeat(129)}`,
  ])
    expect(() => parseReference(text), text).toThrow(
      expect.objectContaining({ code: "OCI_REFERENCE_INVALID" }),
    );
});
