const babel = require("@babel/core");

const presets = [["@babel/env", { targets: "ie 11" }]];
console.log(babel.transformSync("export const f = (a) => a ?? 1;", { filename: "a.js", presets }).code);
