import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../oci/test/tools.ts";
import { ownCertificates, runtimeCertificates } from "../src/certificates.ts";

test("the certificates in Node's executable are those that it trusts", async () => {
  expect((await runtimeCertificates(process.execPath)).sort()).toEqual([...rootCertificates].sort());
});

test("they are found wherever the file is cut while it is read", async () => {
  const folder = await temporaryFolder();
  const [one, other] = rootCertificates;
  const block = 4 << 20;
  for (const before of [block - 10, block - one!.length + 3, block - one!.length - 40]) {
    await writeFile(
      join(folder, "file"),
      `${"x".repeat(before)}${one}\0-----BEGIN CERTIFICATE-----${other}\n${one}`,
    );
    expect(await runtimeCertificates(join(folder, "file"))).toEqual([one, other]);
  }
});

test("own files must hold certificates", async () => {
  const projectDir = await temporaryFolder();
  await writeFile(
    join(projectDir, "good.pem"),
    `# ours\r\n${rootCertificates[0]!.replaceAll("\n", "\r\n")}\r\n`,
  );
  await writeFile(join(projectDir, "text.pem"), "hello\n");
  await writeFile(
    join(projectDir, "damaged.pem"),
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  );
  const context = { projectDir, dependOn: () => {} };
  expect(await ownCertificates(["good.pem"], context)).toEqual([rootCertificates[0]]);
  for (const file of ["text.pem", "damaged.pem", "missing.pem"])
    await expect(ownCertificates([file], context)).rejects.toMatchObject({ code: "SBP_IMAGE_CERTIFICATE" });
});
