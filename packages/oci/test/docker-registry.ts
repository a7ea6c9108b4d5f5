import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { run, temporaryFolder } from "./tools.ts";

/** Debian's docker-registry on a free port of this machine, until the test ends. What it keeps is below `data` of its folder. */
export async function dockerRegistry(
  user?: { readonly username: string; readonly password: string },
  folderOfIts?: string,
): Promise<string> {
  const folder = folderOfIts ?? (await temporaryFolder());
  await mkdir(join(folder, "data"));
  let auth = "";
  if (user) {
    const { stdout } = await run("htpasswd", ["-Bbn", user.username, user.password]);
    await writeFile(join(folder, "htpasswd"), stdout);
    auth = `auth:\n  htpasswd:\n    realm: test\n    path: ${join(folder, "htpasswd")}\n`;
  }
  const config = `version: 0.1
log:
  level: info
storage:
  filesystem:
    rootdirectory: ${join(folder, "data")}
  delete:
    enabled: true
http:
  addr: 127.0.0.1:0
${auth}`;
  await writeFile(join(folder, "config.yml"), config);
  const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"], OTEL_TRACES_EXPORTER: "none" },
  });
  const ended = new Promise<never>((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`docker-registry ended with ${code}`)));
  });
  ended.catch(() => {});
  onTestFinished(async () => {
    child.kill();
    await ended.catch(() => {});
  });
  const ready = (async () => {
    // Read to its end: a full pipe would stop it.
    for await (const line of createInterface(child.stderr)) {
      const host = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (host) {
        child.stderr.resume();
        return host;
      }
    }
    throw new Error("docker-registry does not listen");
  })();
  return Promise.race([ready, ended]);
}
