const { readFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const source = readFileSync(path.join(__dirname, "rules/rule.js"), "utf8");
console.log(vm.runInNewContext(source, { input: 20 }));
const script = new vm.Script("later()", {
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
console.log(script.runInNewContext({ later: () => "later" }));
const own = new Module("own.js", module);
own._compile("module.exports = require('node:path').sep.length", path.join(__dirname, "own.js"));
console.log(own.exports, (0, eval)("typeof require"), new Function("return 6 * 7")());
new Function("name", "return import(name)")("node:os").then((os) => console.log(typeof os.EOL));
