import { ExecutableError } from "../error.ts";
import type { PeResourceId } from "./resource.ts";
import { type PeTemplate, type PeTemplateResource, templateProblem } from "./template.ts";

const numbers = [
  "size",
  "address",
  "sum",
  "headerOffset",
  "sectionHeaderOffset",
  "sectionAlignment",
  "fileAlignment",
  "initializedDataSize",
] as const;
const texts = ["resourceName", "subsystem"] as const;

/**
 * Checks a template description that was kept as JSON, by the same rules as those that made it.
 *
 * @throws ExecutableError EXECUTABLE_TEMPLATE_INVALID.
 */
export function parsePeTemplate(value: unknown): PeTemplate {
  if (!isRecord(value) || value["format"] !== "pe") throw invalid("it is not one of format pe");
  for (const field of numbers) if (!isWord(value[field])) throw invalid(`${field} is missing`);
  for (const field of texts) if (typeof value[field] !== "string") throw invalid(`${field} is missing`);
  const { resources } = value;
  if (!Array.isArray(resources)) throw invalid("the resources are missing");
  const template = {
    ...Object.fromEntries(["format", ...numbers, ...texts].map((field) => [field, value[field]])),
    resources: resources.map(parseResource),
  } as unknown as PeTemplate;
  const problem = templateProblem(template);
  if (problem !== undefined) throw invalid(problem);
  return template;
}

function parseResource(entry: unknown): PeTemplateResource {
  if (!isRecord(entry)) throw invalid("a resource is not complete");
  const { type, name, language, codePage, content } = entry;
  const isKey = isId(type) && isId(name) && isWord(language) && language < 0x10000;
  if (!isKey || !isWord(codePage) || typeof content !== "string") throw invalid("a resource is not complete");
  return { type, name, language, codePage, content };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWord(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

function isId(value: unknown): value is PeResourceId {
  return isWord(value) || (typeof value === "string" && value.length > 0 && value.length <= 256);
}

function invalid(reason: string): ExecutableError {
  return new ExecutableError(
    "EXECUTABLE_TEMPLATE_INVALID",
    `this is no description of a template: ${reason}`,
  );
}
