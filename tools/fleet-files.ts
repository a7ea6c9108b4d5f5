/** Files of a workspace with many services over shared libraries: for tests and benchmarks of fleets. */
export interface Fleet {
  /** Paths and contents. */
  readonly files: Readonly<Record<string, string>>;
  /** Places of the services whose code uses the library `libs/lib-0`. */
  readonly usersOfFirst: readonly string[];
}

const libraries = 20;
const targets = ["linux-x64", "linux-arm64", "win32-x64"];

/** Opens the lanes, as cross-target does, with runtimes of a few kilobytes. */
const lanes = `export default {
  name: "lanes",
  options: { type: "object", properties: { targets: { type: "array", items: { type: "string" } } } },
  lanes: ({ targets }) => targets,
  produces: ["runtime"],
  scope: "target",
  run: ({ target, write }) => write("runtime", {}, (out) => out.file("runtime", target.repeat(5000))),
};
`;

const pack = `export default {
  name: "pack",
  consumes: ["runtime", "bundle"],
  produces: ["executable"],
  scope: "target",
  usesApp: true,
  async run({ artifacts, app, write }) {
    const { path } = artifacts.bundle.files.find(({ path }) => path.endsWith("js"));
    const tail = await artifacts.bundle.read(path);
    const base = { artifact: artifacts.runtime, file: "runtime" };
    await write("executable", {}, (out) => out.compose(app.name, { base, tail: [tail] }, { executable: true }));
  },
};
`;

/** Plugins that make executables of a few kilobytes, without fetching anything. */
export const fleetPlugins: Readonly<Record<string, string>> = {
  "tools/lanes.mjs": lanes,
  "tools/pack.mjs": pack,
};

export function fleet(services: number): Fleet {
  const manifest = (name: string, dependencies: Readonly<Record<string, string>> = {}) =>
    JSON.stringify({ name, version: "1.0.0", type: "module", main: "src/main.ts", dependencies });
  const files: Record<string, string> = {
    "package.json": JSON.stringify({ name: "fleet", private: true, workspaces: ["libs/*", "services/*"] }),
    "package-lock.json": "{}",
    ...fleetPlugins,
  };
  for (let index = 0; index < libraries; index++) {
    files[`libs/lib-${index}/package.json`] = manifest(`@fleet/lib-${index}`);
    files[`libs/lib-${index}/src/main.ts`] =
      `export const lib${index} = (text: string) => text + ${index};\n`;
  }
  const usersOfFirst: string[] = [];
  for (let index = 0; index < services; index++) {
    const place = `services/s${index}`;
    const used = [index % libraries, (index * 7 + 1) % libraries].filter(
      (lib, at, all) => all.indexOf(lib) === at,
    );
    if (used.includes(0)) usersOfFirst.push(place);
    const imports = used.map((lib) => `import { lib${lib} } from "../../../libs/lib-${lib}/src/main.ts";\n`);
    files[`${place}/package.json`] = manifest(
      `@fleet/s${index}`,
      Object.fromEntries(used.map((lib) => [`@fleet/lib-${lib}`, "*"])),
    );
    files[`${place}/src/main.ts`] =
      `${imports.join("")}console.log(${used.map((lib) => `lib${lib}("s${index}")`).join(", ")});\n`;
    files[`${place}/sbp.config.json`] = JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "../../tools/lanes.mjs", targets },
        { use: "strip" },
        { use: "../../tools/pack.mjs" },
      ],
    });
  }
  return { files, usersOfFirst };
}
