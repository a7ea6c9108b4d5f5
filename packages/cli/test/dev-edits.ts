import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { appProject, DevRig, freePort } from "./dev-rig.ts";

/** What the running app has to answer: the value of each module, and the word of the config. */
interface State {
  readonly modules: Map<string, number>;
  config: string;
}

const main = `import { createServer } from "node:http";
import * as modules from "./index.ts";
declare const CONFIG: string;
const server = createServer((_, response) => response.end(JSON.stringify({ ...modules, config: CONFIG })));
server.listen(Number(process.env["PORT"]), "127.0.0.1");
process.on("SIGTERM", () => process.exit());
`;

/** Numbers that look random and are the same each time (Park and Miller, "Random number generators: good ones are hard to find", 1988). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

const moduleText = (value: number) => `export const value: number = ${value};\n`;
const indexText = ({ modules }: State) =>
  [...modules.keys()].map((name) => `export { value as ${name} } from "./${name}.ts";\n`).join("") ||
  "export {};\n";
const configText = (word: string) =>
  JSON.stringify({
    pipeline: [{ use: "bundle", entry: "src/main.ts", define: { CONFIG: JSON.stringify(word) } }],
  });

/**
 * Edits a project in all ways that people and programs do, and checks after each that the app says what the files say;
 * at the end, that nothing has leaked. Returns the resident set of sbp in MB along the way.
 */
export async function randomEdits(edits: number, seed: number): Promise<readonly number[]> {
  const pick = random(seed);
  const state: State = {
    modules: new Map([
      ["sentinel", 0],
      ["m1", 1],
      ["m2", 2],
    ]),
    config: "plain",
  };
  const port = await freePort();
  const dir = await appProject(main, {
    ".gitignore": "dist\n",
    "sbp.config.json": configText(state.config),
    "src/index.ts": indexText(state),
    ...Object.fromEntries([...state.modules].map(([name, value]) => [`src/${name}.ts`, moduleText(value)])),
  });
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...words], {
      cwd: dir,
      stdio: "ignore",
    });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "start");
  const branches = new Map<string, State>([["start", copy(state)]]);
  git("branch", "-m", "start");

  const dev = new DevRig(dir, [], { PORT: `${port}` });
  const memory: number[] = [];
  let count = 0;
  const file = (name: string) => join(dir, `src/${name}.ts`);
  const write = (name: string, text: string) => writeFile(join(dir, name), text);
  const writeIndex = () => write("src/index.ts", indexText(state));
  const others = () => [...state.modules.keys()].filter((name) => name !== "sentinel");

  const kinds: Readonly<Record<string, () => Promise<unknown>>> = {
    async change() {
      const name = others()[pick(others().length)]!;
      state.modules.set(name, ++count);
      await writeFile(file(name), moduleText(count));
    },
    async create() {
      const name = `n${++count}`;
      state.modules.set(name, count);
      // The import comes first as often as the file.
      const steps = [writeIndex, () => writeFile(file(name), moduleText(state.modules.get(name)!))];
      for (const step of pick(2) ? steps : steps.reverse()) await step();
    },
    async delete() {
      if (others().length < 3) return;
      const name = others()[pick(others().length)]!;
      state.modules.delete(name);
      await rm(file(name));
      await writeIndex();
    },
    async rename() {
      const name = others()[pick(others().length)]!;
      const renamed = `r${++count}`;
      const value = state.modules.get(name)!;
      state.modules.delete(name);
      state.modules.set(renamed, value);
      await rename(file(name), file(renamed));
      await writeIndex();
    },
    async "atomic save"() {
      const name = others()[pick(others().length)]!;
      state.modules.set(name, ++count);
      await writeFile(`${file(name)}.tmp`, moduleText(count));
      await rename(`${file(name)}.tmp`, file(name));
    },
    async touch() {
      const name = others()[pick(others().length)]!;
      if (pick(2)) await utimes(file(name), new Date(), new Date());
      else await writeFile(file(name), readFileSync(file(name)));
    },
    async "mistake and cure"() {
      await write("src/index.ts", "export const = ;\n");
      await writeIndex();
    },
    async checkout() {
      const names = [...branches.keys()];
      git("add", "-A");
      git("commit", "-qm", `${count}`, "--allow-empty");
      const current = execFileSync("git", ["branch", "--show-current"], {
        cwd: dir,
        encoding: "utf8",
      }).trim();
      branches.set(current, copy(state));
      if (names.length < 4) {
        git("checkout", "-qb", `b${++count}`);
        return;
      }
      const chosen = names[pick(names.length)]!;
      git("checkout", "-q", chosen);
      const then = copy(branches.get(chosen)!);
      state.modules.clear();
      for (const [name, value] of then.modules) state.modules.set(name, value);
      state.config = then.config;
    },
    async "config edit"() {
      state.config = `word${++count}`;
      await write("sbp.config.json", configText(state.config));
    },
  };

  try {
    await answers(port, state, dev);
    await dev.next("watching");
    let before = openThings(dev.child.pid!);
    for (let edit = 0; edit < edits; edit++) {
      const names = Object.keys(kinds);
      const kind = names[pick(names.length)]!;
      const eventsBefore = dev.events.length;
      await kinds[kind]!();
      // Whatever was begun before is over when this one is answered.
      state.modules.set("sentinel", ++count);
      await writeFile(file("sentinel"), moduleText(count));
      await answers(port, state, dev, kind);
      if (kind === "touch") {
        const changed = dev.events.slice(eventsBefore).filter(({ type }) => type === "change-detected");
        expect(
          changed.flatMap(({ files }) => files as string[]).filter((name) => name !== "src/sentinel.ts"),
        ).toEqual([]);
      }
      // What is asked again afterwards is the same: no older build has come late.
      await dev.until(() => dev.events.at(-1)?.type !== "change-detected", "rest");
      if (edit === Math.min(20, edits >> 1)) before = openThings(dev.child.pid!);
      if (edit % Math.max(1, Math.floor(edits / 10)) === 0) memory.push(residentMegabytes(dev.child.pid!));
    }
    await answers(port, state, dev);
    const after = openThings(dev.child.pid!);
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 6);
    expect(after.watches).toBeLessThanOrEqual(before.watches + 6);
    memory.push(residentMegabytes(dev.child.pid!));
  } finally {
    await dev.stop();
  }
  expect(processesIn(dir)).toEqual([]);
  return memory;
}

