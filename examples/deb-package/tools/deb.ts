import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { definePlugin, exitCodes, SbpError } from "@sbp/core";

/** Debian's words for processors. */
const architectures: Readonly<Record<string, string>> = { "linux-x64": "amd64", "linux-arm64": "arm64" };

/** A Debian package of the executable, for each target of Linux. */
export default definePlugin({
  name: "deb",
  options: {
    type: "object",
    properties: {
      maintainer: {
        type: "string",
        pattern: "^[^<>\\n]+ <[^<>\\s]+@[^<>\\s]+>$",
        description: "Name and address of who looks after the package.",
        examples: ["Acme <packages@acme.example>"],
      },
      description: { type: "string", pattern: "^[^\\n]+$", default: "made by sbp", description: "One line." },
      section: {
        type: "string",
        pattern: "^[a-z0-9-]+$",
        default: "utils",
        description: "Debian's section.",
      },
    },
    required: ["maintainer"],
  },
  consumes: ["executable"],
  produces: ["deb"],
  scope: "target",
  usesApp: true,
  async run({ options, artifacts, target, app, tool, tmp, write, report, signal }) {
    const architecture = architectures[target!];
    if (!architecture) {
      report({ severity: "info", code: "DEB_PLATFORM", message: `No Debian package for ${target}` });
      await write("deb", {}, () => {});
      return;
    }
    const { name, version } = app!;
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) {
      throw new SbpError("DEB_NAME", `"${name}" is no name for a Debian package`, {
        hint: 'Set "name" in sbp.config.json: lower-case letters, digits, "+", "-" and ".", two or more.',
        exitCode: exitCodes.badUsage,
      });
    }
    const [file] = artifacts.executable.files;
    if (!file) throw new SbpError("DEB_EXECUTABLE", "The executable artifact has no file");
    const dpkg = await tool("dpkg-deb", { install: "Install it: apt-get install dpkg" });

    const root = await tmp();
    const put = async (path: string, fill: (absolute: string) => Promise<void>) => {
      await mkdir(join(root, dirname(path)), { recursive: true });
      await fill(join(root, path));
    };
    await put(`usr/bin/${name}`, (path) => artifacts.executable.copy(file.path, path));
    await put("DEBIAN/control", (path) =>
      writeFile(
        path,
        [
          `Package: ${name}`,
          // A hyphen would begin Debian's own revision.
          `Version: ${version.replace("-", "~")}`,
          `Architecture: ${architecture}`,
          `Maintainer: ${options.maintainer}`,
          `Installed-Size: ${Math.ceil(file.size / 1024)}`,
          `Section: ${options.section}`,
          "Priority: optional",
          `Description: ${options.description}`,
          "",
        ].join("\n"),
      ),
    );
    const deb = `${name}_${version.replace("-", "~")}_${architecture}.deb`;
    await write("deb", {}, async (out) => {
      const path = await out.reserve(deb);
      // It gives every file this time, and the umask of the user does not matter to files that were copied.
      const env = { ...process.env, SOURCE_DATE_EPOCH: "0" };
      const words = ["--root-owner-group", "-Zzstd", "-z3", "--build", root, path];
      await promisify(execFile)(
        "sh",
        ["-c", 'chmod -R u=rwX,go=rX "$0" && exec "$@"', root, dpkg.path, ...words],
        {
          env,
          signal,
        },
      );
    });
  },
});
