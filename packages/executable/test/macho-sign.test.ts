import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  applyEdit,
  fromBytes,
  type MachoTemplatePlan,
  planMachoTemplate,
  readMacho,
  readPkcs12,
  type SigningIdentity,
  v8Entitlements,
} from "../src/index.ts";
import { entitlementsDer, entitlementsXml } from "../src/macho/entitlements.ts";
import { hashPages } from "../src/macho/page-hash.ts";
import { sampleMacho } from "./macho-sample.ts";
import {
  checkMacho,
  goProgram,
  makeExecutable,
  makeTemplate,
  place,
  sharedFolder,
  testRuntime,
} from "./macho-tools.ts";
import { exportPkcs12, makeIdentity, type SelfMade } from "./sign-identity.ts";
import { run } from "./tools.ts";

const { folder, remove } = sharedFolder();
afterAll(remove);
const payload = Buffer.alloc(100_000, "payload ");
const templatePath = join(folder, "template");
const path = join(folder, "app");
let plan: MachoTemplatePlan;
beforeAll(async () => {
  plan = await makeTemplate(await testRuntime("26.10.0", "darwin-arm64"), templatePath);
});

describe("an ad hoc signature", () => {
  test("carries the runtime's entitlements in both forms", async () => {
    await makeExecutable(plan, templatePath, path, [payload]);
    const { signature } = await checkMacho(path);
    expect(signature.blobs).toEqual([0, 2, 5, 7, 0x10000]);
    expect(signature.entitlements).toMatchObject(v8Entitlements);
  });

  test("can ask for the hardened runtime, of the SDK's version", async () => {
    await makeExecutable(plan, templatePath, path, [payload], { hardenedRuntime: true });
    const { signature } = await checkMacho(path);
    expect(signature).toMatchObject({ flags: 0x10002, version: 0x20500, runtime: 0xf0500 });
  });

  test("takes other entitlements, or none", async () => {
    const entitlements = { ...v8Entitlements, "com.example.<list>": ["a & b", "c"], "com.example.name": "x" };
    await makeExecutable(plan, templatePath, path, [payload], { entitlements });
    expect((await checkMacho(path)).signature.entitlements).toEqual(entitlements);
    await makeExecutable(plan, templatePath, path, [payload], { entitlements: {} });
    expect((await checkMacho(path)).signature).toMatchObject({ entitlements: null, blobs: [0, 2, 0x10000] });
  });

  test("has DER entitlements as Apple's tools write them", async () => {
    const names = [
      ...["com.apple.security.cs.allow-jit", "com.apple.security.cs.allow-unsigned-executable-memory"],
      ...["com.apple.security.cs.disable-executable-page-protection"],
      ...["com.apple.security.cs.allow-dyld-environment-variables"],
      ...["com.apple.security.cs.disable-library-validation", "com.apple.security.get-task-allow"],
    ];
    const apples = Buffer.from(plan.template.entitlements!.der, "base64").subarray(8);
    const ours = entitlementsDer(Object.fromEntries(names.map((name) => [name, true])));
    expect(Buffer.from(ours).equals(apples)).toBe(true);
    expect(entitlementsXml({ a: false }).toString()).toContain("<key>a</key>\n\t<false/>");
  });
});

describe("hashes pages as other programs do", () => {
  /** The hashes in a file's code directory, and how much of the file they cover. */
  const directory = (file: Buffer) => {
    const command = file.indexOf(Buffer.from("1d00000010000000", "hex"));
    const start = file.readUInt32LE(command + 8);
    const blob = start + file.readUInt32BE(start + 16);
    const [hashes, count, limit] = [16, 28, 32].map((at) => file.readUInt32BE(blob + at));
    const at = blob + hashes!;
    return { limit: limit!, hashes: file.subarray(at, at + 32 * count!) };
  };

  test("Go's linker", async () => {
    const program = join(folder, "go");
    await goProgram("arm64", program);
    const file = await readFile(program);
    const { limit, hashes } = directory(file);
    expect(Buffer.compare(await hashPages(fromBytes(file), limit), hashes)).toBe(0);
    // The checker accepts Go's signature too.
    const { signature } = await checkMacho(program, "--signature-only");
    expect(signature).toMatchObject({ adHoc: true, flags: 0x20002 });
  });

  test("llvm-objcopy, on our executable", async () => {
    await makeExecutable(plan, templatePath, path, [payload]);
    const copy = join(folder, "copy");
    await run("llvm-objcopy-19", [path, copy]);
    const { signature } = await checkMacho(copy);
    expect(signature.flags).toBe(0x20002);
    const [ours, theirs] = [await readFile(path), await readFile(copy)];
    const [our, their] = [directory(ours), directory(theirs)];
    let same = 0;
    for (let page = 0; page < Math.min(our.hashes.length, their.hashes.length) / 32; page++) {
      const at = [page * 4096, (page + 1) * 4096] as const;
      if (!ours.subarray(...at).equals(theirs.subarray(...at))) continue;
      const hash = [page * 32, (page + 1) * 32] as const;
      expect(our.hashes.subarray(...hash).equals(their.hashes.subarray(...hash))).toBe(true);
      same++;
    }
    // All but the header and some of __LINKEDIT.
    expect(same).toBeGreaterThan(plan.template.size / 4096 - 2);
  });
});

