import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { runOnWine } from "../../../tools/wine.ts";
import { checksums, readobj, verifySignature } from "../../executable/test/pe-tools.ts";
import { exportPkcs12, makeIdentity, type SelfMade } from "../../executable/test/sign-identity.ts";
import { run as runTool } from "../../executable/test/tools.ts";
import { type AppBuilder, appBuilder, scratchFolder } from "./app.ts";
import { makeIcon } from "./icon.ts";

const source = 'console.log("hello from", process.platform, process.argv.slice(2).join());';
const subject = "CN=Developer ID Application: Example (ABCDE12345), OU=ABCDE12345, O=Example";
let builder: AppBuilder;
let made: SelfMade;
beforeAll(async () => {
  builder = await appBuilder("22.23.2", "win32-x64");
  made = makeIdentity(await scratchFolder());
  await writeFile(join(builder.folder, "release.pfx"), exportPkcs12(made));
  await writeFile(join(builder.folder, "app.ico"), makeIcon());
});
afterEach(() => vi.unstubAllEnvs());

test("a signed executable is what osslsigncode verifies and wine runs, the same each time", async () => {
  vi.stubEnv("PFX_PASSWORD", made.password);
  const options = {
    windows: {
      icon: "app.ico",
      fileDescription: "An example 例",
      certificate: "release.pfx",
      passwordEnv: "PFX_PASSWORD",
      url: "https://example.com/",
    },
  };
  const { path, artifact, reported, files, variables } = await builder.build("main.cjs", source, options);
  expect(reported).toEqual([]);
  expect(files).toEqual(["app.ico", "release.pfx"]);
  // The value of an input is kept as a hash, which would be a hash of the password.
  expect(variables).toEqual([]);
  expect(artifact.meta["signature"]).toEqual({
    kind: "authenticode",
    signer: "Developer ID Application: Example (ABCDE12345)",
    subject,
    certificate: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(JSON.stringify(artifact.meta)).not.toContain(made.password);

  const report = await verifySignature(path, "-CAfile", made.authority);
  expect(report).toMatch(/^Signature verification: ok$/m);
  expect(report).toMatch(/^Succeeded$/m);
  expect(report).toContain("Text description: An example 例");
  expect(report).toContain("URL description: https://example.com/");
  const [stored, computed] = await checksums(path);
  expect(stored).toBe(computed);
  expect(await readobj(path, "--coff-resources")).toContain("NODE_SEA_BLOB");

  const again = await builder.build("main.cjs", source, options);
  expect((await readFile(again.path)).equals(await readFile(path))).toBe(true);
  const { stdout, code } = await runOnWine(path, ["a", "b"]);
  expect({ stdout: stdout.trim(), code }).toEqual({ stdout: "hello from win32 a,b", code: 0 });
}, 120_000);

test("a time stamp can be added, and what is not signed can be signed by another program", async () => {
  await writeFile(join(builder.folder, "open.pfx"), exportPkcs12(made, [], ""));
  const folder = await scratchFolder();
  const authority = makeIdentity(folder, "rsa", "timeStamping");
  const { path } = await builder.build("main.cjs", source, { windows: { certificate: "open.pfx" } });
  const stamped = join(folder, "stamped.exe");
  const stamp = ["-TSA-certs", authority.certificate, "-TSA-key", authority.key];
  await runTool("osslsigncode", ["add", ...stamp, "-in", path, "-out", stamped]);
  const trusted = ["-CAfile", made.authority, "-TSA-CAfile", authority.authority];
  const report = await verifySignature(stamped, ...trusted);
  expect(report).toMatch(/^Timestamp Server Signature verification: ok$/m);
  expect(report).toMatch(/^Succeeded$/m);

  const unsigned = await builder.build("main.cjs", source);
  const signed = join(folder, "signed.exe");
  const key = ["-pkcs12", join(builder.folder, "open.pfx"), "-pass", "", "-h", "sha256"];
  await runTool("osslsigncode", ["sign", ...key, ...stamp, "-in", unsigned.path, "-out", signed]);
  expect(await verifySignature(signed, ...trusted)).toMatch(/^Succeeded$/m);
});

test("a file with an empty password needs no variable", async () => {
  await writeFile(join(builder.folder, "open.pfx"), exportPkcs12(made, [], ""));
  const { path } = await builder.build("main.cjs", source, { windows: { certificate: "open.pfx" } });
  expect(await verifySignature(path, "-CAfile", made.authority)).toMatch(/^Succeeded$/m);
});

test("an EC key signs, too", async () => {
  const other = makeIdentity(await scratchFolder(), "ec");
  await writeFile(join(builder.folder, "ec.pfx"), exportPkcs12(other, [], ""));
  const { path } = await builder.build("main.cjs", source, { windows: { certificate: "ec.pfx" } });
  expect(await verifySignature(path, "-CAfile", other.authority)).toMatch(/^Succeeded$/m);
});
