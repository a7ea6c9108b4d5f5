import { request } from "node:http";
import { request as secureRequest } from "node:https";
import type { AppProcess } from "./app-process.ts";

/** Between two questions. Milliseconds. */
const askEveryMs = 15;

/** Whether two processes of this Node can listen on one port (`reusePort` of net, Node 22.12 and 23.1 on). */
export const canSharePorts = (() => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return (
    process.platform === "linux" &&
    (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12))
  );
})();

/**
 * Settles when the app answers the URL with a status below 400: true; or when it ends first, or the signal says so: false.
 * Where another process answers under the same URL as well, only an answer to a connection counts that the app has told of.
 */
export async function isReady(
  url: URL,
  app: AppProcess,
  isShared: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const accepted = new Set<number>();
  let listening = () => {};
  const begun = new Promise<void>((resolve) => {
    listening = resolve;
  });
  app.onLine = chained(app.onLine, (line) => {
    const [word, value] = line.split(" ");
    if (word === "accepted") accepted.add(Number(value));
    if (word === "listening") listening();
  });
  const over = new Promise<"over">((resolve) => {
    void app.ended.then(() => resolve("over"));
    signal.addEventListener("abort", () => resolve("over"), { once: true });
  });
  if (isShared && (await Promise.race([begun, over])) === "over") return false;
  for (;;) {
    const port = await Promise.race([ask(url), over]);
    if (port === "over") return false;
    // The app's word of a connection comes by another way than its answer.
    if (port !== undefined && (!isShared || (await Promise.race([told(port), pause(askEveryMs)]))))
      return true;
    if ((await Promise.race([pause(askEveryMs), over])) === "over") return false;
  }

  async function told(port: number): Promise<boolean> {
    while (!accepted.has(port)) await pause(1);
    return true;
  }
}

/** The local port of a connection over which the URL was answered well. */
function ask(url: URL): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = (url.protocol === "https:" ? secureRequest : request)(
      url,
      { agent: false, rejectUnauthorized: false },
      (response) => {
        const port = response.socket.localPort;
        response.resume();
        response.on("end", () => resolve((response.statusCode ?? 500) < 400 ? port : undefined));
        response.on("error", () => resolve(undefined));
      },
    );
    asked.setTimeout(5000, () => asked.destroy());
    asked.on("error", () => resolve(undefined));
    asked.end();
  });
}

function chained(first: (line: string) => void, second: (line: string) => void) {
  return (line: string) => {
    first(line);
    second(line);
  };
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
