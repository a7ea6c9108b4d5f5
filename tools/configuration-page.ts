import { defaultPipeline } from "../packages/core/src/config/builtins.ts";
import { configSchema, useDescription } from "../packages/core/src/config/config-schema.ts";
import type { Json, JsonObject } from "../packages/core/src/json.ts";
import type { Plugin, Transform } from "../packages/core/src/plugin.ts";
import type { Schema } from "../packages/core/src/schema.ts";

/** A built-in plugin as docs/configuration.md tells of it. */
export interface DocumentedPlugin {
  readonly use: string;
  readonly plugin: Plugin;
}

/** One step per plugin, with every option of it, mostly in another way than the default. */
const examples: Readonly<Record<string, JsonObject>> = {
  bundle: {
    entry: "src/main.ts",
    format: "esm",
    minify: true,
    keepNames: false,
    sourcemap: false,
    define: { "process.env.NODE_ENV": '"production"' },
    external: ["pg-native"],
    assets: ["locales/**/*.json"],
    include: ["node_modules/some-package/data/**"],
    exclude: ["**/*.psd"],
    strict: true,
    revision: true,
    conditions: ["production"],
    tsconfig: "tsconfig.build.json",
    loader: { ".sql": "text" },
  },
  "cross-target": { targets: ["linux-x64", "linux-arm64"], runtime: "node@26" },
  strip: {
    minify: false,
    keepNames: false,
    drop: ["debugger"],
    define: { "process.env.NODE_ENV": '"production"' },
    sourceMap: "external",
    sourcesContent: true,
    symbols: "keep",
    locales: ["en", "pt-BR"],
    encodings: "none",
    segmentation: ["th"],
  },
  "embed-runtime": {
    codeCache: false,
    inspect: true,
    name: "health",
    smoke: { args: ["--version"], stdout: { matches: "^\\d+\\.\\d+" } },
    selfContained: false,
    windows: {
      icon: "assets/health.ico",
      companyName: "Example",
      legalCopyright: "© 2026 Example",
      certificate: "release.pfx",
      passwordEnv: "RELEASE_PFX_PASSWORD",
    },
    macos: {
      identifier: "com.example.health",
      certificate: "release.p12",
      passwordEnv: "RELEASE_P12_PASSWORD",
    },
  },
  "scratch-image": {
    repository: "registry.example/acme/health",
    tags: ["1.2.0", "latest"],
    layout: "layered",
    push: true,
    user: "10001:10001",
    certificates: ["certs/company-ca.pem"],
    timezones: false,
    env: { LOG_LEVEL: "info" },
    ports: ["8080"],
    entrypoint: ["/health", "--trace-warnings"],
    cmd: ["serve"],
    workdir: "/data",
    volumes: ["/data"],
    stopSignal: "SIGINT",
    healthcheck: { args: ["check"], interval: 30, timeout: 2, startPeriod: 5, retries: 3 },
    git: false,
    labels: { team: "health" },
    annotations: { "org.opencontainers.image.vendor": "Example" },
    files: [
      { from: "public", to: "/srv/public" },
      { to: "/data", owner: "nonroot" },
    ],
    compression: "zstd",
    archive: true,
  },
  command: {
    run: "./tools/notice.sh > $SBP_OUT_REPORT/NOTICE",
    name: "notice",
    consumes: ["bundle"],
    consumesLanes: ["executable"],
    produces: "report",
    scope: "project",
    inputs: ["tools/notice.sh", "licenses/**"],
    env: ["NOTICE_YEAR"],
    tools: ["jq"],
    timeLimit: 60,
  },
  scan: {
    database: "advisories",
    failOn: "critical",
    ignore: [
      {
        id: "CVE-2020-8203",
        reason: "All keys are our own",
        expires: "2027-03-31",
        package: "lodash",
      },
    ],
    licenses: ["MIT", "ISC", "Apache-2.0", "BSD-3-Clause"],
    secrets: false,
    sbom: ["cyclonedx", "spdx"],
    reports: ["json", "sarif", "openvex"],
    provenance: true,
    key: "release-key.pem",
    passwordEnv: "RELEASE_KEY_PASSWORD",
  },
};

