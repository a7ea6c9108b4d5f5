/*
 * Builds one package of the workspace: run in its folder. Every entry point that package.json exports with a source
 * becomes a bundle under dist/, and its types go to dist/types/. `dependencies` and `peerDependencies` stay imports;
 * `devDependencies` that the sources import become part of the bundle, with their licences beside it: small libraries that
 * every start needs, of which loading a dozen files each would cost more than all of our own code.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { bundleCommand } from "./bundle-command.ts";
import { withLeanBuiltins } from "./lean-builtins.ts";

const root = join(import.meta.dirname, "..");
const dir = process.cwd();
const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));

type Export = string | { "@sbp/source"?: string };
const sources = Object.values(manifest.exports as Record<string, Export>).flatMap((entry) =>
  typeof entry === "object" && entry["@sbp/source"] ? [entry["@sbp/source"]] : [],
);

// Fingerprints tell one build of the built-in plugins from another by this; see packages/core/src/version.ts.
const { hashOfSources } = await import("../packages/core/src/version.ts");
const define: Record<string, string> = { SBP_BUILD_ID: JSON.stringify(hashOfSources()) };

rmSync(join(dir, "dist"), { recursive: true, force: true });
mkdirSync(join(dir, "dist"));

const leanBuiltins: Plugin = {
  name: "lean-builtins",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: withLeanBuiltins(readFileSync(path, "utf8")),
    }));
  },
};

const metafiles: Metafile[] = [];
if (manifest.name === "@sbp/cli") {
  // Small, and loaded by every build after a change.
  const joining =
    /^(jsonc-parser|picocolors|fastest-levenshtein|semver|es-module-lexer|hash-wasm\/dist)(\/|$)/;
  const { metafile, text } = await bundleCommand(dir, {
    define,
    external: (name) => !/^(\.|@sbp\/)/.test(name) && !joining.test(name),
  });
  metafiles.push(metafile);
  define.SBP_COMMAND_HASH = JSON.stringify(createHash("sha256").update(text).digest("hex"));
}

const { metafile } = await build({
  absWorkingDir: dir,
  entryPoints: sources,
  outdir: "dist",
  bundle: true,
  external: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).flatMap((name) => [
    name,
    `${name}/*`,
  ]),
  plugins: [leanBuiltins],
  mainFields: ["module", "main"],
  metafile: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  define,
  chunkNames: "chunk-[name]-[hash]",
  logLevel: "warning",
});
metafiles.push(metafile);
// The command imports by this, from the package's place; see tools/bundle-command.ts.
writeFileSync(join(dir, "dist/import.js"), "export default (specifier) => import(specifier);\n");

/** Folders of the packages of others that have become part of dist/, by name. */
const bundled = new Map(
  metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap((file) => {
      const [folder, name] = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/.exec(file) ?? [];
      return folder && name ? [[name, join(dir, folder)] as const] : [];
    }),
);
if (bundled.size > 0) {
  const notices = [...bundled].sort().map(([name, folder]) => {
    const licence = readdirSync(folder).find((file) => /^licen[sc]e/i.test(file));
    if (!licence) throw new Error(`${name} has no licence file to ship`);
    return `${name} ${JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version}\n\n${readFileSync(join(folder, licence), "utf8").trim()}\n`;
  });
  writeFileSync(join(dir, "dist/THIRD-PARTY-LICENSES.txt"), notices.join("\n---\n\n"));
}

// What runs inside of an app as it is.
const bootstrap = join(dir, "src/bootstrap");
if (existsSync(bootstrap)) cpSync(bootstrap, join(dir, "dist/bootstrap"), { recursive: true });

const config = join(root, "node_modules/.cache/tsc", `${manifest.name.replace("/", "-")}.json`);
mkdirSync(dirname(config), { recursive: true });
writeFileSync(
  config,
  JSON.stringify({
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      allowJs: true,
      rootDir: join(dir, "src"),
      outDir: join(dir, "dist/types"),
      // Other packages are read as their users read them: from what they have built.
      customConditions: [],
      typeRoots: [join(root, "node_modules/@types")],
    },
    include: [join(dir, "src/**/*.ts"), join(dir, "src/**/*.d.ts")],
  }),
);
execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", config], { stdio: "inherit", cwd: root });
rmSync(config);
cpSync(join(root, "LICENSE"), join(dir, "LICENSE"));
console.log(`${manifest.name}: ${sources.map((source) => relative("src", source)).join(", ")}`);
