"use strict";
const path = require("path");
const counter = require("./lib/counter");
const { first } = require("./lib/cycle-a.cjs");

console.log(counter(), counter(), first());
console.log(
  path.basename(__filename),
  path.basename(__dirname).length > 0,
  require.main === module,
  module.children.length > 0,
  typeof exports,
);
console.log(this === module.exports, arguments.length, module.paths.length > 0);
console.log(Object.keys(require.cache).some((file) => file.endsWith("counter.js")));
try {
  require("./lib/absent");
} catch (error) {
  console.log(error.code);
}
