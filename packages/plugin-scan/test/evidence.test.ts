import { expect, test } from "vitest";
import { openDatabase } from "../src/database/open.ts";
import { findVulnerabilities } from "../src/find.ts";
import { withLockFile } from "../src/scan.ts";
import { advisoriesFolder } from "./advisories.ts";
import { bundled, inventory, shop } from "./inventories.ts";

const database = await openDatabase(advisoriesFolder, undefined);
const find = (of: ReturnType<typeof shop>, today = "2026-06-01") =>
  findVulnerabilities(of, database, today).findings;
const levelsOf = (of: ReturnType<typeof shop>, name: string) =>
  Object.fromEntries(
    find(of)
      .filter(({ component }) => component.name === name)
      .map(({ id, level }) => [id, level]),
  );

test("one function of lodash: the fault that it has, and not the others", () => {
  expect(levelsOf(inventory([bundled("lodash", "4.17.15", ["_baseSet.js", "pick.js"])]), "lodash")).toEqual({
    "GHSA-p6mc-m468-83gw": "code",
    "GHSA-35jh-r3h4-6jhm": "removed",
    "GHSA-29mw-wpgm-hmr9": "removed",
  });
});

test("all of lodash: all of its faults", () => {
  const all = levelsOf(inventory([bundled("lodash", "4.17.15", ["lodash.js"])]), "lodash");
  expect(Object.values(all)).toEqual(["code", "code", "code"]);
});

test("older versions have other files: nothing is taken for absent", () => {
  const old = levelsOf(inventory([bundled("lodash", "3.10.1", ["object/merge.js"])]), "lodash");
  expect(old["GHSA-p6mc-m468-83gw"]).toBe("undetermined");
});

test("without the files' names, what is in cannot be told", () => {
  const { files: _, ...unnamed } = bundled("lodash", "4.17.15", ["pick.js"]);
  expect(levelsOf(inventory([unnamed]), "lodash")["GHSA-35jh-r3h4-6jhm"]).toBe("undetermined");
});

test("functions that the advisory names: gone as exports, there as files, or not to be told", () => {
  const tar = (files: string[], removedExports = {}) =>
    levelsOf(inventory([bundled("tar", "6.1.0", files, { removedExports })]), "tar")["GHSA-r628-mhmh-qjhw"];
  expect(tar(["lib/unpack.js"])).toBe("undetermined");
  expect(tar(["lib/Unpack.js"])).toBe("code");
  expect(tar(["index.js"], { "index.js": ["Unpack"] })).toBe("removed");
  expect(tar(["index.js", "other.js"], { "index.js": ["Unpack"] })).toBe("undetermined");
  const wrap = levelsOf(inventory([bundled("word-wrap", "1.2.3", ["index.js"])]), "word-wrap");
  expect(wrap["GHSA-j8xg-fqg3-53r7"]).toBe("code");
});

test("an advisory that names nothing is on the package", () => {
  expect(
    levelsOf(inventory([bundled("minimist", "1.2.5", ["index.js"])]), "minimist")["GHSA-xvch-5gv4-984h"],
  ).toBe("package");
});

test("malware is critical wherever it is", () => {
  const [found] = find(inventory([bundled("debug", "4.4.2", ["src/index.js"])])).filter(
    ({ malicious }) => malicious,
  );
  expect(found).toMatchObject({ id: "MAL-2025-46974", severity: "critical", level: "package" });
});

test("what nothing that the entry imports depends on is unreachable", () => {
  const packages = [bundled("minimist", "1.2.5", ["index.js"]), bundled("express", "4.17.1", ["index.js"])];
  const app = { name: "a", version: "1.0.0", dependencies: [1] };
  expect(levelsOf(inventory(packages, { app }), "minimist")["GHSA-xvch-5gv4-984h"]).toBe("unreachable");
});

test("a package that the bundler left out, and one that only the lock file has, are not there", () => {
  const locked = { kind: "npm", name: "semver", version: "7.0.0", place: "lockfile", dev: true } as const;
  const all = withLockFile(shop(), { components: [locked] });
  expect(levelsOf(all, "minimist")["GHSA-xvch-5gv4-984h"]).toBe("removed");
  expect(levelsOf(all, "semver")["GHSA-c2qf-rxjj-qqgw"]).toBe("lockfile");
});

test("Node.js by its own index, its end by the day, and its parts that are packages", () => {
  const of = (version: string, target = "linux-x64") =>
    inventory([], { target, runtime: { name: "node", version, parts: { undici: "5.28.3" } } });
  const ids = (version: string, today?: string, target?: string) =>
    findVulnerabilities(of(version, target), database, today).findings.map(({ id }) => id);
  expect(ids("22.22.1")).toContain("CVE-2026-21717");
  expect(ids("22.22.2")).not.toContain("CVE-2026-21717");
  expect(ids("20.20.2", "2026-04-30")).not.toContain("NODE-END-OF-LIFE-20");
  expect(ids("20.20.2", "2026-05-01")).toContain("NODE-END-OF-LIFE-20");
  expect(ids("20.20.2", undefined)).not.toContain("NODE-END-OF-LIFE-20");
  expect(ids("26.10.0")).toEqual(["GHSA-m4v8-wqvr-p9f7"]);
  const windowsOnly = ids("18.0.0", undefined, "win32-x64").filter((id) => !ids("18.0.0").includes(id));
  expect(windowsOnly.length).toBeGreaterThan(0);
});

test("the command that mends it: of what the app imports, of what others need, of the runtime", () => {
  const commands = new Map(find(shop()).map(({ id, command }) => [id, command]));
  expect(commands.get("GHSA-qw6h-vgh9-j6wx")).toBe("npm install express@4.20.0");
  expect(commands.get("GHSA-hrpp-h998-j3pp")).toBe("npm update qs");
  const through = new Map(find(shop()).map(({ id, via }) => [id, via]));
  expect([through.get("GHSA-hrpp-h998-j3pp"), through.get("GHSA-qw6h-vgh9-j6wx")]).toEqual([
    "express",
    undefined,
  ]);
  expect(commands.get("CVE-2026-21717")).toBe("sbp rebase dist/linux-x64/shop --runtime node@22.22.2");
});

test("several records of the same fault are one finding, with the worst that is said of it", () => {
  const twice = {
    ...database,
    advisoriesOf: (name: string) =>
      database
        .advisoriesOf(name)
        .flatMap((advisory) => [
          advisory,
          { ...advisory, id: "CVE-2020-8203", aliases: [], severity: "critical" as const },
        ])
        .filter(({ id, aliases }) => [id, ...aliases].includes("CVE-2020-8203")),
  };
  const { findings } = findVulnerabilities(
    inventory([bundled("lodash", "4.17.15", ["lodash.js"])]),
    twice,
    undefined,
  );
  const own = findings.filter(({ component }) => component.name === "lodash");
  expect(own).toHaveLength(1);
  expect(own[0]).toMatchObject({
    id: "CVE-2020-8203",
    aliases: ["GHSA-p6mc-m468-83gw"],
    severity: "critical",
  });
});

test("what cannot be judged is said", () => {
  const { undetermined } = findVulnerabilities(shop(), database, undefined);
  expect(undetermined.join(" ")).toMatch(/1 libraries \(debian-12\).*2 parts of Node/);
  expect(findVulnerabilities(shop(), undefined, undefined).undetermined.join(" ")).toMatch(
    "nothing was looked up",
  );
});
