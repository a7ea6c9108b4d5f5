import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { rootCertificates } from "node:tls";
import { promisify } from "node:util";
import { folder } from "./sbp.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../../..");

/** A copy of the example service, with a step scratch-image behind its pipeline, steps after it, and options for its step strip. */
export async function copyService(
  options: object,
  {
    files = {},
    strip = {},
    after = [],
  }: {
    readonly files?: Readonly<Record<string, string>>;
    readonly strip?: object;
    readonly after?: readonly string[];
  } = {},
): Promise<string> {
  const dir = join(await folder(), "service");
  await cp(join(repository, "examples/health-service"), dir, {
    recursive: true,
    filter: (path) => !/node_modules|dist/.test(path.slice(repository.length)),
  });
  const config = JSON.parse(await readFile(join(dir, "sbp.config.json"), "utf8"));
  for (const step of config.pipeline) if (step.use === "strip") Object.assign(step, strip);
  config.pipeline.push({ use: "scratch-image", ...options }, ...after.map((use) => ({ use })));
  await writeFile(join(dir, "sbp.config.json"), JSON.stringify(config));
  for (const [path, text] of Object.entries(files)) await writeFile(join(dir, path), text);
  return dir;
}

/** Changes the service by a line. */
export async function addLine(dir: string, line: string): Promise<void> {
  const path = join(dir, "src/answer.ts");
  await writeFile(path, `${await readFile(path, "utf8")}\n${line}\n`);
}

/** The root of the image for a processor, as umoci makes it. */
export async function unpacked(layout: string, architecture: "amd64" | "arm64"): Promise<string> {
  const work = await folder();
  const copied = `oci:${join(work, "image")}:latest`;
  await run("skopeo", ["--override-arch", architecture, "copy", `oci:${layout}:latest`, copied]);
  await run("umoci", ["unpack", "--image", `${join(work, "image")}:latest`, join(work, "bundle")]);
  return join(work, "bundle/rootfs");
}

/** What a service answers that prints its port. It is ended afterwards. */
export async function health(
  command: readonly string[],
  words: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const child = spawn(command[0]!, command.slice(1), { ...words, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line", {
      signal: AbortSignal.timeout(120_000),
    });
    const response = await fetch(`http://127.0.0.1:${/port (\d+)/.exec(line)?.[1]}/health`);
    return `${response.status} ${(await response.text()).trim()}`;
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
}

/** podman with its images in a folder of its own, which `remove` takes away. */
export async function ownPodman(): Promise<{
  readonly podman: readonly string[];
  readonly remove: () => Promise<void>;
}> {
  // podman makes files that only its own commands may remove, and refuses long paths.
  const stores = (await run("mktemp", ["-d", "/tmp/sbp-podman-XXXXXX"])).stdout.trim();
  const places = ["--root", `${stores}/root`, "--runroot", `${stores}/run`, "--storage-driver", "vfs"];
  const podman = ["podman", ...places, "--runtime", "runc", "--cgroup-manager=cgroupfs"];
  return { podman, remove: async () => void (await run("rm", ["-rf", stores])) };
}

/** What takes every right from a container, and lets it run where limits are tight. */
export const withoutRights: readonly string[] = [
  ...["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096"],
  ...["--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges"],
];

/** Opens the lanes, and gives each this program with the text of app.txt behind it. */
const packPlugin = (program: string) => `import { readFile } from "node:fs/promises";
import { join } from "node:path";
export default {
  name: "pack",
  lanes: () => ["linux-x64", "linux-arm64", "darwin-arm64"],
  produces: ["executable", "sbom"],
  scope: "target",
  async run({ projectDir, dependOn, write }) {
    dependOn({ file: "app.txt" });
    const bytes = Buffer.concat([await readFile("${program}"), await readFile(join(projectDir, "app.txt"))]);
    await write("executable", {}, (out) => out.file("demo", bytes, { executable: true }));
    await write("sbom", {}, (out) => out.file("demo.cdx.json", '{"bomFormat":"CycloneDX"}'));
  },
};
`;

/** A project whose images hold a small static program: what needs no runtime. */
export function packedProject(options: object = {}, program = "/bin/busybox"): Promise<string> {
  const pipeline = [{ use: "./pack.mjs" }, { use: "scratch-image", certificates: ["ca.pem"], ...options }];
  return folder({
    "package.json": JSON.stringify({
      name: "@acme/demo",
      version: "1.2.3",
      license: "MIT",
      repository: { url: "git+https://example.com/demo.git" },
    }),
    "sbp.config.json": JSON.stringify({ pipeline }),
    "pack.mjs": packPlugin(program),
    "app.txt": "first",
    "ca.pem": rootCertificates[0]!,
    "public/index.html": "<p>hello</p>",
    "public/deep/script.js": "1",
  });
}
