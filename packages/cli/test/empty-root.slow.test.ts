import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { addBytes, folder, sbp } from "./sbp.ts";

/*
 * The examples as strangers ship them: each is the only file of a root, in all the places that promise as little as possible.
 */

const run = promisify(execFile);
const examples = join(import.meta.dirname, "../../../examples");
const chroot = "/usr/sbin/chroot";
let registry: RegistryProxy;
let service: string;
let tool: string;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  const env = { SBP_CACHE_DIR: await folder(), npm_config_registry: registry.url };
  const built = async (name: string, words: readonly string[]) => {
    const dir = join(examples, name);
    const copy = join(await folder(), name);
    await cp(dir, copy, {
      recursive: true,
      filter: (path) => !/node_modules|dist/.test(path.slice(dir.length)),
    });
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: copy });
    const { code, stderr } = await sbp(["build", ...words], { cwd: copy, env });
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    return join(copy, "dist");
  };
  service = await built("health-service", []);
  tool = join(await built("cli-tool", ["--target", "linux-x64"]), "linux-x64/linecount");
});

afterAll(() => registry.close());

/** Runs a program, `$2…`, in the root `$1`; the shell that makes the place becomes the program. */
type Place = (root: string, command: readonly string[]) => readonly string[];

const inMounts =
  (script: string): Place =>
  (root, command) => [
    ...[
      "/usr/bin/unshare",
      "--mount",
      "/bin/sh",
      "-ec",
      `PATH=/usr/bin:/usr/sbin\nroot=$1; shift\n${script}`,
    ],
    ...["sh", root, ...command],
  ];

const places: Readonly<Record<string, Place>> = {
  "an empty root without /proc": (root, command) => [chroot, root, ...command],
  "a root with /proc": inMounts('mount -t proc proc "$root/proc"; exec chroot "$root" "$@"'),
  "a read-only root, as a nobody": inMounts(
    'mount --bind "$root" "$root"; mount -o remount,bind,ro "$root"; exec chroot --userspec=65532:65532 "$root" "$@"',
  ),
};

async function rootOf(executable: string): Promise<string> {
  const root = await folder();
  await chmod(root, 0o755);
  await copyFile(executable, join(root, "app"));
  await mkdir(join(root, "proc"));
  return root;
}

/** What the service answers, and how it ends. */
async function askService(command: readonly string[]) {
  const child = spawn(command[0]!, command.slice(1), {
    env: { PORT: "0", HOST: "127.0.0.1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
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

async function portOf({ stdout }: ChildProcess): Promise<string | undefined> {
  const [line] = await once(createInterface({ input: stdout! }), "line", {
    signal: AbortSignal.timeout(100_000),
  });
  return /port (\d+)/.exec(line)?.[1];
}

const healthy = { answer: "200 Service is operational", exited: [0, null] };

describe.each(Object.entries(places))("in %s", (_, place) => {
  test("the service answers and ends", async () => {
    const root = await rootOf(join(service, "linux-x64/health"));
    expect(await askService(place(root, ["/app"]))).toEqual(healthy);
  });

  test("the command-line tool counts", async () => {
    const root = await rootOf(tool);
    await addBytes(root, "src/a.ts", Buffer.from("let a;\n\nlet b;\n"));
    const [program, ...words] = place(root, ["/app", "--json", "/src"]);
    expect(JSON.parse((await run(program!, words, { env: {} })).stdout)).toMatchObject([{ files: 1 }]);
  });
});

describe("in a sandbox without a network", () => {
  const sandbox = (root: string) => ["/usr/bin/bwrap", "--unshare-all", "--ro-bind", root, "/", "/app"];

  test("the service listens", async () => {
    const root = await rootOf(join(service, "linux-x64/health"));
    const [program, ...words] = sandbox(root);
    // Its network is its own, so that nobody can ask. It must not outlive the sandbox.
    const child = spawn(program!, ["--die-with-parent", ...words], {
      env: { PORT: "0", HOST: "127.0.0.1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    expect(Number(await portOf(child))).toBeGreaterThan(0);
    child.kill("SIGKILL");
    await exited;
  });

  test("the command-line tool counts", async () => {
    const root = await rootOf(tool);
    await addBytes(root, "src/a.ts", Buffer.from("let a;\n"));
    const [program, ...words] = sandbox(root);
    const { stdout } = await run(program!, [...words, "--json", "/src"], { env: {} });
    expect(JSON.parse(stdout)).toMatchObject([{ files: 1 }]);
  });
});

test("the service for arm64 answers under QEMU in an empty root", async () => {
  const root = await rootOf(join(service, "linux-arm64/health"));
  await copyFile("/usr/bin/qemu-aarch64-static", join(root, "qemu"));
  expect(await askService([chroot, root, "/qemu", "/app"])).toEqual(healthy);
}, 120_000);