describe("a signature with a certificate", () => {
  let made: SelfMade;
  let identity: SigningIdentity;
  let plan: MachoTemplatePlan;
  const templatePath = join(folder, "small");
  beforeAll(async () => {
    const { bytes } = sampleMacho();
    plan = await planMachoTemplate(await readMacho(fromBytes(bytes)), place);
    await writeFile(join(folder, "sample"), bytes);
    await applyEdit(join(folder, "sample"), templatePath, plan.edit);
    made = makeIdentity(folder);
    identity = await readPkcs12(exportPkcs12(made), made.password);
  });

  test("is verified by openssl, with Apple's attributes and the hardened runtime", async () => {
    await makeExecutable(plan, templatePath, path, [payload], { signing: { identity } });
    const { signature } = await checkMacho(path, "--authority", made.authority);
    expect(signature).toMatchObject({ adHoc: false, flags: 0x10000, runtime: 0xf0500, team: null });
  });

  test("covers the whole file", async () => {
    const file = await readFile(path);
    file[plan.template.size + 50_000]! ^= 1;
    await mkdir(join(folder, "damaged"));
    const damaged = join(folder, "damaged", "app");
    await writeFile(damaged, file);
    await expect(checkMacho(damaged)).rejects.toThrow(/1 of \d+ pages have another hash/);
  });

  test("is the same each time, and has a time only when given one", async () => {
    const again = join(folder, "again");
    await makeExecutable(plan, templatePath, path, [payload], { signing: { identity } });
    await makeExecutable(plan, templatePath, again, [payload], { signing: { identity } });
    expect((await readFile(path)).equals(await readFile(again))).toBe(true);
    const signedAt = new Date(Date.UTC(2026, 10, 23, 1, 2, 3));
    await makeExecutable(plan, templatePath, again, [payload], { signing: { identity, signedAt } });
    await checkMacho(again, "--authority", made.authority);
    expect((await readFile(again)).includes("261123010203Z")).toBe(true);
    expect((await readFile(path)).includes("261123010203Z")).toBe(false);
  });

  test("with an EC key", async () => {
    await mkdir(join(folder, "ec"));
    const other = makeIdentity(join(folder, "ec"), "ec");
    const signing = { identity: await readPkcs12(exportPkcs12(other), other.password) };
    await makeExecutable(plan, templatePath, path, [payload], { signing, hardenedRuntime: false });
    const { signature } = await checkMacho(path, "--authority", other.authority);
    expect(signature).toMatchObject({ adHoc: false, flags: 0 });
  });

  test("names the team of a certificate that is marked as Apple's are", async () => {
    const marked = join(folder, "marked");
    await mkdir(marked);
    const openssl = (...options: string[]) =>
      execFileSync("openssl", options, { cwd: marked, stdio: "pipe" });
    openssl(
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem"],
      ...["-subj", "/CN=Developer ID Application: Example/OU=ABCDE12345", "-days", "3650"],
      ...["-addext", "1.2.840.113635.100.6.1.13=critical,DER:0500"],
    );
    openssl(
      ...[
        "pkcs12",
        "-export",
        "-inkey",
        "key.pem",
        "-in",
        "certificate.pem",
        "-out",
        "p12",
        "-passout",
        "pass:x",
      ],
    );
    const signing = { identity: await readPkcs12(readFileSync(join(marked, "p12")), "x") };
    await makeExecutable(plan, templatePath, path, [payload], { signing });
    expect((await checkMacho(path)).signature.team).toBe("ABCDE12345");
  });
});
