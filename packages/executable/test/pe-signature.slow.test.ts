import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import {
  applyEdit,
  editedSource,
  fromBytes,
  peDigest,
  peEdit,
  peTail,
  planPeSignature,
  planPeStrip,
  readPe,
  signPeTail,
} from "../src/index.ts";
import { readPkcs12, type SigningIdentity } from "../src/sign/index.ts";
import { samplePe } from "./pe-sample.ts";
import { checksums, makeTemplate, verifySignature, windowsRuntimes } from "./pe-tools.ts";
import { exportPkcs12, makeIdentity, type SelfMade } from "./sign-identity.ts";
import { openSource, run, temporaryFolder } from "./tools.ts";

const made: Record<string, { files: SelfMade; identity: SigningIdentity }> = {};

beforeAll(async () => {
  for (const type of ["rsa", "ec"] as const) {
    const files = makeIdentity(await mkdtemp(join(tmpdir(), "sbp-identity-")), type);
    made[type] = { files, identity: await readPkcs12(exportPkcs12(files), files.password) };
  }
});
afterAll(async () => {
  for (const { files } of Object.values(made)) await rm(files.folder, { recursive: true, force: true });
});

async function expectSigned(path: string, { authority }: SelfMade): Promise<string> {
  const report = await verifySignature(path, "-CAfile", authority);
  expect(report).toMatch(/^Signature verification: ok$/m);
  expect(report).toMatch(/^Succeeded$/m);
  expect(report).not.toMatch(/mismatch/i);
  const [stored, computed] = await checksums(path);
  expect(stored).toBe(computed);
  return report;
}

test.each(windowsRuntimes.slice(2))("an executable of node $version $target is signed", async ({
  version,
  target,
}) => {
  const { folder, template, templatePath } = await makeTemplate(version, target);
  const { files, identity } = made["rsa"]!;
  const source = await openSource(templatePath);
  const tail = peTail(template, [Buffer.from("payload")], { subsystem: "gui" });
  const options = { description: "An example 例", url: "https://example.com/" };
  const signed = await signPeTail(source, template, tail, identity, options);
  const executable = join(folder, "app.exe");
  await applyEdit(templatePath, executable, peEdit(template, signed));
  const report = await expectSigned(executable, files);
  expect(report).toContain("Text description: An example 例");
  expect(report).toContain("URL description: https://example.com/");

  // The same again, once from the finished file.
  const again = await signPeTail(source, template, tail, identity, options);
  expect(Buffer.compare(Buffer.concat(again.tail), Buffer.concat(signed.tail))).toBe(0);
  const finished = await readPe(await openSource(executable));
  expect(finished.certificates).toEqual([
    { revision: 0x200, type: 2, content: { offset: expect.any(Number), size: expect.any(Number) } },
  ]);
  const edit = await planPeSignature(finished, identity, options);
  const resigned = join(folder, "resigned.exe");
  await applyEdit(executable, resigned, edit);
  expect(Buffer.compare(await readFile(resigned), await readFile(executable))).toBe(0);

  // One byte of the payload's section changed: not the signer's any more.
  const changed = editedSource(finished.source, {
    keep: finished.source.size,
    size: finished.source.size,
    patches: [{ offset: template.size + 40, bytes: Buffer.from("?") }],
  });
  await writeFile(resigned, await changed.read(0, changed.size));
  expect(await verifySignature(resigned, "-CAfile", files.authority)).toMatch(/MISMATCH|failed/);
});

test("a runtime's own signature is replaced, or removed as osslsigncode removes it", async () => {
  const runtime = await testRuntime("22.23.3", "win32-x64");
  const pe = await readPe(await openSource(runtime));
  expect(pe.certificates).toHaveLength(1);
  const digest = Buffer.from(await peDigest(pe))
    .toString("hex")
    .toUpperCase();
  expect(await verifySignature(runtime)).toContain(`Current message digest    : ${digest}`);

  const folder = await temporaryFolder();
  const [signed, unsigned, expected] = ["signed.exe", "unsigned.exe", "expected.exe"].map((name) =>
    join(folder, name),
  );
  await applyEdit(runtime, signed!, await planPeSignature(pe, made["rsa"]!.identity));
  expect(await expectSigned(signed!, made["rsa"]!.files)).toContain(digest);

  const strip = await planPeStrip(pe);
  expect(strip).toMatchObject({ removed: ["signature"], removedBytes: pe.source.size - strip.size });
  await applyEdit(runtime, unsigned!, strip);
  expect(await verifySignature(unsigned!)).toMatch(/No signature found/);
  await run("osslsigncode", ["remove-signature", "-in", runtime, "-out", expected!]);
  expect(Buffer.compare(await readFile(unsigned!), await readFile(expected!))).toBe(0);
});

test.each(["rsa", "ec"])("a file of any size is signed with a key of type %s", async (type) => {
  const { files, identity } = made[type]!;
  const folder = await temporaryFolder();
  for (const extra of [0, 1, 7, 8]) {
    const path = join(folder, "app.exe");
    const bytes = Buffer.concat([samplePe({ directories: { 6: [0, 0] } }), Buffer.alloc(extra, 1)]);
    await writeFile(path, bytes);
    await applyEdit(path, path, await planPeSignature(await readPe(fromBytes(bytes)), identity));
    await expectSigned(path, files);
  }
});