function copy({ modules, config }: State): State {
  return { modules: new Map(modules), config };
}

/** Asks the app until it says what the files say. Throws after a while. */
async function answers(port: number, { modules, config }: State, dev: DevRig, kind = "start"): Promise<void> {
  const expected = JSON.stringify(sorted({ ...Object.fromEntries(modules), config }));
  const end = performance.now() + 20_000;
  let answer = "";
  while (performance.now() < end) {
    answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } })
      .then((response) => response.text())
      .catch(() => "");
    if (answer !== "" && JSON.stringify(sorted(JSON.parse(answer))) === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  const events = dev.events.slice(-30).map((event) => JSON.stringify(event).slice(0, 200));
  throw new Error(
    `after ${kind} the app says\n${answer}\nand the files\n${expected}\n${events.join("\n")}\n${dev.stderr}`,
  );
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Descriptors of a process, and what it watches. */
function openThings(pid: number): { descriptors: number; watches: number } {
  const names = readdirSync(`/proc/${pid}/fd`);
  const isInotify = (name: string) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`) === "anon_inode:inotify";
    } catch {
      return false;
    }
  };
  const watches = names
    .filter(isInotify)
    .reduce(
      (sum, name) => sum + readFileSync(`/proc/${pid}/fdinfo/${name}`, "utf8").split("inotify wd").length - 1,
      0,
    );
  return { descriptors: names.length, watches };
}

function residentMegabytes(pid: number): number {
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1000);
}

/** The command lines of processes that run something of this folder. */
function processesIn(dir: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
      return line.includes(dir) ? [line.replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
}
