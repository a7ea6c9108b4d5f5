import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alternate, type Subject, table } from "./measure.ts";

export interface Setting {
  /** An empty folder. */
  readonly dir: string;
  /** The command sbp, as words. */
  readonly sbp: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly rounds: number;
}

interface Decision {
  readonly decision: string;
  readonly bytes: number;
}

const plain = `import express from "express";
const app = express();
app.get("/health", (_request, response) => void response.send("Service is operational"));
app.listen(Number(process.env.PORT ?? 8080));
`;

/** The same service, with packages that cannot be bundled: a logger in a thread of its own, and passwords. */
const carrying = `import argon2 from "argon2";
import express from "express";
import pino from "pino";
const log = pino({ transport: { target: "pino-pretty" } });
const app = express();
app.get("/health", async (_request, response) => {
  log.info(await argon2.hash("Service is operational"));
  response.send("Service is operational");
});
app.listen(Number(process.env.PORT ?? 8080));
`;

/** What packages that are carried add to a build after a change of one line, and to the executable. */
export async function carriedPackages({ dir, sbp, env, rounds }: Setting): Promise<void> {
  const app = (name: string, source: string): Subject => {
    const folder = join(dir, name);
    mkdirSync(folder);
    symlinkSync(join(import.meta.dirname, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name, type: "module" }));
    const write = (round: number) =>
      writeFileSync(join(folder, "main.ts"), `${source}console.log(${round});\n`);
    const run = [...sbp, "build", "main.ts"];
    write(-1);
    execFileSync(run[0]!, run.slice(1), { cwd: folder, env, stdio: "ignore" });
    return { name, cwd: folder, env, prepare: write, run };
  };
  const subjects = [app("plain", plain), app("carrying", carrying)];
  console.log(
    `A service with carried packages after a change of one line\n\n${table(await alternate(subjects, rounds), "plain")}\n`,
  );
  const explained = execFileSync(sbp[0]!, [...sbp.slice(1), "explain", "bundle", "--json"], {
    cwd: join(dir, "carrying"),
    env,
    encoding: "utf8",
  });
  const carried = decisionsIn(explained).filter(({ decision }) => decision === "carried");
  const bytes = carried.reduce((sum, one) => sum + one.bytes, 0);
  const [without, with_] = ["plain", "carrying"].map(
    (name) => statSync(join(dir, name, "dist/linux-x64", name)).size,
  ) as [number, number];
  console.log(
    `${carried.length} carried, ${bytes} bytes; executables of ${without} and ${with_} bytes: ${with_ - without} more\n`,
  );
}

function decisionsIn(json: string): readonly Decision[] {
  const { explanations } = JSON.parse(json.trim().split("\n").at(-1)!);
  return explanations[0].decisions;
}
