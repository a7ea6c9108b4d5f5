import { openDatabase } from "../src/database/open.ts";
import type { ScanResult } from "../src/result.ts";
import { conclude } from "../src/scan.ts";
import { advisoriesFolder } from "./advisories.ts";
import { shop } from "./inventories.ts";

const database = await openDatabase(advisoriesFolder, undefined);
const check = {
  rule: "hardening/no-signature",
  severity: "low",
  message: "it has none",
  place: undefined,
  hint: "Sign it.",
} as const;
const secret = {
  rule: "secret/npm",
  severity: "high",
  message: "npm token: npm_… (40 characters)",
  place: "main.js:1:2",
  hint: "Revoke it.",
} as const;
/** A scan of an app by the real records, with an entry that accepts, and checks. */
export const scan = (of = shop()): ScanResult =>
  conclude({
    inventory: of,
    checks: [check, secret],
    database,
    policy: {
      failOn: "high",
      ignore: [{ id: "CVE-2020-8203", reason: 'keys are ours: "a", <b>', expires: "2030-01-01" }],
    },
    at: "2026-06-01T12:00:00.123Z",
  });
