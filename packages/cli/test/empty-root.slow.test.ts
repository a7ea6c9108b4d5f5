import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, cp, mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPackages } from "../../../compatibility/install-packages.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { boot, kernels, kernelsWithNetwork } from "../../plugin-embed-runtime/test/kernel.ts";
import {
  arm64Namespace,
  emptyPlaces,
  type Place,
  sandbox,
  scratchContainers,
} from "../../plugin-embed-runtime/test/places.ts";
import { addBytes, folder, sbp, sharedCache } from "./sbp.ts";

/*
 * The examples as strangers ship them: each is the only file of a root, in all the places that promise as little as possible, and the only
 * one of a machine.
 */

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../../..");
const compatibility = join(repository, "compatibility");
let registry: RegistryProxy;
let service: string;
let tool: string;
let pictures: string;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  const env = { SBP_CACHE_DIR: sharedCache, npm_config_registry: registry.url };
  const build = async (app: string) => {
    const { code, stderr } = await sbp(["build"], { cwd: app, env });
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    return join(app, "dist");
  };
  const example = async (name: string) => {
    const dir = join(repository, "examples", name);
    const copy = join(await folder(), name);
    await cp(dir, copy, {
      recursive: true,
      filter: (path) => !/node_modules|dist/.test(path.slice(dir.length)),
    });
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: copy });
    return build(copy);
  };
  service = await example("health-service");
  tool = await example("cli-tool");

  // The one with addons: its packages are those of the other apps that are tested for compatibility.
  const app = await folder({ "sbp.config.json": JSON.stringify({ pipeline: withAddons }) });
  await cp(join(compatibility, "apps/sharp"), app, { recursive: true });
  await installPackages();
  await symlink(join(compatibility, "node_modules"), join(app, "node_modules"));
  await copyFile(join(compatibility, "package-lock.json"), join(app, "package-lock.json"));
  pictures = await build(app);
});

afterAll(() => registry.close());

const withAddons = [
  { use: "bundle" },
  { use: "cross-target", targets: ["linux-x64", "linux-arm64"], runtime: "node@26.10.0" },
  { use: "strip" },
  { use: "embed-runtime" },
];

async function rootOf(executable: string): Promise<string> {
  const root = await folder();
  await chmod(root, 0o755);
  await copyFile(executable, join(root, "app"));
  await mkdir(join(root, "proc"));
  return root;
}

