/** What may be at a place: nothing, a file's text, a link, a folder. */
export type State =
  | string
  | undefined
  | { readonly link: string }
  | { readonly tree: Readonly<Record<string, State>> };

const main = (specifiers: readonly string[]) => `
  import { readFileSync, readdirSync } from "node:fs";
  import { join } from "node:path";
  ${specifiers.map((name) => `try { console.log(require(${JSON.stringify(name)})); } catch {}`).join("\n")}
  import("./late").catch(() => {});
  import("pkg/sub").catch(() => {});
  console.log(readdirSync(join(import.meta.dirname, "data")));
  console.log(readFileSync(new URL("./one.txt", import.meta.url), "utf8"));
  class Named { }
`;

const specifiers = [
  "./a",
  "./x",
  "./b.js",
  "pkg",
  "#int",
  "@s/p",
  "alias/a",
  "u",
  "lib",
  "./d.json",
  "reader",
  "env",
];

const manifest = (fields: object) => JSON.stringify({ name: "pkg", version: "1.0.0", ...fields });
const says = (text: string) => `module.exports = ${JSON.stringify(text)};`;
const pkg = (version: string, fields: object = {}): State => ({
  tree: {
    "package.json": manifest({ version, ...fields }),
    "index.js": says(`pkg ${version}`),
    "other.js": says(`other of pkg ${version}`),
    "sub.js": says(`sub of pkg ${version}`),
  },
});
const reader = (code: string): State => ({
  tree: {
    "package.json": '{"name":"reader","version":"1.0.0"}',
    "index.js": `const fs = require("fs"), path = require("path"); ${code}`,
    "data.txt": "of the reader",
    "extra.txt": "named by the user",
  },
});

