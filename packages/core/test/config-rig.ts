import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { onTestFinished } from "vitest";
import { compileValidator } from "../src/config/compile-validator.ts";
import {
  configSchema,
  type LoadProjectOptions,
  loadProject,
  type Project,
  type Validator,
} from "../src/config/index.ts";
import { strictSchema } from "../src/config/strict-schema.ts";
import { type Diagnostic, SbpError } from "../src/error.ts";
import { definePlugin, type Plugin } from "../src/plugin.ts";
import type { ObjectSchema } from "../src/schema.ts";

/** A folder with files, gone after the test. Values that are not text are written as JSON. */
export function projectWith(files: Readonly<Record<string, unknown>>): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "sbp-config-")));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = join(dir, name);
    mkdirSync(dirname(file), { recursive: true });
    const isText = typeof content === "string" || content instanceof Uint8Array;
    writeFileSync(file, isText ? content : JSON.stringify(content));
  }
  return dir;
}

function plugin(name: string, properties: ObjectSchema["properties"]): () => Promise<Plugin> {
  const options: ObjectSchema = { type: "object", ...(properties && { properties }) };
  return async () =>
    definePlugin({ name, version: "1", options, produces: ["report"], scope: "project", async run() {} });
}

/** Plugins with options of every form, under the names of the default pipeline. */
export const builtins = {
  bundle: plugin("bundle", {
    entry: { type: "string", minLength: 1, description: "The app's first file." },
    format: { type: "string", enum: ["esm", "cjs"], default: "esm" },
    define: { type: "object", additionalProperties: { type: "string" } },
  }),
  "cross-target": plugin("cross-target", {
    targets: {
      anyOf: [
        { type: "string", enum: ["host", "all"] },
        {
          type: "array",
          items: { type: "string", enum: ["linux-x64", "linux-arm64"] },
          minItems: 1,
          uniqueItems: true,
        },
      ],
      default: "host",
    },
    runtime: {
      anyOf: [
        { type: "string", pattern: "^node@" },
        {
          type: "object",
          properties: { path: { type: "string" }, verify: { type: "boolean", default: true } },
          required: ["path"],
        },
        { type: "object", properties: { default: { type: "string" }, "linux-x64": { type: "string" } } },
      ],
      default: "node@26",
      description: "The runtime to embed.",
      examples: ["node@26"],
    },
  }),
  strip: plugin("strip", {
    locales: { type: "array", items: { type: "string", pattern: "^[a-z]{2}$", description: "Two letters." } },
    level: { type: "integer", minimum: 0, maximum: 9, default: 6, description: "From fast to small." },
    maps: { type: "object", properties: { keep: { type: "boolean", default: false } } },
  }),
  "embed-runtime": plugin("embed-runtime", undefined),
};

/** Compiled once for all tests of a file. */
const validators: Record<string, Validator> = { config: await compileValidator(strictSchema(configSchema)) };
for (const [name, load] of Object.entries(builtins)) {
  validators[name] = await compileValidator(strictSchema((await load()).options));
}

export function load(dir: string, options: Partial<LoadProjectOptions> = {}): Promise<Project> {
  return loadProject({ cwd: dir, builtins, validators, ...options });
}

/** The SbpError that loading ends with. */
export async function failure(dir: string, options: Partial<LoadProjectOptions> = {}): Promise<SbpError> {
  const error = await load(dir, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SbpError) return error;
  throw error ?? new Error("the project was loaded");
}

/** Diagnostics as people see them: place and message, the line with a squiggle, the hint. */
export function rendered(dir: string, diagnostics: readonly (Diagnostic | SbpError)[]): string {
  return diagnostics.map((diagnostic) => renderedOne(dir, diagnostic)).join("\n");
}

function renderedOne(dir: string, { code, message, location, hint }: Diagnostic | SbpError): string {
  const place = location && [relative(dir, location.file), location.line, location.column];
  const lines = [
    `${place ? `${place.filter((part) => part !== undefined).join(":")} ` : ""}${code} ${message}`,
  ];
  if (location?.lineText !== undefined) {
    const squiggle = "^".repeat(location.length ?? 1);
    lines.push(`  ${location.lineText}`, `  ${" ".repeat(location.column! - 1)}${squiggle}`);
  }
  if (hint !== undefined) lines.push(`  ${hint.replaceAll(dir, "<dir>")}`);
  return lines.join("\n");
}
