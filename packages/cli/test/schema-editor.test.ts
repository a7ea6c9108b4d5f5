import { configSchema } from "@sbp/core";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type CompletionItem,
  getLanguageService,
  type LanguageService,
  TextDocument,
} from "vscode-json-languageservice";
import { folder, sbp } from "./sbp.ts";

/*
 * What an editor makes of the schema: VS Code's own JSON language service, with the schema of a project that has a plugin of
 * its own.
 */

const ownPlugin = `export default {
  name: "licenses",
  options: {
    type: "object",
    description: "Looks at licences.",
    properties: {
      allow: { type: "array", items: { type: "string", enum: ["MIT", "ISC"] }, description: "Licences that are fine." },
      report: { type: "object", properties: { format: { type: "string", enum: ["text", "json"], default: "text" } } },
    },
    required: ["allow"],
  },
  consumes: ["bundle"],
  produces: ["report"],
  scope: "project",
  async run() {},
};
`;

let service: LanguageService;
beforeAll(async () => {
  const cwd = await folder({
    "package.json": '{"name":"demo"}',
    "src/main.ts": "",
    "sbp.config.json":
      '{"pipeline":[{"use":"bundle","entry":"src/main.ts"},{"use":"./licenses.mjs","allow":["MIT"]}]}',
    "licenses.mjs": ownPlugin,
  });
  const { stdout } = await sbp(["schema"], { cwd });
  service = getLanguageService({});
  service.configure({
    allowComments: true,
    schemas: [{ uri: "sbp.schema.json", fileMatch: ["*"], schema: JSON.parse(stdout) }],
  });
});

/** What the editor offers, or says, at the place that is marked by |. */
function at(marked: string) {
  const offset = marked.indexOf("|");
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const document = TextDocument.create("file:///sbp.config.json", "jsonc", 1, text);
  return { document, json: service.parseJSONDocument(document), position: document.positionAt(offset) };
}

async function offered(marked: string): Promise<readonly CompletionItem[]> {
  const { document, json, position } = at(marked);
  return (await service.doComplete(document, position, json))?.items ?? [];
}
const labels = async (marked: string) => (await offered(marked)).map(({ label }) => label).sort();

async function problems(text: string): Promise<string[]> {
  const { document, json } = at(`${text}|`);
  return (await service.doValidation(document, json)).map(({ message }) => `${message}`);
}

describe("an editor", () => {
  test("completes the top level", async () => {
    expect(await labels("{ | }")).toEqual(Object.keys(configSchema.properties).sort());
  });

  test("completes the names of plugins, the project's own too", async () => {
    const names = await labels('{ "pipeline": [{ "use": | }] }');
    expect(names).toEqual(
      expect.arrayContaining([
        '"./licenses.mjs"',
        '"bundle"',
        '"command"',
        '"cross-target"',
        '"embed-runtime"',
      ]),
    );
  });

  test("completes the options of the step's plugin alone, with what they mean", async () => {
    const own = await offered('{ "pipeline": [{ "use": "./licenses.mjs", | }] }');
    expect(own.map(({ label }) => label).sort()).toEqual(["allow", "report"]);
    expect(own.find(({ label }) => label === "allow")?.documentation).toBe("Licences that are fine.");
    const builtIn = await labels('{ "pipeline": [{ "use": "strip", | }] }');
    expect(builtIn).toContain("locales");
    expect(builtIn).not.toContain("allow");
  });

  test("completes values, at any depth", async () => {
    expect(await labels('{ "pipeline": [{ "use": "./licenses.mjs", "allow": [|] }] }')).toEqual(
      expect.arrayContaining(['"ISC"', '"MIT"']),
    );
    expect(await labels('{ "pipeline": [{ "use": "./licenses.mjs", "report": { "format": | } }] }')).toEqual(
      expect.arrayContaining(['"json"', '"text"']),
    );
    expect(await labels('{ "pipeline": [{ "use": "cross-target", "targets": [|] }] }')).toContain(
      '"linux-arm64"',
    );
  });

  test("explains what the pointer is on", async () => {
    const { document, json, position } = at(
      '{ "pipeline": [{ "use": "./licenses.mjs", "al|low": ["MIT"] }] }',
    );
    const hover = await service.doHover(document, position, json);
    expect(JSON.stringify(hover?.contents)).toContain("Licences that are fine");
  });

  test("marks what is wrong, and nothing else", async () => {
    const step = (text: string) => `{ "pipeline": [{ "use": "bundle" }, // the app\n ${text}] }`;
    expect(await problems(step('{ "use": "./licenses.mjs", "allow": ["ISC"] }'))).toEqual([]);
    expect(await problems(step('{ "use": "@acme/unknown", "anything": 1 }'))).toEqual([]);
    expect(await problems(step('{ "use": "./licenses.mjs" }'))).toEqual(['Missing property "allow".']);
    expect(await problems(step('{ "use": "./licenses.mjs", "allow": ["GPL"] }'))).toEqual([
      expect.stringContaining("Valid values"),
    ]);
    expect(await problems(step('{ "use": "./licenses.mjs", "allow": [], "alow": [] }'))).toEqual([
      expect.stringContaining("alow"),
    ]);
  });
});
