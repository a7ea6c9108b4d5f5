import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "@sbp/core";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { checkMacho, llvm } from "../../executable/test/macho-tools.ts";
import { exportPkcs12, makeIdentity, type SelfMade } from "../../executable/test/sign-identity.ts";
import { type AppBuilder, appBuilder, scratchFolder } from "./app.ts";

const password = "p ä ß";
let made: SelfMade;
beforeAll(async () => {
  made = makeIdentity(await scratchFolder());
});
afterEach(() => vi.unstubAllEnvs());

const plist = (content: string) => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
${content}
</dict>
</plist>
`;
const jit = "com.apple.security.cs.allow-jit";

describe.each([
  ["22.23.2", "darwin-arm64"],
  ["26.10.0", "darwin-x64"],
] as const)("an executable of Node %s for %s", (version, target: Target) => {
  let builder: AppBuilder;
  beforeAll(async () => {
    builder = await appBuilder(version, target);
    await writeFile(join(builder.folder, "release.p12"), exportPkcs12(made, [], password));
  });
  const build = (macos: Parameters<AppBuilder["build"]>[2] = {}) =>
    builder.build("main.cjs", "console.log(1)", macos);

  test("is signed ad hoc, as the runtime was, where nothing is said", async () => {
    const { path, artifact, files } = await build({ name: "my tool" });
    const { signature } = await checkMacho(path);
    expect(signature).toMatchObject({ adHoc: true, flags: 2, identifier: "my-tool", team: null });
    expect(signature.entitlements).toHaveProperty(["com.apple.security.get-task-allow"]);
    expect(artifact.meta["signature"]).toEqual({ kind: "ad hoc" });
    expect(files).toEqual([]);
  });

  test("is signed with a certificate, hardened, with what V8 needs", async () => {
    vi.stubEnv("P12_PASSWORD", password);
    const options = {
      macos: { identifier: "com.example.health", certificate: "release.p12", passwordEnv: "P12_PASSWORD" },
    };
    const { path, artifact, reported, files, variables } = await build(options);
    const { signature } = await checkMacho(path, "--authority", made.authority);
    expect(signature).toMatchObject({ adHoc: false, flags: 0x10000, identifier: "com.example.health" });
    expect(signature.entitlements).toHaveProperty([jit], true);
    expect(signature.entitlements).not.toHaveProperty(["com.apple.security.get-task-allow"]);
    expect(artifact.meta["signature"]).toMatchObject({
      kind: "apple",
      signer: "Developer ID Application: Example (ABCDE12345)",
    });
    expect({ reported, files, variables }).toEqual({ reported: [], files: ["release.p12"], variables: [] });
    expect(await llvm("objdump", "--macho", "--private-headers", path)).toContain("__NODE_SEA_BLOB");
    const again = await build(options);
    expect((await readFile(again.path)).equals(await readFile(path))).toBe(true);
  });

  test("has the entitlements of a file, which is an input", async () => {
    const groups = "<key>com.example.groups</key><array><string>a</string><string>&lt;b&gt;</string></array>";
    await writeFile(
      join(builder.folder, "given.plist"),
      plist(
        `<!-- for V8 -->\n<key>${jit}</key>\n<true/>\n<key>com.example.name</key><string>ä &amp; ü</string>${groups}`,
      ),
    );
    const { path, reported, files } = await build({
      macos: { entitlements: "given.plist", hardenedRuntime: true },
    });
    const { signature } = await checkMacho(path);
    expect(signature).toMatchObject({ adHoc: true, flags: 0x10002 });
    expect(signature.entitlements).toEqual({
      [jit]: true,
      "com.example.name": "ä & ü",
      "com.example.groups": ["a", "<b>"],
    });
    expect({ reported, files }).toEqual({ reported: [], files: ["given.plist"] });
  });

  test("is built with entitlements that V8 cannot live with, with a warning", async () => {
    await writeFile(join(builder.folder, "none.plist"), plist(`<key>${jit}</key><false/>`));
    const { path, reported } = await build({ macos: { entitlements: "none.plist", hardenedRuntime: true } });
    expect(reported).toMatchObject([{ severity: "warning", code: "SBP_ENTITLEMENTS_JIT" }]);
    expect((await checkMacho(path)).signature.entitlements).toEqual({ [jit]: false });
    const relaxed = await build({ macos: { entitlements: "none.plist" } });
    expect(relaxed.reported).toEqual([]);
  });
});
