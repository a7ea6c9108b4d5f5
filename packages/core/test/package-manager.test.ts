import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installAll, installCommand } from "../src/index.ts";
import { projectWith } from "./config-rig.ts";

test.each([
  ["package-lock.json", "npm install ms", "npm install --save-dev ms", "npm install"],
  ["pnpm-lock.yaml", "pnpm add ms", "pnpm add -D ms", "pnpm install"],
  ["yarn.lock", "yarn add ms", "yarn add -D ms", "yarn install"],
  ["bun.lock", "bun add ms", "bun add -D ms", "bun install"],
])("with %s", (lockFile, forApp, forBuild, all) => {
  const dir = projectWith({ [lockFile]: "", "services/a/package.json": {} });
  const service = join(dir, "services/a");
  expect(installCommand(service, "ms", "app")).toBe(forApp);
  expect(installCommand(service, "ms", "build")).toBe(forBuild);
  expect(installAll(service)).toBe(all);
});

test("a lock file above the repository is somebody else's", () => {
  const dir = projectWith({ "yarn.lock": "" });
  mkdirSync(join(dir, "project/.git"), { recursive: true });
  expect(installAll(join(dir, "project"))).toBe("npm install");
});
