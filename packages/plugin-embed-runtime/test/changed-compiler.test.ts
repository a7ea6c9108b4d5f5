import { expect, test } from "vitest";
import { appBuilder, run } from "./app.ts";

test("who takes the place of node's compiler gets carried modules to change, code cache or not", async () => {
  const builder = await appBuilder("26.10.0");
  const source = `
    const Module = require("node:module");
    console.log(require("./lib.cjs").value);
    const { _compile } = Module.prototype;
    Module.prototype._compile = function (text, file) {
      return _compile.call(this, text.replace("as it is", "changed"), file);
    };
    console.log(require("./late.cjs").value);
    Module.prototype._compile = _compile;
    console.log(require("./last.cjs").value);`;
  const text = 'exports.value = "as it is";';
  const { path } = await builder.build("main.cjs", source, {
    files: { "lib.cjs": text, "late.cjs": text, "last.cjs": text },
  });
  expect((await run(path)).stdout).toBe("as it is\nchanged\nas it is\n");
});
