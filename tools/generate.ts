import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { ajvOptions } from "../packages/core/src/config/ajv-options.ts";
import { composeConfigSchema } from "../packages/core/src/config/compose-schema.ts";
import { configSchema } from "../packages/core/src/config/config-schema.ts";
import { strictSchema } from "../packages/core/src/config/strict-schema.ts";
import type { Json } from "../packages/core/src/json.ts";
import type { Plugin } from "../packages/core/src/plugin.ts";
import type { ObjectSchema } from "../packages/core/src/schema.ts";
import { configurationPage, type DocumentedPlugin } from "./configuration-page.ts";

// Writes what is made from the option schemas of the built-in plugins:
//   packages/cli/src/generated/validators.js   checks configs without loading ajv (150 ms less at start-up)
//   packages/cli/sbp.schema.json               the schema for editors
//   docs/configuration.md                      the options for people
// With --check it writes nothing and fails when one of them is not what it would write.

const repository = join(import.meta.dirname, "..");
/** In the order in which editors offer them. */
const builtinNames = ["bundle", "cross-target", "strip", "embed-runtime", "scratch-image", "command", "scan"];
const notice =
  "// Made by tools/generate.ts from the options of the built-in plugins. Do not edit: npm run generate\n";

async function loadBuiltin(name: string): Promise<DocumentedPlugin> {
  const file = join(repository, `packages/plugin-${name}/src/index.ts`);
  const { default: plugin } = (await import(file)) as { default: Plugin };
  if (plugin?.name !== name) throw new Error(`${file} does not export the plugin "${name}"`);
  return { use: name, plugin };
}

/** One module with the validators of all schemas, by name, that imports nothing. */
async function validatorsModule(schemas: Readonly<Record<string, ObjectSchema>>): Promise<string> {
  const ajv = new Ajv2020({ ...ajvOptions, code: { source: true, esm: true } });
  const names = Object.keys(schemas);
  for (const name of names) ajv.addSchema(strictSchema(schemas[name]!), name);
  // Exports must be identifiers, which the names of plugins are not.
  const code = standalone.default(
    ajv,
    Object.fromEntries(names.map((name, index) => [`validate${index}`, name])),
  );
  const entries = names.map((name, index) => `  ${JSON.stringify(name)}: code.validate${index},\n`);
  const result = await build({
    stdin: {
      contents: `import * as code from "ajv:code";\nexport const validators = {\n${entries.join("")}};\n`,
    },
    plugins: [
      {
        name: "ajv-code",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^ajv:code$/ }, () => ({ path: "code", namespace: "ajv" }));
          // It requires helpers of ajv, which are bundled.
          onLoad({ filter: /./, namespace: "ajv" }, () => ({ contents: code, resolveDir: repository }));
        },
      },
    ],
    absWorkingDir: repository,
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["main"],
    target: "es2022",
    legalComments: "none",
  });
  return notice + result.outputFiles[0]!.text;
}

async function generate(): Promise<ReadonlyMap<string, string>> {
  const plugins = await Promise.all(builtinNames.map(loadBuiltin));
  const options = plugins.map(({ use, plugin }) => [use, plugin.options ?? { type: "object" }] as const);
  const schema = composeConfigSchema(plugins);
  const validate = new Ajv2020(ajvOptions).compile(schema);
  const types =
    'import type { Validators } from "@sbp/core";\n\nexport declare const validators: Validators;\n';
  return new Map([
    [
      "packages/cli/src/generated/validators.js",
      await validatorsModule({ config: configSchema, ...Object.fromEntries(options) }),
    ],
    ["packages/cli/src/generated/validators.d.ts", notice + types],
    ["packages/cli/sbp.schema.json", `${JSON.stringify(schema, undefined, 2)}\n`],
    ["docs/configuration.md", configurationPage(plugins, (config: Json) => validate(config))],
  ]);
}

const stale: string[] = [];
for (const [name, content] of await generate()) {
  const file = join(repository, name);
  if (existsSync(file) && (await readFile(file, "utf8")) === content) continue;
  stale.push(name);
  if (process.argv.includes("--check")) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
if (process.argv.includes("--check") && stale.length > 0) {
  console.error(`Not up to date (npm run generate):\n${stale.map((name) => `  ${name}`).join("\n")}`);
  process.exitCode = 1;
} else {
  for (const name of stale) console.log(`wrote ${name}`);
}
