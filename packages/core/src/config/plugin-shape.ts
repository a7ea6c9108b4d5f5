import type { definePlugin } from "../plugin.ts";
import { didYouMean } from "./diagnose.ts";
import { quote } from "./schema-text.ts";
import { typeOf } from "./union.ts";

const functions = ["lanes", "resolve", "dispose", "transformsFor"];
const booleans = ["usesApp", "optional", "targetless"];
const lists = ["consumes", "consumesOptional", "consumesLanes", "produces", "reads"];
const ofPlugin = ["name", "version", "options", "transforms", ...functions];
const ofTransform = [
  "scope",
  "run",
  "timeLimit",
  "pins",
  "warmUp",
  "explain",
  "isWanted",
  ...booleans,
  ...lists,
];

const pluginName = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/i;
const transformName = /^[a-z0-9][a-z0-9._-]*$/i;
const artifactKind = /^[a-z][a-z0-9-]*$/;

type Fields = Readonly<Record<string, unknown>>;

/** What keeps a value from being a plugin: one sentence each, none when it is one. */
export function problemsOfPlugin(value: unknown): readonly string[] {
  if (typeOf(value as null) !== "object") {
    return [`The default export must be a plugin (definePlugin({ … }))${butIs(value)}`];
  }
  const plugin = value as Fields;
  const { name, version, options, transforms } = plugin;
  const problems: string[] = [];
  if (typeof name !== "string" || !pluginName.test(name)) {
    problems.push(`"name" must be a name of letters, digits, "-", "_" and "."${butIs(name)}`);
  }
  if (version !== undefined && (typeof version !== "string" || version === "")) {
    problems.push(`"version" must be a string${butIs(version)}`);
  }
  if (options !== undefined) problems.push(...problemsOfOptions(options));
  problems.push(...notFunctions(plugin, functions, ""));

  if (typeof plugin.transformsFor === "function") {
    const others = ["run", "transforms"].filter((key) => isGiven(plugin[key]));
    if (others.length > 0) problems.push(`There must be either "transformsFor" or "${others[0]}", not both`);
    return [...problems, ...misspelled(plugin, ofPlugin, "")];
  }
  if (transforms === undefined) {
    problems.push(
      ...problemsOfTransform(plugin, "", options),
      ...misspelled(plugin, [...ofPlugin, ...ofTransform], ""),
    );
    return problems;
  }
  problems.push(...misspelled(plugin, ofPlugin, ""));
  if (plugin.run !== undefined) problems.push('There must be either "run" or "transforms", not both');
  if (!Array.isArray(transforms) || transforms.length === 0) {
    return [...problems, '"transforms" must be a list of at least one transform'];
  }
  const names = new Set<unknown>();
  for (const [index, transform] of (transforms as readonly unknown[]).entries()) {
    if (typeOf(transform as null) !== "object") {
      problems.push(`"transforms[${index}]" must be an object${butIs(transform)}`);
      continue;
    }
    const fields = transform as Fields;
    // definePlugin makes this of a plugin that says its only transform in place.
    const nameless = fields.name === undefined && transforms.length === 1;
    const place = nameless ? "" : `transforms[${index}].`;
    if (!nameless && (typeof fields.name !== "string" || !transformName.test(fields.name))) {
      problems.push(
        `"${place}name" must be a name of letters, digits, "-", "_" and "."${butIs(fields.name)}`,
      );
    }
    if (names.has(fields.name)) problems.push(`Two transforms have the name ${quote(fields.name)}`);
    names.add(fields.name);
    problems.push(
      ...problemsOfTransform(fields, place, options),
      ...misspelled(fields, ["name", ...ofTransform], place),
    );
  }
  return problems;
}

/** definePlugin gives a plugin with `transformsFor` an empty list. */
function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** A checked value as the definition it is. */
export function asDefinition(value: unknown): Parameters<typeof definePlugin>[0] {
  return value as Parameters<typeof definePlugin>[0];
}

function problemsOfOptions(options: unknown): string[] {
  const schema = options as Fields | null;
  if (typeOf(schema as null) !== "object" || schema?.type !== "object") {
    return ['"options" must be the JSON schema of an object: { type: "object", properties: { … } }'];
  }
  const { properties = {} } = schema;
  if (typeOf(properties as null) !== "object") return ['"options.properties" must be an object'];
  return Object.hasOwn(properties as object, "use")
    ? ['"options" must not name "use": in a config that is the plugin']
    : [];
}

function problemsOfTransform(transform: Fields, place: string, options: unknown): string[] {
  const problems: string[] = [];
  if (typeof transform.run !== "function") {
    problems.push(`"${place}run" must be a function${butIs(transform.run)}`);
  }
  if (transform.scope !== "project" && transform.scope !== "target") {
    problems.push(`"${place}scope" must be "project" or "target"${butIs(transform.scope)}`);
  }
  if (transform.consumesLanes !== undefined && transform.scope !== "project") {
    problems.push(`"${place}consumesLanes" is for the scope "project": a lane has its own artifacts alone`);
  }
  for (const list of lists) {
    const items = transform[list];
    if (items === undefined && list !== "produces") continue;
    if (list === "reads" && typeof items === "function") continue;
    if (!Array.isArray(items) || !items.every((item) => typeof item === "string")) {
      problems.push(
        `"${place}${list}" must be a list of strings${list === "reads" ? " or a function" : ""}${butIs(items)}`,
      );
      continue;
    }
    const known = Object.keys(((options as Fields | undefined)?.properties as object | undefined) ?? {});
    for (const item of items as string[]) {
      if (list === "reads" && !known.includes(item)) {
        problems.push(`"${place}reads" lists ${quote(item)}, which "options" does not name`);
      } else if (list !== "reads" && !artifactKind.test(item)) {
        problems.push(
          `"${place}${list}" lists ${quote(item)}: a kind is of lower-case letters, digits and "-"`,
        );
      }
    }
  }
  const { timeLimit } = transform;
  if (timeLimit !== undefined && !(typeof timeLimit === "number" && timeLimit > 0 && timeLimit <= 1e6)) {
    problems.push(`"${place}timeLimit" must be a number of seconds, up to 1000000${butIs(timeLimit)}`);
  }
  for (const key of booleans) {
    const value = transform[key];
    if (value !== undefined && typeof value !== "boolean") {
      problems.push(`"${place}${key}" must be true or false${butIs(value)}`);
    }
  }
  problems.push(...notFunctions(transform, ["pins", "warmUp", "explain", "isWanted"], place));
  return problems;
}

function notFunctions(fields: Fields, keys: readonly string[], place: string): string[] {
  return keys
    .filter((key) => fields[key] !== undefined && typeof fields[key] !== "function")
    .map((key) => `"${place}${key}" must be a function${butIs(fields[key])}`);
}

/** Unknown keys are let be (a plugin may keep what it likes on its object), except where they look like a slip. */
function misspelled(fields: Fields, known: readonly string[], place: string): string[] {
  return Object.keys(fields)
    .filter((key) => !known.includes(key))
    .flatMap((key) => {
      const guess = didYouMean(key, known).trim();
      return guess === "" ? [] : [`"${place}${key}" is not known. ${guess}`];
    });
}

function butIs(value: unknown): string {
  if (value === undefined) return "; it is missing";
  if (typeof value === "string") return `, not ${quote(value)}`;
  const type = typeOf(value as null);
  if (type === "null") return ", not null";
  return `, not ${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}
