import { mkdir, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What is used of the server's class; its package has no types. */
interface S3rver {
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
}
const Server = createRequire(import.meta.url)("@20minutes/s3rver") as new (options: object) => S3rver;

export interface S3Server {
  readonly url: string;
  /** What the client has to be told: address and credentials, as every AWS program takes them. */
  readonly env: Readonly<Record<string, string>>;
  /** The files that hold objects. */
  objects(): Promise<string[]>;
  close(): Promise<void>;
}

/** A server of S3 on the loopback interface that checks signatures, with the empty bucket `results` in a folder. */
export async function startS3Server(directory: string): Promise<S3Server> {
  await mkdir(directory, { recursive: true });
  const server = new Server({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: "results" }],
  });
  const { port } = await server.run();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    env: {
      AWS_ENDPOINT_URL_S3: url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
    },
    async objects() {
      const entries = await readdir(join(directory, "results"), { recursive: true });
      return entries
        .filter((name) => name.endsWith("._S3rver_object"))
        .map((name) => join(directory, "results", name));
    },
    close: () => server.close(),
  };
}