const firstConfig = {
  $schema: "./node_modules/@sbp/cli/sbp.schema.json",
  name: "health",
  pipeline: [
    { use: "bundle", entry: "src/main.ts" },
    { use: "cross-target", targets: ["linux-x64", "linux-arm64"], runtime: "node@26" },
    { use: "strip" },
    { use: "embed-runtime" },
  ],
};

const introduction = `# Configuration

<!-- Made by tools/generate.ts from the option schemas. Do not edit: npm run generate -->

\`sbp.config.json\` stands beside \`package.json\`; \`sbp init\` writes one.

${codeBlock(firstConfig)}

- Comments and trailing commas are allowed. Unknown keys are refused, with the nearest name as a hint.
- sbp looks for the config in the current folder and those above, up to the first with a \`package.json\`; \`--config FILE\` names
  another. Paths in it are relative to it.
- Everything may be left out, the whole file too: then the built-in pipeline builds the entry that \`package.json\` names.
- With \`$schema\`, editors complete and check it. \`sbp schema\` writes a schema that knows your own plugins as well.`;

const stepsIntroduction = `Each step of \`pipeline\` names its plugin, and has that plugin's options beside it. Below, each built-in plugin
also lists its actions, with the artifacts that they take and make: what \`sbp build\` runs or finds unchanged, and \`sbp explain\` tells of.`;

const environment = `## Environment

| Variable | What it does |
| --- | --- |
| \`SBP_REMOTE_CACHE\` | Where results are shared with other machines, with \`SBP_REMOTE_CACHE_TOKEN\`, \`_READ_ONLY\` and \`_SECRET\`: [Remote cache](remote-cache.md). |
| \`SBP_CACHE_DIR\` | The folder of the store and of all caches. Default: \`~/.cache/sbp\` (or below \`XDG_CACHE_HOME\`), on macOS \`~/Library/Caches/sbp\`, on Windows \`%LOCALAPPDATA%\\sbp\\Cache\`. |
| \`NO_COLOR\` | Any value but an empty one: no colors, like \`--no-color\`. Wins over \`FORCE_COLOR\`. |
| \`FORCE_COLOR\` | Colors even where no terminal is; \`0\`: none. |
| \`CI\` | Any value but an empty one: plain lines instead of lines that are written over. \`TERM=dumb\` does the same. |
| \`GITHUB_ACTIONS\` | \`true\`: errors and warnings become annotations as well. |

Runtimes come through **npm's own configuration**: \`.npmrc\` of project, user and machine, and \`npm_config_*\` variables.
It decides \`registry\`, credentials, \`proxy\`, \`cafile\`, \`offline\`, \`before\`, \`replace-registry-host\` and \`fetch-retries\`;
\`npm config list\` shows it.

What goes wrong has a code: see [errors.md](errors.md).
`;

/**
 * The text of docs/configuration.md. Throws when an example lacks an option, or is not one that `check` (a validator
 * of whole configs) accepts.
 */
export function configurationPage(
  plugins: readonly DocumentedPlugin[],
  check: (config: Json) => boolean,
): string {
  for (const { use, plugin } of plugins) {
    const shown = Object.keys(examples[use] ?? {});
    const missing = Object.keys(plugin.options?.properties ?? {}).filter((key) => !shown.includes(key));
    if (missing.length > 0) throw new Error(`The example of ${use} lacks ${missing.join(", ")}`);
  }
  const steps = plugins.map(({ use }) => ({ use, ...examples[use] }));
  for (const config of [firstConfig, { pipeline: steps }]) {
    if (!check(config)) throw new Error(`An example is not valid: ${JSON.stringify(config)}`);
  }
  const { pipeline, ...others } = configSchema.properties;
  const description = `${pipeline.description} Default: ${defaultPipeline.map((use) => `\`${use}\``).join(", ")}.`;
  return [
    introduction,
    "## Top level",
    table({ ...others, pipeline: { ...pipeline, description } }),
    "## Steps",
    stepsIntroduction,
    table({ use: { type: "string", description: useDescription } }, ["use"]),
    ...plugins.map(pluginSection),
    environment,
  ].join("\n\n");
}

function pluginSection({ use, plugin }: DocumentedPlugin): string {
  const { description, properties = {}, required } = plugin.options ?? { type: "object" };
  return [
    `### ${use}`,
    description,
    ...(plugin.transforms.length > 0
      ? [plugin.transforms.map((transform) => `- ${actionText(transform)}`).join("\n")]
      : []),
    table(properties, required),
    codeBlock({ use, ...examples[use] }),
  ].join("\n\n");
}

