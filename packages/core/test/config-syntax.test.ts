import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, load, projectWith, rendered } from "./config-rig.ts";

const app = { "src/main.ts": "", "package.json": { name: "health", version: "1.2.0" } };

async function syntaxErrors(config: string | Uint8Array): Promise<string> {
  const dir = projectWith({ ...app, "sbp.config.json": config });
  const error = await failure(dir);
  expect(error.code).toBe("SBP_CONFIG_INVALID");
  expect(error.exitCode).toBe(2);
  return rendered(dir, error.diagnostics.length > 0 ? error.diagnostics : [error]);
}

test("comments, trailing commas and a byte order mark are accepted", async () => {
  const dir = projectWith({
    ...app,
    "sbp.config.json":
      '\ufeff// the config\n{ /* its name */ "name": "service", "pipeline": [{ "use": "strip", },], }',
  });
  const project = await load(dir);
  expect(project.app.name).toBe("service");
  expect(project.steps[0]!.location).toMatchObject({ line: 2, column: 59, length: 7 });
});

test("all syntax errors are told, each at its place", async () => {
  expect(await syntaxErrors('{\n  "name": health,\n  "outDir" "out"\n}\n')).toMatchInlineSnapshot(`
    "sbp.config.json:2:11 SBP_CONFIG_INVALID This is not a value of JSON; text needs double quotes
        "name": health,
                ^^^^^^
    sbp.config.json:3:12 SBP_CONFIG_INVALID A colon is expected here
        "outDir" "out"
                 ^^^^^"
  `);
  expect(await syntaxErrors('{\r\n  "name": "a\r\n}')).toMatchInlineSnapshot(`
    "sbp.config.json:2:11 SBP_CONFIG_INVALID This string is not closed
        "name": "a
                ^^"
  `);
  expect(await syntaxErrors("")).toMatchInlineSnapshot(`
    "sbp.config.json:1:1 SBP_CONFIG_INVALID A value is expected here
      
      ^"
  `);
  expect(await syntaxErrors('{ "name": "\\x" } {}')).toMatchInlineSnapshot(`
    "sbp.config.json:1:11 SBP_CONFIG_INVALID This escape sequence is not one of JSON
      { "name": "\\x" } {}
                ^^^^
    sbp.config.json:1:18 SBP_CONFIG_INVALID Nothing more is expected here
      { "name": "\\x" } {}
                       ^"
  `);
});

test("a key that is there twice is an error", async () => {
  const config = '{\n  "pipeline": [{ "use": "strip", "level": 1, "level": 2 }],\n  "pipeline": []\n}';
  expect(await syntaxErrors(config)).toMatchInlineSnapshot(`
    "sbp.config.json:2:46 SBP_CONFIG_INVALID The key "level" is there twice
        "pipeline": [{ "use": "strip", "level": 1, "level": 2 }],
                                                   ^^^^^^^
    sbp.config.json:3:3 SBP_CONFIG_INVALID The key "pipeline" is there twice
        "pipeline": []
        ^^^^^^^^^^"
  `);
});

test("keys and numbers that JavaScript would bend are errors", async () => {
  expect(await syntaxErrors('{ "__proto__": {}, "x": 1e999 }')).toMatchInlineSnapshot(`
    "sbp.config.json:1:3 SBP_CONFIG_INVALID The key "__proto__" is not allowed
      { "__proto__": {}, "x": 1e999 }
        ^^^^^^^^^^^
    sbp.config.json:1:25 SBP_CONFIG_INVALID This number is too large
      { "__proto__": {}, "x": 1e999 }
                              ^^^^^"
  `);
});

test("files that no config can be are refused", async () => {
  expect(await syntaxErrors(`{ "name": "${"a".repeat(1024 * 1024)}" }`)).toMatchInlineSnapshot(
    `"sbp.config.json SBP_CONFIG_INVALID The file is larger than 1 MiB"`,
  );
  expect(await syntaxErrors(new Uint8Array([0x7b, 0xff, 0x7d]))).toMatchInlineSnapshot(
    `"sbp.config.json SBP_CONFIG_INVALID The file is not valid UTF-8"`,
  );
  expect(await syntaxErrors("[".repeat(500_000))).toContain("Values are nested more than 100 deep");
});

test("a folder in the place of the config is not skipped", async () => {
  const error = await failure(projectWith({ ...app, "sbp.config.json/x": "" }));
  expect(error).toMatchObject({ code: "SBP_CONFIG_INVALID", message: "This is not a file" });
});

test("thousands of errors are cut to the first fifty, without control characters", async () => {
  const dir = projectWith({ ...app, "sbp.config.json": `[\n${"\u001bx,\n".repeat(5000)}1]` });
  const error = await failure(dir);
  expect(error.message).toMatch(/^sbp\.config\.json has \d+ errors; these are the first 50$/);
  expect(error.diagnostics).toHaveLength(50);
  expect(error.diagnostics[0]!.location!.lineText).not.toContain("\u001b");
});

test("a package.json that is not JSON is told with its place", async () => {
  const dir = projectWith({ "src/main.ts": "", "package.json": '{\n  "name": "a",\n}' });
  const error = await failure(dir);
  expect(error.code).toBe("SBP_PACKAGE_INVALID");
  expect(rendered(dir, error.diagnostics)).toMatchInlineSnapshot(`
    "package.json:3:1 SBP_PACKAGE_INVALID A key in double quotes is expected here
      }
      ^"
  `);
});

test("a config named on the command line must be there", async () => {
  const dir = projectWith(app);
  const error = await failure(dir, { configFile: "other.json" });
  expect(error).toMatchObject({ code: "SBP_CONFIG_MISSING", exitCode: 2 });
  expect(error.message).toContain(join(dir, "other.json"));
});
