import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  createFileRegistry,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Ajv, type AnySchemaObject, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Inventory } from "../src/inventory/inventory.ts";
import { type Format, formatted } from "../src/outputs.ts";
import { provenanceStatement } from "../src/provenance/statement.ts";
import { inventory, shop } from "./inventories.ts";
import { scan } from "./scanned.ts";

/* What is written, by the schemas that its formats' authors publish (fixtures/README.md says where they are from). */

const schemas = join(import.meta.dirname, "fixtures/schemas");
const readSchema = async (name: string): Promise<AnySchemaObject> =>
  JSON.parse(await readFile(join(schemas, name), "utf8"));
const written = async (format: Format, of: Inventory) => JSON.parse((await formatted(scan(of), format))!);

/** What the document says that the schema does not allow; empty for a valid one. */
function faults(validate: ValidateFunction, document: unknown): readonly string[] {
  if (validate(document)) return [];
  return validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const odd = inventory([], {
  app: { name: "@acme/größe & co", version: "" },
  runtime: { name: "node", version: "18.0.0" },
  source: { revision: "0123456789012345678901234567890123456789" },
});
const { subject, components } = shop();
const inventories: readonly (readonly [string, Inventory])[] = [
  ["an executable", shop()],
  ["an image", { ...shop(), subject: { ...subject, kind: "image" } }],
  [
    "a project",
    {
      ...shop(),
      subject: { kind: "project", name: "shop", version: "", target: undefined, path: "." },
      components: components.map((one, index) => ({ ...one, place: "lockfile", dev: index % 2 === 0 })),
    },
  ],
  ["an app with odd names, without a package", odd],
];

describe("SPDX 2.3", async () => {
  const validate = new Ajv().compile(await readSchema("spdx-2.3-schema.json"));

  test.for(inventories)("of %s", async ([, of]) => {
    expect(faults(validate, await written("spdx", of))).toEqual([]);
  });

  test.for([
    ["without its creators", ({ creationInfo, ...rest }: JsonObject) => rest],
    ["with a field of ours", (document: JsonObject) => ({ ...document, vulnerabilities: [] })],
    ["with another word for a relation", (document: JsonObject) => withRelation(document, "NEEDS")],
  ] as const)("not %s", async ([, breaks]) => {
    expect(faults(validate, breaks(await written("spdx", shop())))).not.toEqual([]);
  });
});

function withRelation(document: JsonObject, relationshipType: string): JsonObject {
  const relationships = document["relationships"] as JsonObject[];
  return { ...document, relationships: [{ ...relationships[0]!, relationshipType }] };
}

describe("OpenVEX 0.2.0", async () => {
  const ajv = new Ajv2020({ strictRequired: false });
  addFormats.default(ajv);
  // Every URI is an IRI, and we write no other. What there is for "iri" allows only schemes of a list that lacks "pkg".
  ajv.addFormat("iri", ajv.formats["uri"]!);
  const validate = ajv.compile(await readSchema("openvex-0.2.0-schema.json"));

  test.for(inventories)("of %s", async ([, of]) => {
    const document = await written("openvex", of);
    expect(faults(validate, document)).toEqual([]);
    expect(document.statements.length).toBeGreaterThan(0);
  });

  test.for([
    ["without a reason that it is not affected", "justification"],
    ["without what to do", "action_statement"],
    ["without a vulnerability", "vulnerability"],
  ] as const)("not %s", async ([, field]) => {
    const document = await written("openvex", shop());
    const statements = document.statements.map(({ [field]: _, ...rest }: JsonObject) => rest);
    expect(faults(validate, { ...document, statements })).not.toEqual([]);
  });

  test("not with a time that is none", async () => {
    const document = await written("openvex", shop());
    expect(faults(validate, { ...document, timestamp: "yesterday" })).not.toEqual([]);
  });
});

describe("in-toto's statement with SLSA's provenance", () => {
  let registry: FileRegistry;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sbp-scan-test-"));
    const set = join(folder, "descriptors");
    const sources = ["v1/statement.proto", "predicates/provenance/v1/provenance.proto"];
    await promisify(execFile)("protoc", [
      `--proto_path=${schemas}`,
      "--include_imports",
      `--descriptor_set_out=${set}`,
      ...sources.map((source) => `in_toto_attestation/${source}`),
    ]);
    registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(set)));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Reads JSON as a message, as the definition has it: fields that it does not know, and other types, are errors. */
  const read = (message: string, json: JsonValue) =>
    fromJson(registry.getMessage(`in_toto_attestation.${message}`)!, json);
  const statementOf = (of: Inventory): JsonObject & { predicate: JsonObject } =>
    JSON.parse(
      provenanceStatement([{ name: of.subject.name, sha256: "ab".repeat(32) }], of, {
        tool: "0.1.0",
        options: { selfContained: true, runtime: { version: "26" } },
      }),
    );

  test.for(inventories)("of %s", ([, of]) => {
    const statement = statementOf(of);
    read("v1.Statement", statement);
    read("predicates.provenance.v1.Provenance", statement.predicate);
  });

  test("not with fields of ours, nor with hashes of other types", () => {
    const statement = statementOf(shop());
    expect(() => read("v1.Statement", { ...statement, predicates: [] })).toThrow("predicates");
    expect(() => read("v1.Statement", { ...statement, subject: [{ name: "x", digest: "ab" }] })).toThrow(
      "digest",
    );
    const { buildDefinition, runDetails } = statement.predicate;
    const other = {
      buildDefinition: { ...(buildDefinition as JsonObject), options: {} },
      runDetails: runDetails!,
    };
    expect(() => read("predicates.provenance.v1.Provenance", other)).toThrow("options");
  });
});
