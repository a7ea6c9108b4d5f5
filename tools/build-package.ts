/*
 * Builds one package of the workspace: run in its folder. Every entry point that package.json exports with a source
 * becomes a bundle under dist/ (own modules joined, dependencies left alone), and its types go to dist/types/.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const dir = process.cwd();
const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));

type Export = string | { "@sbp/source"?: string };
const sources = Object.values(manifest.exports as Record<string, Export>).flatMap((entry) =>
  typeof entry === "object" && entry["@sbp/source"] ? [entry["@sbp/source"]] : [],
);

// Fingerprints tell one build of the built-in plugins from another by this; see packages/core/src/version.ts.
const { hashOfSources } = await import("../packages/core/src/version.ts");

rmSync(join(dir, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: dir,
  entryPoints: sources,
  outdir: "dist",
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20.19",
  splitting: true,
  define: { SBP_BUILD_ID: JSON.stringify(hashOfSources()) },
  chunkNames: "chunk-[name]-[hash]",
  logLevel: "warning",
});

// What runs inside of an app as it is.
const bootstrap = join(dir, "src/bootstrap");
if (existsSync(bootstrap)) cpSync(bootstrap, join(dir, "dist/bootstrap"), { recursive: true });

const config = join(root, "node_modules/.cache/tsc", `${manifest.name.replace("/", "-")}.json`);
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
