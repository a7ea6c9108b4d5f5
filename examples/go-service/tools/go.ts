import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { definePlugin, SbpError, type Target } from "@sbp/core";

/** Go's words for sbp's targets. */
const platforms: Readonly<Record<Target, readonly [os: string, architecture: string]>> = {
  "linux-x64": ["linux", "amd64"],
  "linux-arm64": ["linux", "arm64"],
  "darwin-x64": ["darwin", "amd64"],
  "darwin-arm64": ["darwin", "arm64"],
  "win32-x64": ["windows", "amd64"],
  "win32-arm64": ["windows", "arm64"],
};

/** An executable per target from a program in Go: in place of bundle, cross-target, strip and embed-runtime. */
export default definePlugin({
  name: "go",
  options: {
    type: "object",
    properties: {
      targets: {
        type: "array",
        items: { type: "string", enum: Object.keys(platforms) },
        minItems: 1,
        uniqueItems: true,
        description: "The targets to build for.",
      },
      package: { type: "string", default: ".", description: "The package of the program." },
    },
    required: ["targets"],
  },
  // No step before it opens the lanes: this one does.
  lanes: ({ targets }) => targets as readonly Target[],
  produces: ["executable"],
  scope: "target",
  reads: ["package"],
  usesApp: true,
  async run({ options, target, app, projectDir, dependOn, tool, write, signal }) {
    const go = await tool("go", { versionArgs: ["version"], install: "Install Go: https://go.dev/dl/" });
    dependOn(
      {
        glob: ["**/*.go", "**/go.mod", "go.sum", "go.work", "vendor/**"],
        ignore: ["node_modules/**", "dist/**"],
      },
      { env: "GOFLAGS" },
      { env: "GOAMD64" },
    );
    const [os, architecture] = platforms[target!];
    const file = `${app!.name}${os === "windows" ? ".exe" : ""}`;
    const flags = ["-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="];
    await write("executable", {}, async (out) => {
      const path = await out.reserve(file, { executable: true });
      // What is left in the environment says where things are: the module cache and the build cache below HOME.
      const env = { ...process.env, CGO_ENABLED: "0", GOOS: os, GOARCH: architecture };
      const build = promisify(execFile)(go.path, ["build", ...flags, "-o", path, options.package], {
        cwd: projectDir,
        env,
        signal,
      });
      await build.catch((error: Error & { stderr?: string }) => {
        signal.throwIfAborted();
        throw new SbpError("GO_BUILD", `go build failed for ${target}\n${(error.stderr ?? "").trim()}`, {
          hint: "`go vet ./...` may tell more.",
          cause: error,
        });
      });
    });
  },
});