function start(command: readonly string[]): ChildProcess {
  return spawn(command[0]!, command.slice(1), {
    env: { PORT: "0", HOST: "127.0.0.1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What the service answers, and how it ends. */
async function askService(command: readonly string[]) {
  const child = start(command);
  try {
    const port = await portOf(child);
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    const answer = `${response.status} ${await response.text()}`;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    return { answer, exited: await exited };
  } finally {
    child.kill("SIGKILL");
  }
}

async function portOf(child: ChildProcess): Promise<string | undefined> {
  const lines = createInterface({ input: child.stdout! });
  const [line] = await Promise.race([once(lines, "line"), once(child, "exit")]);
  return /port (\d+)/.exec(line)?.[1];
}

/** The process that another has started, which bubblewrap's own never joins. */
async function childOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim();
}

async function countLines(place: Place, root: string): Promise<unknown> {
  await addBytes(root, "src/a.ts", Buffer.from("let a;\n\nlet b;\n"));
  const [program, ...words] = place(root, ["/app", "--json", "/src"]);
  return JSON.parse((await run(program!, words, { env: {} })).stdout);
}

const healthy = { answer: "200 Service is operational", exited: [0, null] };
const counted = [{ files: 1 }];
const minutes = 60_000;

describe.each(["linux-x64", "linux-arm64"] as const)("an example for %s", (target) => {
  // Programs for arm64 start under QEMU there. Containers start their programs by themselves, so they have it in their roots.
  let started: (place: Place) => Place = (place) => place;
  let contained = started;
  beforeAll(async () => {
    if (target === "linux-x64") return;
    contained = (place) => (root, command) => place(root, ["/qemu", ...command]);
    const namespace = await arm64Namespace();
    started = namespace.started;
    return namespace.close;
  });

  test.each(Object.entries(emptyPlaces))(
    "runs in %s",
    async (_, place) => {
      const root = await rootOf(join(service, target, "health"));
      expect(await askService(started(place)(root, ["/app"]))).toEqual(healthy);
      expect(await countLines(started(place), await rootOf(join(tool, target, "linecount")))).toMatchObject(
        counted,
      );
    },
    3 * minutes,
  );

  test(
    "loads the addon of sharp and its library where nothing can be written",
    async () => {
      const place = started(emptyPlaces["a read-only root, as a nobody"]!);
      const [program, ...words] = place(await rootOf(join(pictures, target, "sharp")), ["/app"]);
      const { stdout } = await run(program!, words, { env: {} });
      expect(stdout).toBe("5 10 3 255,0,0\npng webp\n0,0,255,255 string\n");
    },
    3 * minutes,
  );

  test(
    "runs in a sandbox without a network",
    async () => {
      const root = await rootOf(join(service, target, "health"));
      const child = start(started(sandbox)(root, ["/app"]));
      const exited = once(child, "exit");
      try {
        const port = await portOf(child);
        // Its network is its own: what asks has to be there, too.
        const inside = ["--net", `--target=${await childOf(child.pid!)}`];
        const asking = ["/usr/bin/curl", "--silent", "--write-out", " %{http_code}"];
        const words = [...inside, ...asking, `http://127.0.0.1:${port}/health`];
        expect((await run("/usr/bin/nsenter", words)).stdout).toBe("Service is operational 200");
      } finally {
        child.kill("SIGKILL");
        await exited;
      }
      expect(await countLines(started(sandbox), await rootOf(join(tool, target, "linecount")))).toMatchObject(
        counted,
      );
    },
    3 * minutes,
  );

  test(
    "is all that a machine needs to print something",
    async () => {
      const counted = join(await folder({ "a.ts": "let a;\n\nlet b;\n" }), "a.ts");
      const printed = await boot(target, kernels[target].usual, join(tool, target, "linecount"), {
        others: { "src/a.ts": counted },
        args: ["--sort", "files", "/src"],
      });
      expect(printed).toMatch(/^TypeScript +1 +3 +1\r?$/m);
      // Linux panics when its first process ends, here with 0, and the machine is off.
      expect(printed).toMatch(/Attempted to kill init! exitcode=0x00000000/);
    },
    10 * minutes,
  );

  test(
    "is all that a machine needs to be a server",
    async () => {
      const asked: string[] = [];
      const printed = await boot(target, kernelsWithNetwork[target], join(service, target, "health"), {
        async visit(machine) {
          await machine.printed("Listening on port 8080");
          const response = await fetch(`http://127.0.0.1:${await machine.port()}/health`);
          asked.push(`${response.status} ${await response.text()}`);
          await machine.press("ctrl", "alt", "delete");
        },
      });
      expect(asked).toEqual([healthy.answer]);
      expect(printed).toMatch(/Attempted to kill init! exitcode=0x00000000/);
    },
    20 * minutes,
  );

  test(
    "starts as a server on a kernel of Debian's, too, whose network nobody sets up",
    async () => {
      // For arm64 it has no driver of a keyboard in itself.
      const hasKeyboard = target === "linux-x64";
      const printed = await boot(target, kernels[target].usual, join(service, target, "health"), {
        async visit(machine) {
          await machine.printed("Listening on port 8080");
          await (hasKeyboard ? machine.press("ctrl", "alt", "delete") : machine.stop());
        },
      });
      expect(printed.includes("Attempted to kill init! exitcode=0x00000000")).toBe(hasKeyboard);
    },
    10 * minutes,
  );

  describe.each(["runc", "crun"] as const)("in containers of %s", (runtime) => {
    const container = scratchContainers(runtime);
    test(
      "runs without any rights",
      async () => {
        const withEmulator = async (name: string) => {
          const root = await rootOf(name);
          if (target === "linux-arm64") await copyFile("/usr/bin/qemu-aarch64-static", join(root, "qemu"));
          return root;
        };
        const root = await withEmulator(join(service, target, "health"));
        expect(await askService(contained(container)(root, ["/app"]))).toEqual(healthy);
        expect(
          await countLines(contained(container), await withEmulator(join(tool, target, "linecount"))),
        ).toMatchObject(counted);
      },
      3 * minutes,
    );
  });
});
