import babel from "@babel/core";

const { code } = await babel.transformAsync("class A { #x = 1; get x() { return this.#x ?? 2 } }", {
  presets: [["@babel/preset-env", { targets: "ie 11" }]],
  configFile: false,
  babelrc: false,
});
const A = new Function(`${code}; return A;`)();
console.log(/class A/.test(code), new A().x);