/** `runtime`: from `runtime` makes `runtime`, once per target. */
function actionText({ name, consumes = [], consumesLanes = [], produces, scope }: Transform): string {
  const kinds = (list: readonly string[]) => list.map((kind) => `\`${kind}\``).join(" + ");
  const sources = [
    ...(consumes.length > 0 ? [kinds(consumes)] : []),
    ...(consumesLanes.length > 0 ? [`${kinds(consumesLanes)} of all targets`] : []),
  ];
  const flow =
    sources.length > 0 ? `from ${sources.join(" + ")} makes ${kinds(produces)}` : `makes ${kinds(produces)}`;
  return `${name === undefined ? "" : `\`${name}\` `}${flow}, once${scope === "target" ? " per target" : ""}`;
}

function table(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): string {
  const rows = Object.entries(properties).flatMap(([key, schema]) => [
    row(key, schema, required.includes(key)),
    ...partsOf(schema).map(([part, inner, isRequired]) => row(`${key}.${part}`, inner, isRequired)),
  ]);
  return ["| Option | Type | Default | What it does |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function row(name: string, schema: Schema, isRequired: boolean): string {
  const { text, otherwise } = /^(?<text>.*?)(?:\s*\bDefault: (?<otherwise>.+)\.)?$/s.exec(
    schema.description ?? "",
  )!.groups as { text: string; otherwise?: string };
  const byDefault =
    "default" in schema ? code(schema.default) : (otherwise ?? (isRequired ? "required" : "none"));
  const values = "examples" in schema ? (schema.examples ?? []) : [];
  const shown = values.length > 0 ? ` For example ${values.map(code).join(", ")}.` : "";
  const cells = [`\`${name}\``, typeText(schema), byDefault, text + shown];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** The described keys of an option that is, or may be, an object. */
function partsOf(schema: Schema): (readonly [key: string, schema: Schema, isRequired: boolean])[] {
  if ("anyOf" in schema) return schema.anyOf.flatMap(partsOf);
  if (!("type" in schema) || schema.type !== "object") return [];
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties)
    .filter(([, inner]) => inner.description !== undefined)
    .map(([key, inner]) => [key, inner, required.includes(key)] as const);
}

/** The type of a schema's values in words: `list of strings`. */
function typeText(schema: Schema): string {
  if ("anyOf" in schema) return [...new Set(schema.anyOf.map(typeText))].join(", or ");
  if ("const" in schema) return code(schema.const);
  if (schema.type === "array") return `list of ${plural(schema.items)}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "integer") return "whole number";
  if (schema.type === "string" && schema.enum) return wordsText(schema.enum);
  if (schema.type !== "object") return schema.type;
  if (typeof schema.additionalProperties === "object")
    return `object of ${plural(schema.additionalProperties)}`;
  return `object with ${Object.keys(schema.properties ?? {})
    .map((key) => `\`${key}\``)
    .join(", ")}`;
}

function plural(schema: Schema): string {
  const text = typeText(schema);
  return text.replace(/^(string|number|whole number|object|list)\b/, "$1s");
}

function wordsText(words: readonly string[]): string {
  const shown = words.map(code);
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

function code(value: unknown): string {
  return `\`${oneLine(value as Json)}\``;
}

/** JSON as people write it: one line per key, lists and inner objects on one line unless they hold objects. */
function codeBlock(value: JsonObject): string {
  return `\`\`\`json\n${layOut(value, "")}\n\`\`\``;
}

function layOut(value: Json | undefined, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.some((item) => typeof item === "object")) {
    return `[\n${value.map((item) => `${inner}${oneLine(item)}`).join(",\n")}\n${indent}]`;
  }
  if (indent !== "" || typeof value !== "object" || value === null || Array.isArray(value))
    return oneLine(value);
  const lines = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${layOut(item, inner)}`,
  );
  return `{\n${lines.join(",\n")}\n}`;
}

function oneLine(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`);
  return `{ ${entries.join(", ")} }`;
}
