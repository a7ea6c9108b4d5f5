import { hostTarget, type Target } from "@sbp/core";
import { folder } from "./sbp.ts";

/** The target of the machine that the tests run on. */
export const host: Target = hostTarget()!;
/** One that it is not. */
export const foreign: Target = host === "linux-arm64" ? "linux-x64" : "linux-arm64";

/** Opens the lanes, as cross-target does, without fetching anything. */
const lanesPlugin = `export default {
  name: "lanes",
  options: {
    type: "object",
    properties: { targets: { type: "array", items: { type: "string" } } },
    required: ["targets"],
  },
  lanes: ({ targets }) => targets,
  produces: ["runtime"],
  scope: "target",
  async run({ target, write }) {
    await write("runtime", {}, (out) => out.file("runtime", target));
  },
};
`;

/** Makes a shell script an executable: what it does comes from app.sh. */
const packPlugin = `import { readFile } from "node:fs/promises";
import { join } from "node:path";

export default {
  name: "pack",
  options: { type: "object", properties: { pad: { type: "integer", default: 0, minimum: 0 } } },
  consumes: ["runtime"],
  produces: ["executable"],
  scope: "target",
  usesApp: true,
  async run({ app, options, projectDir, dependOn, write, target }) {
    dependOn({ file: "app.sh" });
    const script = await readFile(join(projectDir, "app.sh"), "utf8");
    const text = script + "#".repeat(options.pad);
    await write("executable", { codeCache: target === "${host}" }, (out) => out.file(app.name, text, { executable: true }));
  },
};
`;

/** A project whose steps are its own plugins: no network, no runtime, a build in a blink. */
export function scriptProject(
  script = "#!/bin/sh\necho hello\n",
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  return folder({
    "package.json": JSON.stringify({ name: "@acme/demo", version: "1.2.3" }),
    "sbp.config.json": `${JSON.stringify(
      {
        pipeline: [
          { use: "./lanes.mjs", targets: [host, foreign] },
          { use: "./pack.mjs", pad: 2000 },
        ],
      },
      null,
      2,
    )}\n`,
    "lanes.mjs": lanesPlugin,
    "pack.mjs": packPlugin,
    "app.sh": script,
    ...files,
  });
}

/** A workspace of npm: two services over a library, and a tool that needs nothing. */
export function scriptWorkspace(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const member = (place: string, dependencies: Readonly<Record<string, string>>) => ({
    [`${place}/package.json`]: JSON.stringify({
      name: `@acme/${place.split("/")[1]}`,
      version: "1.0.0",
      dependencies,
    }),
    [`${place}/sbp.config.json`]: JSON.stringify({
      pipeline: [{ use: "../../lanes.mjs", targets: [host, foreign] }, { use: "../../pack.mjs" }],
    }),
    [`${place}/app.sh`]: `#!/bin/sh\necho ${place}\n`,
  });
  return folder({
    "package.json": JSON.stringify({
      name: "top",
      private: true,
      workspaces: ["libs/*", "services/*", "tools/*"],
    }),
    "package-lock.json": "{}",
    "lanes.mjs": lanesPlugin,
    "pack.mjs": packPlugin,
    "libs/text/package.json": JSON.stringify({ name: "@acme/text", version: "1.0.0" }),
    ...member("services/one", { "@acme/text": "*" }),
    ...member("services/two", { "@acme/one": "*" }),
    ...member("tools/cli", {}),
    ...files,
  });
}

/** A project with one step, whose `run` has this body. */
export function stepProject(body: string): Promise<string> {
  return folder({
    "package.json": JSON.stringify({ name: "demo" }),
    "sbp.config.json": JSON.stringify({ pipeline: [{ use: "./step.mjs" }] }),
    "step.mjs": `export default {
  name: "step",
  produces: ["report"],
  scope: "project",
  async run({ report, progress, log, signal, write }) {
    ${body}
  },
};
`,
  });
}
