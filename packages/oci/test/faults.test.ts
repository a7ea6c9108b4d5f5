import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { RegistryClient } from "../src/index.ts";
import { sampleImage } from "./images.ts";
import { strictRegistry } from "./strict-registry.ts";
import { run, temporaryFolder } from "./tools.ts";

const script = join(import.meta.dirname, "big-layer.ts");
const node = [process.execPath, "--conditions=@sbp/source", script];

test("a full disk ends the build of a layer, and leaves nothing behind", async () => {
  const folder = await temporaryFolder();
  // A mount that nobody else sees.
  const command = `mount -t tmpfs -o size=2m tmpfs "$0" && "$@" "$0"; code=$?; ls -A "$0"; exit $code`;
  const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  for (const part of ["plain", "keyed"]) {
    const failure = run("unshare", [
      ...asRoot,
      "--mount",
      "sh",
      "-c",
      command,
      folder,
      ...node,
      "build",
      part,
    ]);
    await expect(failure).rejects.toMatchObject({ stderr: expect.stringContaining("ENOSPC"), stdout: "" });
  }
  expect(await readdir(folder)).toEqual([]);
});

test("a push that is killed leaves no tag, and the next one completes", async () => {
  let killed = false;
  let kill = (): void => {};
  const registry = await strictRegistry({
    fault: ({ method }) => {
      if (method !== "PATCH" || killed) return undefined;
      killed = true;
      kill();
      // What was on its way when the client went away.
      return { cutAfter: 100_000 };
    },
  });
  const [program, ...options] = node;
  const child = spawn(program!, [...options, "push", `${registry.host}/team/app:1`], { stdio: "ignore" });
  kill = () => child.kill("SIGKILL");
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
  expect(registry.repositories.get("team/app")?.tags.size ?? 0).toBe(0);
  const [again] = await once(
    spawn(program!, [...options, "push", `${registry.host}/team/app:1`], { stdio: "inherit" }),
    "exit",
  );
  expect(again).toBe(0);
  const image = await new RegistryClient().pull(`${registry.host}/team/app:1`);
  expect(image.kind).toBe("image");
});

test("proxies are those of the environment, and never for this machine", async () => {
  const proxy = await strictRegistry();
  const env = {
    ...process.env,
    HTTP_PROXY: `http://${proxy.host}`,
    http_proxy: `http://${proxy.host}`,
    NO_PROXY: "",
  };
  const [program, ...options] = node;
  const registry = await strictRegistry();
  await run(program!, [...options, "push", `${registry.host}/team/app:1`], { env });
  expect(proxy.log).toEqual([]);
  expect(registry.repositories.get("team/app")?.tags.size).toBe(1);
  // A proxy that is a registry answers for every host, which shows that it was asked.
  await new RegistryClient().push(await sampleImage({ size: 1 }), `${proxy.host}/team/app:1`);
  const { stdout } = await run(program!, [...options, "resolve", "allowed.invalid/team/app:1"], { env });
  expect(stdout.trim()).toMatch(/^sha256:/);
});

test("a host that never answers is given up", async () => {
  const silent = createServer(() => {});
  await once(silent.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const client = new RegistryClient({ timeout: 50, wait: async () => {} });
  await expect(client.resolve(`127.0.0.1:${port}/team/app:1`)).rejects.toMatchObject({
    code: "OCI_UNREACHABLE",
    message: expect.stringContaining("no progress for 50 ms"),
  });
});

test("a registry with a certificate of its own is trusted when that is given", async () => {
  const folder = await temporaryFolder();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:strict.invalid"];
  await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    ...names,
    "-keyout",
    key,
    "-out",
    cert,
  ]);
  const registry = await strictRegistry();
  const image = await sampleImage({ size: 1 });
  await new RegistryClient().push(image, `${registry.host}/team/app:1`);
  const ca = await readFile(cert, "utf8");
  const tls = createTlsServer({ key: await readFile(key), cert: ca }, (socket) => {
    const onwards = connect(Number(registry.host.split(":")[1]), "127.0.0.1");
    socket.pipe(onwards).pipe(socket);
    for (const one of [socket, onwards]) one.on("error", () => {});
  });
  tls.on("tlsClientError", () => {});
  await once(tls.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void tls.close());
  // A proxy that finds every host here, as the name in the certificate is nobody's.
  const proxy = createServer();
  proxy.on("connect", (_, socket) => {
    const onwards = connect((tls.address() as AddressInfo).port, "127.0.0.1");
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    socket.pipe(onwards).pipe(socket);
    for (const one of [socket, onwards]) one.on("error", () => {});
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void proxy.close());
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const env = { ...process.env, HTTPS_PROXY: url, https_proxy: url, NO_PROXY: "", no_proxy: "" };
  const [program, ...options] = node;
  const resolve = (...more: string[]) =>
    run(program!, [...options, "resolve", "strict.invalid/team/app:1", ...more], { env });
  expect((await resolve(cert)).stdout.trim()).toBe(image.digest);
  await expect(resolve()).rejects.toMatchObject({
    stderr: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT"),
  });
});