/** Places, below the folder that holds the app's, with what may be there; the first is what is there at the start. */
export const spots: Readonly<Record<string, readonly State[]>> = {
  // Sources, and what would win over them.
  "app/src/main.ts": [main(specifiers), main([...specifiers].reverse()), main(specifiers.slice(4))],
  "app/src/a.ts": ["export default 'a.ts';", "import './b.js'; export default 'other a.ts';", undefined],
  "app/src/a.js": [undefined, "export default 'a.js';"],
  "app/src/a.tsx": [undefined, "export default 'a.tsx';", { link: "a.ts" }],
  "app/src/a": [undefined, { tree: { "index.ts": "export default 'folder a';" } }],
  "app/src/b.ts": ["export default 'b.ts';", { link: "a.ts" }, { link: "nowhere.ts" }, undefined],
  "app/src/b.js": [undefined, "export default 'b.js';", { tree: {} }],
  "app/src/nowhere.ts": [undefined, "export default 'it came';", { tree: { "index.ts": "" } }],
  "app/src/x": [{ tree: { "index.ts": "export default 'x';" } }, { link: "../../libs/x" }, undefined],
  "app/src/x/index.tsx": [undefined, "export default 'x.tsx';"],
  "app/src/x/package.json": [undefined, '{"main":"./deep/y.js"}', '{"type":"module","sideEffects":false}'],
  "app/src/x/deep/y.js": [undefined, "module.exports = 'deep'", "export default 'deep'"],
  "app/src/x.ts": [undefined, "export default 'x.ts';"],
  "app/src/d.json": ['{"d":1}', '{"d":2}', undefined, { tree: {} }],
  "app/src/late.ts": [undefined, "export default 'late';"],
  "app/src/A.ts": [undefined, "export default 'A.ts';"],
  "libs/x": [undefined, { tree: { "index.ts": "export default 'x of libs';" } }],
  // Settings of packages and of TypeScript.
  "app/package.json": [
    '{"name":"app","type":"module","imports":{"#int":"./src/a.ts"}}',
    '{"name":"app","imports":{"#int":{"special":"./src/x/index.ts","default":"pkg"}}}',
    '{"name":"app","version":"2.0.0","sideEffects":false,"browser":{"./src/a.ts":"./src/b.ts"}}',
    undefined,
  ],
  "app/src/package.json": [undefined, '{"type":"commonjs"}', '{"imports":{"#int":"./d.json"}}'],
  "package.json": [undefined, '{"type":"module"}', '{"workspaces":["app","libs/*"]}', "{"],
  "pnpm-workspace.yaml": [undefined, "packages: [app]"],
  "app/tsconfig.json": [
    '{"extends":"../tsconfig.base.json"}',
    '{"extends":["../tsconfig.base.json","cfg"],"compilerOptions":{"baseUrl":"."}}',
    '{"compilerOptions":{"paths":{"alias/*":["./src/*"],"u":["./src/b.ts"]},"jsx":"preserve"}}',
    undefined,
    "{",
  ],
  "app/jsconfig.json": [undefined, '{"compilerOptions":{"baseUrl":"./src"}}'],
  "app/src/tsconfig.json": [
    undefined,
    '{"compilerOptions":{"target":"es2020","useDefineForClassFields":false}}',
  ],
  "app/other/tsconfig.json": [
    '{"extends":"cfg/base.json"}',
    '{"compilerOptions":{"paths":{"u":["../src/x"]}}}',
  ],
  "tsconfig.base.json": [
    '{"compilerOptions":{"paths":{"alias/*":["./app/src/*","./libs/*"]}}}',
    '{"compilerOptions":{"baseUrl":"./app","experimentalDecorators":true}}',
    undefined,
    { link: "libs/tsconfig.json" },
  ],
  "libs/tsconfig.json": [undefined, '{"compilerOptions":{"paths":{"alias/*":["./*"]}}}'],
  "tsconfig.json": [undefined, '{"compilerOptions":{"baseUrl":"./libs"}}'],
  "node_modules/cfg": [
    undefined,
    {
      tree: {
        "tsconfig.json": '{"compilerOptions":{"paths":{"u":["../../app/src/d.json"]}}}',
        "base.json": "{}",
      },
    },
  ],
  "app/node_modules/cfg": [
    undefined,
    {
      tree: {
        "package.json": '{"tsconfig":"base.json"}',
        "base.json": '{"compilerOptions":{"paths":{"u":["../../src/a.ts"],"alias/*":["../../src/x/*"]}}}',
      },
    },
  ],
  "app/u.ts": [undefined, "export default 'u.ts';"],
  "app/src/u.ts": [undefined, "export default 'src/u.ts';"],
  "libs/u": [undefined, { tree: { "index.js": says("libs/u") } }],
  // Packages: nearer ones, other versions, links.
  "node_modules/pkg": [
    pkg("1.0.0"),
    pkg("1.0.1", { exports: { ".": { special: "./other.js", default: "./index.js" }, "./sub": "./sub.js" } }),
    pkg("1.0.2", { main: "other", type: "module" }),
    { link: "../libs/pkg" },
    undefined,
  ],
  "node_modules/pkg/index.js": [
    says("pkg"),
    "module.exports = require('env'); require.resolve('@s/p');",
    undefined,
  ],
  "node_modules/pkg/index.json": [undefined, "{}"],
  "node_modules/pkg/other.ts": [undefined, "export default 'other.ts'"],
  "node_modules/pkg/lib.node": [undefined, "no addon"],
  "node_modules/pkg/bin": [undefined, "tool", { tree: { tool: "tool" } }],
  "node_modules/pkg/node_modules/env": [undefined, { tree: { "index.js": says("env of pkg") } }],
  "libs/pkg": [pkg("2.0.0"), pkg("2.0.1", { sideEffects: false }), undefined],
  "app/node_modules/pkg": [undefined, pkg("3.0.0"), { link: "../../libs/pkg" }, { link: "nowhere" }],
  "app/src/node_modules/pkg": [undefined, pkg("4.0.0")],
  "app/src/node_modules": [undefined, { link: "../../libs" }],
  "node_modules/@s/p": [{ tree: { "index.js": says("scoped") } }, { link: "../../libs/pkg" }, undefined],
  "app/node_modules/@s": [
    undefined,
    { tree: { p: { tree: { "index.js": says("nearer") } } } },
    { link: "../../libs" },
  ],
  "libs/p": [undefined, { tree: { "index.js": says("p of libs") } }],
  "libs/lib": [
    { tree: { "package.json": '{"name":"lib","main":"m.js"}', "m.js": "exports.x = require('pkg');" } },
    undefined,
  ],
  "libs/lib/m.js": ["exports.y = 1;", "exports.z = require('../u');", undefined],
  "node_modules/lib": [{ link: "../libs/lib" }, { link: "../libs/x" }, undefined],
  "node_modules/env.js": [undefined, says("env.js")],
  // Packages whose files are carried.
  "node_modules/reader": [
    reader("exports.text = fs.readFileSync(path.join(__dirname, 'data.txt'), 'utf8');"),
    reader(
      "exports.all = fs.readdirSync(path.join(__dirname, 'views')); exports.p = require('./' + process.env.X);",
    ),
    reader(
      "exports.text = fs.readFileSync(__dirname + '/data.txt'); require('pkg'); try { require('env') } catch {}",
    ),
    undefined,
  ],
  "node_modules/reader/data.txt": ["one", "two", undefined, { link: "../../libs/data.txt" }],
  "libs/data.txt": ["of libs", undefined],
  "node_modules/reader/views": [undefined, { tree: { "a.html": "a" } }, { link: "../../app/src/data" }],
  "node_modules/reader/views/b.html": ["b", undefined, { link: "../data.txt" }],
  "node_modules/reader/plugin.js": [undefined, "require('@s/p');"],
  "node_modules/reader/extra2.txt": [undefined, "two", { link: "gone.txt" }],
  "node_modules/reader/gone.txt": [undefined, "back"],
  "node_modules/reader/LICENSE": [undefined, "MIT"],
  // Files that sources and the config name.
  "app/src/one.txt": [
    "1",
    "2",
    undefined,
    { tree: { inner: "3" } },
    { link: "data/a.txt" },
    { link: "data" },
  ],
  "app/src/data": [{ tree: { "a.txt": "a" } }, { link: "../assets" }, undefined, "a file"],
  "app/src/data/b.txt": [
    "b",
    { link: "../one.txt" },
    { link: "gone.txt" },
    undefined,
    { tree: { "c.txt": "c" } },
  ],
  "app/src/data/gone.txt": [undefined, "g", { tree: { "d.txt": "d" } }],
  "app/src/data/sub": [undefined, { link: "../../assets" }, { link: "." }, { link: "../x" }],
  "app/assets": [{ tree: { "run.sh": "true" } }, { link: "../libs/assets" }, undefined],
  "app/assets/bb.txt": [undefined, "b", { link: "../src/one.txt" }, { link: "cc.txt" }],
  "app/assets/cc.txt": [undefined, "c", { tree: { e: "e" } }],
  "app/assets/deep": [undefined, { tree: { "f.txt": "f", ".hidden": "h" } }, { link: "../src/data" }],
  "app/assets/script.js": [undefined, "require('pkg');", "import './helper.js';"],
  "app/assets/helper.js": [undefined, "export {};"],
  "app/assets/package.json": [undefined, '{"type":"module"}', '{"type":"commonjs"}'],
  "libs/assets": [undefined, { tree: { "l.txt": "l" } }],
  "app/more/m.txt": [undefined, "m", { link: "../src/one.txt" }],
  // What else a bundle tells of.
  "app/package-lock.json": [
    undefined,
    '{"lockfileVersion":3,"packages":{"node_modules/pkg":{"version":"3.0.0","integrity":"sha512-AAAA"}}}',
    "{",
  ],
  "package-lock.json": [
    undefined,
    '{"lockfileVersion":3,"packages":{"node_modules/pkg":{"version":"1.0.0","integrity":"sha512-BBBB"}}}',
  ],
  "node_modules/.package-lock.json": [undefined, '{"lockfileVersion":3,"packages":{}}'],
  "yarn.lock": [undefined, "# yarn lockfile v1\n"],
  "app/.pnp.cjs": [undefined, "module.exports = {};"],
  "node_modules/pkg/LICENSE": [undefined, "MIT"],
};
