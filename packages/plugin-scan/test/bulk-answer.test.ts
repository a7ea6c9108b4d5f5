import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluate } from "../src/osv/evaluate.ts";
import { askRegistryAdvisories } from "../src/registry/advisories.ts";
import { readBulkAnswer } from "../src/registry/bulk-answer.ts";
import { bundled, inventory } from "./inventories.ts";

const entry = (range: string) => ({
  id: 1106913,
  url: "https://github.com/advisories/GHSA-35jh-r3h4-6jhm",
  title: "Command Injection in lodash",
  severity: "moderate",
  vulnerable_versions: range,
});
const answer = (range: string, versions: string[] = []) =>
  readBulkAnswer({ lodash: [entry(range)] }, { lodash: versions })[0]!;

test("a range of npm's becomes one of OSV's, with the version that mends it", () => {
  const advisory = answer(">=4.0.0 <4.17.21 || <3.10.2");
  expect(advisory).toMatchObject({ id: "GHSA-35jh-r3h4-6jhm", severity: "medium" });
  expect(evaluate(advisory, "lodash", "4.17.20")).toMatchObject({ fixedIn: "4.17.21" });
  expect(evaluate(advisory, "lodash", "3.0.0")).toMatchObject({ fixedIn: "3.10.2" });
  expect(evaluate(advisory, "lodash", "4.17.21")).toBeUndefined();
  expect(evaluate(answer("<=2.0.0"), "lodash", "2.0.0")).toMatchObject({ fixedIn: undefined });
  expect(evaluate(answer("*"), "lodash", "9.9.9")).toBeDefined();
});

test("what OSV cannot say is judged by npm's own rules", () => {
  const advisory = answer(">1.0.0 <2.0.0", ["1.0.0", "1.5.0"]);
  expect(evaluate(advisory, "lodash", "1.0.0")).toBeUndefined();
  expect(evaluate(advisory, "lodash", "1.5.0")).toBeDefined();
});

test.for([
  [[]],
  [{ lodash: {} }],
  [{ lodash: [{}] }],
  [null],
])("an answer that makes no sense is refused: %#", ([wrong]) => {
  expect(() => readBulkAnswer(wrong, {})).toThrow();
});

let status = 200;
let body = "";
let asked: unknown;
const server = createServer(async (request, response) => {
  asked = {
    method: request.method,
    url: request.url,
    body: JSON.parse(gunzipSync(await buffer(request)).toString()),
  };
  response.writeHead(status, { "content-type": "application/json" }).end(body);
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

const ask = () =>
  askRegistryAdvisories(
    inventory([bundled("lodash", "4.17.15", ["lodash.js"])]),
    { registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
    new AbortController().signal,
  );

test("the registry is asked as npm asks it: only packages of npm, gzipped", async () => {
  [status, body] = [200, JSON.stringify({ lodash: [entry("<4.17.21")] })];
  const { database, refusal } = await ask();
  expect(refusal).toBeUndefined();
  expect(asked).toEqual({
    method: "POST",
    url: "/-/npm/v1/security/advisories/bulk",
    body: { lodash: ["4.17.15"] },
  });
  expect(database?.advisoriesOf("lodash")).toHaveLength(1);
});

test.for([
  [405, "", "it has no such service (405)"],
  [404, "", "it has no such service (404)"],
  [401, "", "npm login"],
  [500, "", "it answers 500"],
  [200, "<html>", "makes no sense"],
  [200, '{"lodash":[{}]}', "makes no sense"],
] as const)("a registry that answers %i %s: the scan goes on, and says so", async ([code, text, words]) => {
  [status, body] = [code, text];
  const { database, refusal } = await ask();
  expect(database).toBeUndefined();
  expect(refusal).toContain(words);
});
