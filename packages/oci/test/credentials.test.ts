import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { dockerCredentials, parseReference } from "../src/index.ts";
import { parseChallenges } from "../src/registry/challenge.ts";
import { temporaryFolder } from "./tools.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A home with these files in it, and what is known there. */
async function home(files: Record<string, unknown>, env: NodeJS.ProcessEnv = {}) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    if (name.startsWith("bin/")) await chmod(path, 0o755);
  }
  const PATH = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
  const source = dockerCredentials({ home: folder, env: { PATH, HOME: folder, ...env } });
  return async (reference: string) => {
    const { registry, repository } = parseReference(reference);
    return source(registry, repository);
  };
}

test("a home without files knows nobody", async () => {
  expect(await (await home({}))("r.example/app")).toBeUndefined();
});

test("Docker's config file knows registries in all the ways that it names them", async () => {
  const ask = await home({
    ".docker/config.json": {
      auths: {
        "https://index.docker.io/v1/": { auth: base64("hub:a:b") },
        "r.example": { auth: base64("me:secret") },
        "https://old.example/v2/": { username: "old", password: "one" },
        "token.example": { identitytoken: "refresh", auth: base64("<token>:") },
        "raw.example": { registrytoken: "raw" },
        "empty.example": {},
      },
    },
  });
  expect(await ask("nginx")).toEqual({ username: "hub", password: "a:b" });
  expect(await ask("r.example/app")).toEqual({ username: "me", password: "secret" });
  expect(await ask("old.example/app")).toEqual({ username: "old", password: "one" });
  expect(await ask("token.example/app")).toEqual({ identityToken: "refresh" });
  expect(await ask("raw.example/app")).toEqual({ registryToken: "raw" });
  expect(await ask("empty.example/app")).toBeUndefined();
  expect(await ask("r.example:5000/app")).toBeUndefined();
  expect(await ask("sub.r.example/app")).toBeUndefined();
});

test("podman's file is asked next, and its keys may name repositories", async () => {
  const auths = (user: string) => ({ auths: { "r.example": { auth: base64(`${user}:x`) } } });
  const ask = await home({
    ".docker/config.json": { auths: { "docker.example": { auth: base64("docker:x") } } },
    ".config/containers/auth.json": {
      auths: {
        "r.example/team": { auth: base64("team:x") },
        "r.example/team/app": { auth: base64("app:x") },
        ...auths("all").auths,
      },
    },
  });
  expect(await ask("docker.example/app")).toMatchObject({ username: "docker" });
  expect(await ask("r.example/team/app")).toMatchObject({ username: "app" });
  expect(await ask("r.example/team/other")).toMatchObject({ username: "team" });
  expect(await ask("r.example/teams")).toMatchObject({ username: "all" });
  const folder = await temporaryFolder();
  await writeFile(join(folder, "config.json"), JSON.stringify(auths("configured")));
  expect(await (await home({}, { DOCKER_CONFIG: folder }))("r.example/app")).toMatchObject({
    username: "configured",
  });
  const file = join(folder, "config.json");
  expect(await (await home({}, { REGISTRY_AUTH_FILE: file }))("r.example/app")).toMatchObject({
    username: "configured",
  });
  const variable = { DOCKER_AUTH_CONFIG: JSON.stringify(auths("variable")), DOCKER_CONFIG: folder };
  expect(await (await home({}, variable))("r.example/app")).toMatchObject({ username: "variable" });
});

test("helpers are asked for the registry's name", async () => {
  const ask = await home({
    ".docker/config.json": {
      credHelpers: { "helped.example": "one" },
      credsStore: "store",
      auths: { "other.example": { auth: base64("file:x") }, "broken.example": {} },
    },
    "bin/docker-credential-one": `#!/bin/sh
[ "$1" = get ] && read -r server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"for $server\\",\\"Secret\\":\\"s\\"}"`,
    "bin/docker-credential-store": `#!/bin/sh
read -r server
case $server in
  https://index.docker.io/v1/) echo '{"Username":"<token>","Secret":"refresh"}';;
  broken.example) echo "my secret is hunter2"; exit 3;;
  odd.example) echo "no json: hunter2";;
  *) echo "credentials not found in native keychain"; exit 1;;
esac`,
  });
  expect(await ask("helped.example/app")).toEqual({ username: "for helped.example", password: "s" });
  expect(await ask("nginx")).toEqual({ identityToken: "refresh" });
  expect(await ask("other.example/app")).toEqual({ username: "file", password: "x" });
  for (const registry of ["broken.example", "odd.example"]) {
    const error = await ask(`${registry}/app`).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "OCI_CREDENTIALS_INVALID" });
    expect(String(error)).not.toContain("hunter2");
  }
});

test("damaged files are named, and their content is not", async () => {
  for (const [content, message] of [
    ['{"auths": hunter2', "no JSON object"],
    ["[]", undefined],
    [{ auths: { "r.example": { auth: base64("hunter2") } } }, "not base64 of name:password"],
    [{ credsStore: "../../bin/sh" }, "characters that none has"],
    [{ credsStore: "missing" }, "not on PATH"],
  ] as const) {
    const ask = await home({ ".docker/config.json": content });
    const result = await ask("r.example/app").catch((e: unknown) => e);
    if (message === undefined) expect(result).toBeUndefined();
    else
      expect(result).toMatchObject({
        code: "OCI_CREDENTIALS_INVALID",
        message: expect.stringContaining(message),
      });
    expect(String(result)).not.toContain("hunter2");
  }
});

test("challenges are read as HTTP writes them", () => {
  const read = (header: string) =>
    parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
  expect(
    read('Bearer realm="https://a.example/token",service="x, y",scope="repository:a:pull,push"'),
  ).toEqual([
    ["bearer", { realm: "https://a.example/token", service: "x, y", scope: "repository:a:pull,push" }],
  ]);
  expect(read('Basic realm="say \\"hi\\"", BEARER Realm=plain ,service=s')).toEqual([
    ["basic", { realm: 'say "hi"' }],
    ["bearer", { realm: "plain", service: "s" }],
  ]);
  expect(read("Negotiate, Basic")).toEqual([
    ["negotiate", {}],
    ["basic", {}],
  ]);
  expect(read("")).toEqual([]);
  expect(read('"""')).toEqual([]);
});
