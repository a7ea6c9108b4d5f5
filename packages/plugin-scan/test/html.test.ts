import { expect, test } from "vitest";
import { formatted } from "../src/outputs.ts";
import { shop } from "./inventories.ts";
import { scan } from "./scanned.ts";

const page = async (of = shop()) => (await formatted(scan(of), "html"))!;

test("the page tells the verdict, every finding, what to do, and what was accepted", async () => {
  const text = await page();
  expect(text).toMatch(/<p class="verdict bad">Refused: \d+ that the policy does not accept<\/p>/);
  for (const { id, ignored, component } of scan().findings) {
    expect(text).toContain(id);
    if (!ignored) expect(text).toContain(`${component.name} ${component.version}`);
  }
  expect(text).toContain("<code>npm install ");
  expect(text).toContain("secret/npm");
  expect(text).toContain("keys are ours: &#34;a&#34;, &#60;b&#62;");
});

test("is the same for the same scan, and asks nobody for anything", async () => {
  const text = await page();
  expect(await page()).toBe(text);
  expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(text).not.toMatch(/<script|<img|<link|src=|@import|url\(/);
});

test("names from elsewhere are text", async () => {
  const hostile = '</title><script>alert(1)</script>"\u202e\u0000';
  const of = shop();
  const text = await page({ ...of, subject: { ...of.subject, name: hostile, path: hostile } });
  expect(text).not.toContain("<script");
  expect(text).not.toContain("\u202e");
  expect(text).toContain("&#60;script&#62;alert(1)&#60;/script&#62;&#34;\ufffd\ufffd");
});
