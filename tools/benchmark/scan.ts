import { execFileSync } from "node:child_process";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32, deflateRawSync } from "node:zlib";
import { alternate, peakMemory, table } from "./measure.ts";

export interface Setting {
  /** An empty folder. */
  readonly dir: string;
  /** The command sbp, as words. */
  readonly sbp: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly rounds: number;
}

const packages = 400;
const records = 5000;

/** A scan of an app with very many packages, beside the start of the command; and what memory it takes. */
export async function scan({ dir, sbp, env, rounds }: Setting): Promise<void> {
  makeApp(dir);
  const run = (words: readonly string[]) =>
    execFileSync(words[0]!, words.slice(1), { cwd: dir, env, stdio: "pipe" });
  run([...sbp, "build", "--target", "linux-x64"]);
  const file = "dist/linux-x64/many";
  const database = join(dir, "all.zip");
  await makeDatabase(database);
  const words = [...sbp, "scan", file, "--db", database, "--fail-on", "never"];
  const fresh = join(dir, "fresh");
  const timings = await alternate(
    [
      { name: "sbp cache ls (the command's start)", cwd: dir, env, run: [...sbp, "cache", "ls"] },
      { name: "sbp scan", cwd: dir, env, run: words },
      { name: "sbp scan --no-secrets", cwd: dir, env, run: [...words, "--no-secrets"] },
      {
        name: "sbp scan, a database never read before",
        cwd: dir,
        env: { ...env, SBP_CACHE_DIR: fresh },
        prepare: () => void execFileSync("rm", ["-rf", fresh]),
        run: words,
      },
    ],
    rounds,
  );
  console.log(
    `A scan: ${packages} packages, ${records} records\n\n${table(timings, "sbp cache ls (the command's start)")}\n`,
  );
  console.log(`peak memory of a scan: ${Math.round(peakMemory(words, { cwd: dir, env }) / 1e6)} MB\n`);
}

function makeApp(dir: string): void {
  const names = Array.from({ length: packages }, (_, index) => `package-${index}`);
  for (const [index, name] of names.entries()) {
    const folder = join(dir, "node_modules", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name, version: `1.${index % 7}.0`, license: "MIT", main: "index.js" }),
    );
    writeFileSync(join(folder, "index.js"), `exports.value = () => ${JSON.stringify(name.repeat(40))};\n`);
  }
  const imports = names.map((name, index) => `import { value as v${index} } from "${name}";`);
  writeFileSync(
    join(dir, "main.ts"),
    `${imports.join("\n")}\nconsole.log(${names.map((_, index) => `v${index}()`).join(" + ")});\n`,
  );
  writeFileSync(join(dir, "package.json"), '{"name":"many","version":"1.0.0","type":"module"}');
  writeFileSync(
    join(dir, "sbp.config.json"),
    JSON.stringify({
      pipeline: [
        { use: "bundle", entry: "main.ts" },
        { use: "cross-target", targets: ["linux-x64"], runtime: "node@26.10.0" },
        { use: "embed-runtime" },
      ],
    }),
  );
}

/** A zip like OSV's, by hand: records of the size that real ones have, one in twelve on a package of the app. */
async function makeDatabase(file: string): Promise<void> {
  const out = createWriteStream(file);
  const directory: Buffer[] = [];
  let offset = 0;
  const entries = Array.from({ length: records }, (_, index) => entry(index));
  await pipeline(function* () {
    for (const { name, packed, size, crc } of entries) {
      const common = Buffer.alloc(26);
      common.writeUInt16LE(20, 0);
      common.writeUInt16LE(8, 4);
      common.writeUInt32LE(crc, 10);
      common.writeUInt32LE(packed.length, 14);
      common.writeUInt32LE(size, 18);
      common.writeUInt16LE(name.length, 22);
      const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, name, packed]);
      const tail = Buffer.alloc(14);
      tail.writeUInt32LE(offset, 10);
      directory.push(
        Buffer.concat([Buffer.from("PK\x01\x02", "latin1"), Buffer.from([20, 0]), common, tail, name]),
      );
      offset += local.length;
      yield local;
    }
    const central = Buffer.concat(directory);
    const end = Buffer.alloc(22);
    end.write("PK\x05\x06", "latin1");
    end.writeUInt16LE(records, 8);
    end.writeUInt16LE(records, 10);
    end.writeUInt32LE(central.length, 12);
    end.writeUInt32LE(offset, 16);
    yield Buffer.concat([central, end]);
  }, out);
}

function entry(index: number) {
  const id = `GHSA-${index.toString(36).padStart(4, "0")}-xxxx-xxxx`;
  const record = {
    schema_version: "1.4.0",
    id,
    modified: "2026-11-01T00:00:00Z",
    aliases: [`CVE-2026-${index}`],
    summary: `Something is wrong in number ${index}`,
    details: "Lorem ipsum dolor sit amet. ".repeat(80),
    affected: [
      {
        package: { ecosystem: "npm", name: index % 12 === 0 ? `package-${index / 12}` : `other-${index}` },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.3.0" }] }],
      },
    ],
    references: Array.from({ length: 8 }, (_, at) => ({
      type: "WEB",
      url: `https://example.com/${index}/${at}`,
    })),
    database_specific: { severity: ["LOW", "MODERATE", "HIGH"][index % 3] },
  };
  const bytes = Buffer.from(JSON.stringify(record));
  return {
    name: Buffer.from(`${id}.json`),
    packed: deflateRawSync(bytes),
    size: bytes.length,
    crc: crc32(bytes),
  };
}
