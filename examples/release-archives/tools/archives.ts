import { createHash } from "node:crypto";
import { definePlugin, SbpError, type Target } from "@sbp/core";
import { type AsyncTerminable, type FlateCallback, gzip, zip } from "fflate";
import { pack } from "tar-stream";
import { installScript } from "./install-script.ts";

/** The first moment that a ZIP can tell of. */
const zipEpoch = "1980-01-01T00:00:00";

/**
 * What a release page has: an archive for each target, `SHA256SUMS` over all of them, and a script that installs the one
 * for the machine that it runs on.
 */
export default definePlugin({
  name: "archives",
  options: {
    type: "object",
    properties: {
      url: {
        type: "string",
        pattern: "^https?://[A-Za-z0-9._~:/%@-]+$",
        description: "The folder on the web that the archives will be in.",
      },
    },
    required: ["url"],
  },
  transforms: [
    {
      name: "archive",
      consumes: ["executable"],
      produces: ["archive"],
      scope: "target",
      reads: [],
      usesApp: true,
      async run({ artifacts, target, app, write, signal }) {
        const [file] = artifacts.executable.files;
        if (!file) throw new SbpError("ARCHIVE_EXECUTABLE", "The executable artifact has no file");
        const bytes = await artifacts.executable.read(file.path);
        const name = `${app!.name}-${app!.version}-${target}${extension(target!)}`;
        const content = await (extension(target!) === ".zip" ? zipped : tarball)(file.path, bytes, signal);
        const sha256 = createHash("sha256").update(content).digest("hex");
        await write("archive", { name, sha256 }, (out) => out.file(name, content));
      },
    },
    {
      name: "checksums",
      consumesLanes: ["archive"],
      produces: ["checksums"],
      scope: "project",
      usesApp: true,
      async run({ options, lanes, app, write }) {
        const archives = [...lanes].map(([target, made]) => {
          const { name, sha256 } = made["archive"]!.meta as { name: string; sha256: string };
          return { target, name, sha256 };
        });
        await write("checksums", {}, async (out) => {
          await out.file("SHA256SUMS", archives.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(""));
          await out.file("install.sh", installScript(app!.name, options.url, archives), { executable: true });
        });
      },
    },
  ],
});

function extension(target: Target): string {
  return target.startsWith("win32-") ? ".zip" : ".tar.gz";
}

// Compressed in JavaScript: zlib's bytes differ between processors.
async function tarball(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const archive = pack();
  archive.entry({ name, mode: 0o755, mtime: new Date(0) }, Buffer.from(bytes));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return inThread(signal, (done) => gzip(Buffer.concat(chunks), { level: 6, mtime: 0 }, done));
}

function zipped(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  return inThread(signal, (done) => zip({ [name]: bytes }, { level: 6, mtime: zipEpoch }, done));
}

/** What one of fflate's threads makes, unless the build is cancelled: it takes seconds. */
function inThread(signal: AbortSignal, start: (done: FlateCallback) => AsyncTerminable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stop = start((error, data) => (error ? reject(error) : resolve(data)));
    signal.addEventListener("abort", () => {
      stop();
      reject(signal.reason);
    });
  });
}
