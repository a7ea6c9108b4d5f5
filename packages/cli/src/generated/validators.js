// Made by tools/generate.ts from the options of the built-in plugins. Do not edit: npm run generate
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};

// node_modules/ajv/dist/runtime/ucs2length.js
var require_ucs2length = __commonJS({
  "node_modules/ajv/dist/runtime/ucs2length.js"(exports) {
    "use strict";
    Object.defineProperty(exports, "__esModule", { value: true });
    function ucs2length(str) {
      const len = str.length;
      let length = 0;
      let pos = 0;
      let value;
      while (pos < len) {
        length++;
        value = str.charCodeAt(pos++);
        if (value >= 55296 && value <= 56319 && pos < len) {
          value = str.charCodeAt(pos);
          if ((value & 64512) === 56320)
            pos++;
        }
      }
      return length;
    }
    exports.default = ucs2length;
    ucs2length.code = 'require("ajv/dist/runtime/ucs2length").default';
  }
});

// ajv:code
var validate0 = validate20;
var func1 = require_ucs2length().default;
function validate20(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
  let vErrors = null;
  let errors = 0;
  const evaluated0 = validate20.evaluated;
  if (evaluated0.dynamicProps) {
    evaluated0.props = void 0;
  }
  if (evaluated0.dynamicItems) {
    evaluated0.items = void 0;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    for (const key0 in data) {
      if (!(key0 === "$schema" || key0 === "name" || key0 === "version" || key0 === "outDir" || key0 === "restart" || key0 === "pipeline")) {
        const err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err0];
        } else {
          vErrors.push(err0);
        }
        errors++;
      }
    }
    if (data.$schema !== void 0) {
      if (typeof data.$schema !== "string") {
        const err1 = { instancePath: instancePath + "/$schema", schemaPath: "#/properties/%24schema/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err1];
        } else {
          vErrors.push(err1);
        }
        errors++;
      }
    }
    if (data.name !== void 0) {
      let data1 = data.name;
      if (typeof data1 === "string") {
        if (func1(data1) < 1) {
          const err2 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err2];
          } else {
            vErrors.push(err2);
          }
          errors++;
        }
      } else {
        const err3 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      }
    }
    if (data.version !== void 0) {
      let data2 = data.version;
      if (typeof data2 === "string") {
        if (func1(data2) < 1) {
          const err4 = { instancePath: instancePath + "/version", schemaPath: "#/properties/version/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
      } else {
        const err5 = { instancePath: instancePath + "/version", schemaPath: "#/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err5];
        } else {
          vErrors.push(err5);
        }
        errors++;
      }
    }
    if (data.outDir !== void 0) {
      let data3 = data.outDir;
      if (typeof data3 === "string") {
        if (func1(data3) < 1) {
          const err6 = { instancePath: instancePath + "/outDir", schemaPath: "#/properties/outDir/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err6];
          } else {
            vErrors.push(err6);
          }
          errors++;
        }
      } else {
        const err7 = { instancePath: instancePath + "/outDir", schemaPath: "#/properties/outDir/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err7];
        } else {
          vErrors.push(err7);
        }
        errors++;
      }
    }
    if (data.restart !== void 0) {
      let data4 = data.restart;
      if (data4 && typeof data4 == "object" && !Array.isArray(data4)) {
        for (const key1 in data4) {
          if (!(key1 === "ready")) {
            const err8 = { instancePath: instancePath + "/restart", schemaPath: "#/properties/restart/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties" };
            if (vErrors === null) {
              vErrors = [err8];
            } else {
              vErrors.push(err8);
            }
            errors++;
          }
        }
        if (data4.ready !== void 0) {
          let data5 = data4.ready;
          if (typeof data5 === "string") {
            if (func1(data5) < 1) {
              const err9 = { instancePath: instancePath + "/restart/ready", schemaPath: "#/properties/restart/properties/ready/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err9];
              } else {
                vErrors.push(err9);
              }
              errors++;
            }
          } else {
            const err10 = { instancePath: instancePath + "/restart/ready", schemaPath: "#/properties/restart/properties/ready/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err10];
            } else {
              vErrors.push(err10);
            }
            errors++;
          }
        }
      } else {
        const err11 = { instancePath: instancePath + "/restart", schemaPath: "#/properties/restart/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err11];
        } else {
          vErrors.push(err11);
        }
        errors++;
      }
    }
    if (data.pipeline !== void 0) {
      let data6 = data.pipeline;
      if (Array.isArray(data6)) {
        if (data6.length < 1) {
          const err12 = { instancePath: instancePath + "/pipeline", schemaPath: "#/properties/pipeline/minItems", keyword: "minItems", params: { limit: 1 }, message: "must NOT have fewer than 1 items" };
          if (vErrors === null) {
            vErrors = [err12];
          } else {
            vErrors.push(err12);
          }
          errors++;
        }
        const len0 = data6.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data7 = data6[i0];
          if (data7 && typeof data7 == "object" && !Array.isArray(data7)) {
            if (data7.use === void 0) {
              const err13 = { instancePath: instancePath + "/pipeline/" + i0, schemaPath: "#/properties/pipeline/items/required", keyword: "required", params: { missingProperty: "use" }, message: "must have required property 'use'" };
              if (vErrors === null) {
                vErrors = [err13];
              } else {
                vErrors.push(err13);
              }
              errors++;
            }
            if (data7.use !== void 0) {
              let data8 = data7.use;
              if (typeof data8 === "string") {
                if (func1(data8) < 1) {
                  const err14 = { instancePath: instancePath + "/pipeline/" + i0 + "/use", schemaPath: "#/properties/pipeline/items/properties/use/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err14];
                  } else {
                    vErrors.push(err14);
                  }
                  errors++;
                }
              } else {
                const err15 = { instancePath: instancePath + "/pipeline/" + i0 + "/use", schemaPath: "#/properties/pipeline/items/properties/use/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err15];
                } else {
                  vErrors.push(err15);
                }
                errors++;
              }
            }
          } else {
            const err16 = { instancePath: instancePath + "/pipeline/" + i0, schemaPath: "#/properties/pipeline/items/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err16];
            } else {
              vErrors.push(err16);
            }
            errors++;
          }
        }
      } else {
        const err17 = { instancePath: instancePath + "/pipeline", schemaPath: "#/properties/pipeline/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err17];
        } else {
          vErrors.push(err17);
        }
        errors++;
      }
    }
  } else {
    const err18 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err18];
    } else {
      vErrors.push(err18);
    }
    errors++;
  }
  validate20.errors = vErrors;
  return errors === 0;
}
validate20.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };
var validate1 = validate21;
var schema32 = { "type": "object", "description": "Bundles the app and its npm dependencies into one file of JavaScript.", "properties": { "entry": { "type": "string", "minLength": 1, "description": "The app's first file, relative to the project. Default: what package.json names.", "examples": ["src/main.ts"] }, "format": { "type": "string", "enum": ["auto", "esm", "cjs"], "default": "auto", "description": "The bundle's module format. auto: the entry's, or esm where a CommonJS entry needs top-level await." }, "minify": { "type": "boolean", "default": false, "description": "Shortens the code. The step `strip` does it as well, and without bundling again." }, "keepNames": { "type": "boolean", "default": true, "description": "Keeps the `name` that functions and classes have in the sources, where the bundle has to rename them." }, "sourcemap": { "type": "boolean", "default": true, "description": "Makes a source map, so that stack traces name the sources. The step `strip` says where it goes; without that step executables carry it, with the sources' text." }, "define": { "type": "object", "additionalProperties": { "type": "string" }, "description": 'Replaces global names by constant expressions. Text needs quotes of its own: `"\\"production\\""`.' }, "external": { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true, "description": "Packages to carry as they are instead of bundling them. Other imports are left out; `*` stands for anything." }, "assets": { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true, "description": "Files to carry besides those that the code names by its own place, as globs relative to the project; a folder stands for all in it. The app finds them at the same place relative to its sources." }, "include": { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true, "description": "Like `assets`, for files of packages that are not found: `node_modules/name/data/**`." }, "exclude": { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true, "description": "What to leave out: files that would be carried, as globs relative to the project, and whole packages by name (`name`, `@scope/*`), which then are not bundled either." }, "strict": { "type": "boolean", "default": false, "description": "Takes warnings for errors: what may be missing at run time ends the build." }, "revision": { "type": "boolean", "description": "Executables tell the git revision of the app's sources, and whether these were changed since. Each commit then makes other executables. Default: where the project lies at the top of its repository, since commits to others would count in a larger one." }, "conditions": { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true, "description": "Conditions to follow in `exports` and `imports` of package.json besides Node's own." }, "tsconfig": { "type": "string", "minLength": 1, "description": "The tsconfig.json for all sources, relative to the project. Default: the one nearest to each source." }, "loader": { "type": "object", "additionalProperties": { "type": "string", "enum": ["js", "jsx", "ts", "tsx", "json", "text", "base64", "binary", "dataurl", "empty"] }, "description": 'How to read imported files, by extension: `{ ".sql": "text" }` gives their text.' } }, "additionalProperties": false };
var func6 = Object.prototype.hasOwnProperty;
function validate21(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
  let vErrors = null;
  let errors = 0;
  const evaluated0 = validate21.evaluated;
  if (evaluated0.dynamicProps) {
    evaluated0.props = void 0;
  }
  if (evaluated0.dynamicItems) {
    evaluated0.items = void 0;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    for (const key0 in data) {
      if (!func6.call(schema32.properties, key0)) {
        const err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err0];
        } else {
          vErrors.push(err0);
        }
        errors++;
      }
    }
    if (data.entry !== void 0) {
      let data0 = data.entry;
      if (typeof data0 === "string") {
        if (func1(data0) < 1) {
          const err1 = { instancePath: instancePath + "/entry", schemaPath: "#/properties/entry/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err1];
          } else {
            vErrors.push(err1);
          }
          errors++;
        }
      } else {
        const err2 = { instancePath: instancePath + "/entry", schemaPath: "#/properties/entry/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.format !== void 0) {
      let data1 = data.format;
      if (typeof data1 !== "string") {
        const err3 = { instancePath: instancePath + "/format", schemaPath: "#/properties/format/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      }
      if (!(data1 === "auto" || data1 === "esm" || data1 === "cjs")) {
        const err4 = { instancePath: instancePath + "/format", schemaPath: "#/properties/format/enum", keyword: "enum", params: { allowedValues: schema32.properties.format.enum }, message: "must be equal to one of the allowed values" };
        if (vErrors === null) {
          vErrors = [err4];
        } else {
          vErrors.push(err4);
        }
        errors++;
      }
    }
    if (data.minify !== void 0) {
      if (typeof data.minify !== "boolean") {
        const err5 = { instancePath: instancePath + "/minify", schemaPath: "#/properties/minify/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err5];
        } else {
          vErrors.push(err5);
        }
        errors++;
      }
    }
    if (data.keepNames !== void 0) {
      if (typeof data.keepNames !== "boolean") {
        const err6 = { instancePath: instancePath + "/keepNames", schemaPath: "#/properties/keepNames/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err6];
        } else {
          vErrors.push(err6);
        }
        errors++;
      }
    }
    if (data.sourcemap !== void 0) {
      if (typeof data.sourcemap !== "boolean") {
        const err7 = { instancePath: instancePath + "/sourcemap", schemaPath: "#/properties/sourcemap/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err7];
        } else {
          vErrors.push(err7);
        }
        errors++;
      }
    }
    if (data.define !== void 0) {
      let data5 = data.define;
      if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
        for (const key1 in data5) {
          if (typeof data5[key1] !== "string") {
            const err8 = { instancePath: instancePath + "/define/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/define/additionalProperties/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err8];
            } else {
              vErrors.push(err8);
            }
            errors++;
          }
        }
      } else {
        const err9 = { instancePath: instancePath + "/define", schemaPath: "#/properties/define/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err9];
        } else {
          vErrors.push(err9);
        }
        errors++;
      }
    }
    if (data.external !== void 0) {
      let data7 = data.external;
      if (Array.isArray(data7)) {
        const len0 = data7.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data8 = data7[i0];
          if (typeof data8 === "string") {
            if (func1(data8) < 1) {
              const err10 = { instancePath: instancePath + "/external/" + i0, schemaPath: "#/properties/external/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err10];
              } else {
                vErrors.push(err10);
              }
              errors++;
            }
          } else {
            const err11 = { instancePath: instancePath + "/external/" + i0, schemaPath: "#/properties/external/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err11];
            } else {
              vErrors.push(err11);
            }
            errors++;
          }
        }
        let i1 = data7.length;
        let j0;
        if (i1 > 1) {
          const indices0 = {};
          for (; i1--; ) {
            let item0 = data7[i1];
            if (typeof item0 !== "string") {
              continue;
            }
            if (typeof indices0[item0] == "number") {
              j0 = indices0[item0];
              const err12 = { instancePath: instancePath + "/external", schemaPath: "#/properties/external/uniqueItems", keyword: "uniqueItems", params: { i: i1, j: j0 }, message: "must NOT have duplicate items (items ## " + j0 + " and " + i1 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err12];
              } else {
                vErrors.push(err12);
              }
              errors++;
              break;
            }
            indices0[item0] = i1;
          }
        }
      } else {
        const err13 = { instancePath: instancePath + "/external", schemaPath: "#/properties/external/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err13];
        } else {
          vErrors.push(err13);
        }
        errors++;
      }
    }
    if (data.assets !== void 0) {
      let data9 = data.assets;
      if (Array.isArray(data9)) {
        const len1 = data9.length;
        for (let i2 = 0; i2 < len1; i2++) {
          let data10 = data9[i2];
          if (typeof data10 === "string") {
            if (func1(data10) < 1) {
              const err14 = { instancePath: instancePath + "/assets/" + i2, schemaPath: "#/properties/assets/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err14];
              } else {
                vErrors.push(err14);
              }
              errors++;
            }
          } else {
            const err15 = { instancePath: instancePath + "/assets/" + i2, schemaPath: "#/properties/assets/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err15];
            } else {
              vErrors.push(err15);
            }
            errors++;
          }
        }
        let i3 = data9.length;
        let j1;
        if (i3 > 1) {
          const indices1 = {};
          for (; i3--; ) {
            let item1 = data9[i3];
            if (typeof item1 !== "string") {
              continue;
            }
            if (typeof indices1[item1] == "number") {
              j1 = indices1[item1];
              const err16 = { instancePath: instancePath + "/assets", schemaPath: "#/properties/assets/uniqueItems", keyword: "uniqueItems", params: { i: i3, j: j1 }, message: "must NOT have duplicate items (items ## " + j1 + " and " + i3 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err16];
              } else {
                vErrors.push(err16);
              }
              errors++;
              break;
            }
            indices1[item1] = i3;
          }
        }
      } else {
        const err17 = { instancePath: instancePath + "/assets", schemaPath: "#/properties/assets/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err17];
        } else {
          vErrors.push(err17);
        }
        errors++;
      }
    }
    if (data.include !== void 0) {
      let data11 = data.include;
      if (Array.isArray(data11)) {
        const len2 = data11.length;
        for (let i4 = 0; i4 < len2; i4++) {
          let data12 = data11[i4];
          if (typeof data12 === "string") {
            if (func1(data12) < 1) {
              const err18 = { instancePath: instancePath + "/include/" + i4, schemaPath: "#/properties/include/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err18];
              } else {
                vErrors.push(err18);
              }
              errors++;
            }
          } else {
            const err19 = { instancePath: instancePath + "/include/" + i4, schemaPath: "#/properties/include/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err19];
            } else {
              vErrors.push(err19);
            }
            errors++;
          }
        }
        let i5 = data11.length;
        let j2;
        if (i5 > 1) {
          const indices2 = {};
          for (; i5--; ) {
            let item2 = data11[i5];
            if (typeof item2 !== "string") {
              continue;
            }
            if (typeof indices2[item2] == "number") {
              j2 = indices2[item2];
              const err20 = { instancePath: instancePath + "/include", schemaPath: "#/properties/include/uniqueItems", keyword: "uniqueItems", params: { i: i5, j: j2 }, message: "must NOT have duplicate items (items ## " + j2 + " and " + i5 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err20];
              } else {
                vErrors.push(err20);
              }
              errors++;
              break;
            }
            indices2[item2] = i5;
          }
        }
      } else {
        const err21 = { instancePath: instancePath + "/include", schemaPath: "#/properties/include/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err21];
        } else {
          vErrors.push(err21);
        }
        errors++;
      }
    }
    if (data.exclude !== void 0) {
      let data13 = data.exclude;
      if (Array.isArray(data13)) {
        const len3 = data13.length;
        for (let i6 = 0; i6 < len3; i6++) {
          let data14 = data13[i6];
          if (typeof data14 === "string") {
            if (func1(data14) < 1) {
              const err22 = { instancePath: instancePath + "/exclude/" + i6, schemaPath: "#/properties/exclude/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err22];
              } else {
                vErrors.push(err22);
              }
              errors++;
            }
          } else {
            const err23 = { instancePath: instancePath + "/exclude/" + i6, schemaPath: "#/properties/exclude/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err23];
            } else {
              vErrors.push(err23);
            }
            errors++;
          }
        }
        let i7 = data13.length;
        let j3;
        if (i7 > 1) {
          const indices3 = {};
          for (; i7--; ) {
            let item3 = data13[i7];
            if (typeof item3 !== "string") {
              continue;
            }
            if (typeof indices3[item3] == "number") {
              j3 = indices3[item3];
              const err24 = { instancePath: instancePath + "/exclude", schemaPath: "#/properties/exclude/uniqueItems", keyword: "uniqueItems", params: { i: i7, j: j3 }, message: "must NOT have duplicate items (items ## " + j3 + " and " + i7 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err24];
              } else {
                vErrors.push(err24);
              }
              errors++;
              break;
            }
            indices3[item3] = i7;
          }
        }
      } else {
        const err25 = { instancePath: instancePath + "/exclude", schemaPath: "#/properties/exclude/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err25];
        } else {
          vErrors.push(err25);
        }
        errors++;
      }
    }
    if (data.strict !== void 0) {
      if (typeof data.strict !== "boolean") {
        const err26 = { instancePath: instancePath + "/strict", schemaPath: "#/properties/strict/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err26];
        } else {
          vErrors.push(err26);
        }
        errors++;
      }
    }
    if (data.revision !== void 0) {
      if (typeof data.revision !== "boolean") {
        const err27 = { instancePath: instancePath + "/revision", schemaPath: "#/properties/revision/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err27];
        } else {
          vErrors.push(err27);
        }
        errors++;
      }
    }
    if (data.conditions !== void 0) {
      let data17 = data.conditions;
      if (Array.isArray(data17)) {
        const len4 = data17.length;
        for (let i8 = 0; i8 < len4; i8++) {
          let data18 = data17[i8];
          if (typeof data18 === "string") {
            if (func1(data18) < 1) {
              const err28 = { instancePath: instancePath + "/conditions/" + i8, schemaPath: "#/properties/conditions/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err28];
              } else {
                vErrors.push(err28);
              }
              errors++;
            }
          } else {
            const err29 = { instancePath: instancePath + "/conditions/" + i8, schemaPath: "#/properties/conditions/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err29];
            } else {
              vErrors.push(err29);
            }
            errors++;
          }
        }
        let i9 = data17.length;
        let j4;
        if (i9 > 1) {
          const indices4 = {};
          for (; i9--; ) {
            let item4 = data17[i9];
            if (typeof item4 !== "string") {
              continue;
            }
            if (typeof indices4[item4] == "number") {
              j4 = indices4[item4];
              const err30 = { instancePath: instancePath + "/conditions", schemaPath: "#/properties/conditions/uniqueItems", keyword: "uniqueItems", params: { i: i9, j: j4 }, message: "must NOT have duplicate items (items ## " + j4 + " and " + i9 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err30];
              } else {
                vErrors.push(err30);
              }
              errors++;
              break;
            }
            indices4[item4] = i9;
          }
        }
      } else {
        const err31 = { instancePath: instancePath + "/conditions", schemaPath: "#/properties/conditions/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err31];
        } else {
          vErrors.push(err31);
        }
        errors++;
      }
    }
    if (data.tsconfig !== void 0) {
      let data19 = data.tsconfig;
      if (typeof data19 === "string") {
        if (func1(data19) < 1) {
          const err32 = { instancePath: instancePath + "/tsconfig", schemaPath: "#/properties/tsconfig/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err32];
          } else {
            vErrors.push(err32);
          }
          errors++;
        }
      } else {
        const err33 = { instancePath: instancePath + "/tsconfig", schemaPath: "#/properties/tsconfig/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err33];
        } else {
          vErrors.push(err33);
        }
        errors++;
      }
    }
    if (data.loader !== void 0) {
      let data20 = data.loader;
      if (data20 && typeof data20 == "object" && !Array.isArray(data20)) {
        for (const key2 in data20) {
          let data21 = data20[key2];
          if (typeof data21 !== "string") {
            const err34 = { instancePath: instancePath + "/loader/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/loader/additionalProperties/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err34];
            } else {
              vErrors.push(err34);
            }
            errors++;
          }
          if (!(data21 === "js" || data21 === "jsx" || data21 === "ts" || data21 === "tsx" || data21 === "json" || data21 === "text" || data21 === "base64" || data21 === "binary" || data21 === "dataurl" || data21 === "empty")) {
            const err35 = { instancePath: instancePath + "/loader/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/loader/additionalProperties/enum", keyword: "enum", params: { allowedValues: schema32.properties.loader.additionalProperties.enum }, message: "must be equal to one of the allowed values" };
            if (vErrors === null) {
              vErrors = [err35];
            } else {
              vErrors.push(err35);
            }
            errors++;
          }
        }
      } else {
        const err36 = { instancePath: instancePath + "/loader", schemaPath: "#/properties/loader/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err36];
        } else {
          vErrors.push(err36);
        }
        errors++;
      }
    }
  } else {
    const err37 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err37];
    } else {
      vErrors.push(err37);
    }
    errors++;
  }
  validate21.errors = vErrors;
  return errors === 0;
}
validate21.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };
var validate2 = validate22;
var schema33 = { "type": "object", "description": "Names the targets to build for and gives each its Node.js runtime, pinned and verified.", "properties": { "targets": { "anyOf": [{ "type": "string", "enum": ["host", "all"], "description": '"host": the machine that builds. "all": every target.', "examples": ["host", "all"] }, { "type": "array", "items": { "type": "string", "enum": ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"] }, "minItems": 1, "uniqueItems": true, "description": "Targets by name: `<os>-<arch>` in Node's words." }], "default": "host", "description": 'The targets to build for: "host" is the machine that builds, "all" is every target.', "examples": ["host", "all", ["linux-x64", "linux-arm64"]] }, "runtime": { "anyOf": [{ "type": "string", "minLength": 1, "description": 'An official Node.js runtime: "node@" and a semver range.', "examples": ["node@26", "node@22.23", "node@>=24.4 <27"] }, { "type": "object", "properties": { "path": { "type": "string", "minLength": 1, "description": "A Node.js executable of your own for the target, relative to the project.", "examples": ["vendor/node-linux-arm64"] }, "version": { "type": "string", "minLength": 5, "description": "Its exact version. Needed unless it can be run on the building machine and asked.", "examples": ["26.10.0"] } }, "required": ["path"], "description": "A runtime of your own instead of an official one.", "additionalProperties": false }, { "type": "object", "properties": { "default": { "anyOf": [{ "type": "string", "minLength": 1, "description": 'An official Node.js runtime: "node@" and a semver range.', "examples": ["node@26", "node@22.23", "node@>=24.4 <27"] }, { "type": "object", "properties": { "path": { "type": "string", "minLength": 1, "description": "A Node.js executable of your own for the target, relative to the project.", "examples": ["vendor/node-linux-arm64"] }, "version": { "type": "string", "minLength": 5, "description": "Its exact version. Needed unless it can be run on the building machine and asked.", "examples": ["26.10.0"] } }, "required": ["path"], "description": "A runtime of your own instead of an official one.", "additionalProperties": false }], "description": "For every target without an entry of its own." }, "linux-x64": { "anyOf": [{ "type": "string", "minLength": 1, "description": 'An official Node.js runtime: "node@" and a semver range.', "examples": ["node@26", "node@22.23", "node@>=24.4 <27"] }, { "type": "object", "properties": { "path": { "type": "string", "minLength": 1, "description": "A Node.js executable of your own for the target, relative to the project.", "examples": ["vendor/node-linux-arm64"] }, "version": { "type": "string", "minLength": 5, "description": "Its exact version. Needed unless it can be run on the building machine and asked.", "examples": ["26.10.0"] } }, "required": ["path"], "description": "A runtime of your own instead of an official one.", "additionalProperties": false }] }, "linux-arm64": { "anyOf": [{ "type": "string", "minLength": 1, "description": 'An official Node.js runtime: "node@" and a semver range.', "examples": ["node@26", "node@22.23", "node@>=24.4 <27"] }, { "type": "object", "properties": { "path": { "type": "string", "minLength": 1, "description": "A Node.js executable of your own for the target, relative to the project.", "examples": ["vendor/node-linux-arm64"] }, "version": { "type": "string", "minLength": 5, "description": "Its exact version. Needed unless it can be run on the building machine and asked.", "examples": ["26.10.0"] } }, "required": ["path"], "description": "A runtime of your own instead of an official one.", "additionalProperties": false }] }, "darwin-x64": { "anyOf": [{ "type": "string", "minLength": 1, "description": 'An official Node.js runtime: "node@" and a semver range.', "examples": ["node@26", "node@22.23", "node@>=24.4 <27"] }, { "type": "object", "properties": { "path": { "type": "string", "minLength": 1, "description": "A Node.js executable of your own for the target, relative to the project.", "examples": ["vendor/node-linux-arm64"] }, "version": { "type": "string", "minLength": 5, "description": "Its exact version. Needed unless it can be run on the building machine and asked.", "examples": ["26.10.0"] } }, "required": ["path"], "description": "A runtime of your own instead of an official one.", "additionalProperties": false }] }, "darwin-arm64": { "anyOf": [{ "type": "string", "minLength": 1, "description": 'An official Node.js runtime: "node@" and a semver range.', "examples": ["node@26", "node@22.23", "node@>=24.4 <27"] }, { "type": "object", "properties": { "path": { "type": "string", "minLength": 1, "description": "A Node.js executable of your own for the target, relative to the project.", "examples": ["vendor/node-linux-arm64"] }, "version": { "type": "string", "minLength": 5, "description": "Its exact version. Needed unless it can be run on the building machine and asked.", "examples": ["26.10.0"] } }, "required": ["path"], "description": "A runtime of your own instead of an official one.", "additionalProperties": false }] }, "win32-x64": { "anyOf": [{ "type": "string", "minLength": 1, "description": 'An official Node.js runtime: "node@" and a semver range.', "examples": ["node@26", "node@22.23", "node@>=24.4 <27"] }, { "type": "object", "properties": { "path": { "type": "string", "minLength": 1, "description": "A Node.js executable of your own for the target, relative to the project.", "examples": ["vendor/node-linux-arm64"] }, "version": { "type": "string", "minLength": 5, "description": "Its exact version. Needed unless it can be run on the building machine and asked.", "examples": ["26.10.0"] } }, "required": ["path"], "description": "A runtime of your own instead of an official one.", "additionalProperties": false }] }, "win32-arm64": { "anyOf": [{ "type": "string", "minLength": 1, "description": 'An official Node.js runtime: "node@" and a semver range.', "examples": ["node@26", "node@22.23", "node@>=24.4 <27"] }, { "type": "object", "properties": { "path": { "type": "string", "minLength": 1, "description": "A Node.js executable of your own for the target, relative to the project.", "examples": ["vendor/node-linux-arm64"] }, "version": { "type": "string", "minLength": 5, "description": "Its exact version. Needed unless it can be run on the building machine and asked.", "examples": ["26.10.0"] } }, "required": ["path"], "description": "A runtime of your own instead of an official one.", "additionalProperties": false }] } }, "description": "One runtime per target.", "additionalProperties": false }], "default": "node@26", "description": "The Node.js runtime to embed. A range is resolved once to a version that every target (and the building machine) has; sbp.lock.json keeps it with the digests.", "examples": ["node@26", { "default": "node@26", "win32-arm64": "node@26.7" }, { "path": "vendor/node", "version": "26.10.0" }] } }, "additionalProperties": false };
function validate22(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
  let vErrors = null;
  let errors = 0;
  const evaluated0 = validate22.evaluated;
  if (evaluated0.dynamicProps) {
    evaluated0.props = void 0;
  }
  if (evaluated0.dynamicItems) {
    evaluated0.items = void 0;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    for (const key0 in data) {
      if (!(key0 === "targets" || key0 === "runtime")) {
        const err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err0];
        } else {
          vErrors.push(err0);
        }
        errors++;
      }
    }
    if (data.targets !== void 0) {
      let data0 = data.targets;
      const _errs3 = errors;
      let valid1 = false;
      const _errs4 = errors;
      if (typeof data0 !== "string") {
        const err1 = { instancePath: instancePath + "/targets", schemaPath: "#/properties/targets/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err1];
        } else {
          vErrors.push(err1);
        }
        errors++;
      }
      if (!(data0 === "host" || data0 === "all")) {
        const err2 = { instancePath: instancePath + "/targets", schemaPath: "#/properties/targets/anyOf/0/enum", keyword: "enum", params: { allowedValues: schema33.properties.targets.anyOf[0].enum }, message: "must be equal to one of the allowed values" };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
      var _valid0 = _errs4 === errors;
      valid1 = valid1 || _valid0;
      const _errs6 = errors;
      if (Array.isArray(data0)) {
        if (data0.length < 1) {
          const err3 = { instancePath: instancePath + "/targets", schemaPath: "#/properties/targets/anyOf/1/minItems", keyword: "minItems", params: { limit: 1 }, message: "must NOT have fewer than 1 items" };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        const len0 = data0.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data1 = data0[i0];
          if (typeof data1 !== "string") {
            const err4 = { instancePath: instancePath + "/targets/" + i0, schemaPath: "#/properties/targets/anyOf/1/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err4];
            } else {
              vErrors.push(err4);
            }
            errors++;
          }
          if (!(data1 === "linux-x64" || data1 === "linux-arm64" || data1 === "darwin-x64" || data1 === "darwin-arm64" || data1 === "win32-x64" || data1 === "win32-arm64")) {
            const err5 = { instancePath: instancePath + "/targets/" + i0, schemaPath: "#/properties/targets/anyOf/1/items/enum", keyword: "enum", params: { allowedValues: schema33.properties.targets.anyOf[1].items.enum }, message: "must be equal to one of the allowed values" };
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
        }
        let i1 = data0.length;
        let j0;
        if (i1 > 1) {
          const indices0 = {};
          for (; i1--; ) {
            let item0 = data0[i1];
            if (typeof item0 !== "string") {
              continue;
            }
            if (typeof indices0[item0] == "number") {
              j0 = indices0[item0];
              const err6 = { instancePath: instancePath + "/targets", schemaPath: "#/properties/targets/anyOf/1/uniqueItems", keyword: "uniqueItems", params: { i: i1, j: j0 }, message: "must NOT have duplicate items (items ## " + j0 + " and " + i1 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err6];
              } else {
                vErrors.push(err6);
              }
              errors++;
              break;
            }
            indices0[item0] = i1;
          }
        }
      } else {
        const err7 = { instancePath: instancePath + "/targets", schemaPath: "#/properties/targets/anyOf/1/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err7];
        } else {
          vErrors.push(err7);
        }
        errors++;
      }
      var _valid0 = _errs6 === errors;
      valid1 = valid1 || _valid0;
      if (!valid1) {
        const err8 = { instancePath: instancePath + "/targets", schemaPath: "#/properties/targets/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
        if (vErrors === null) {
          vErrors = [err8];
        } else {
          vErrors.push(err8);
        }
        errors++;
      } else {
        errors = _errs3;
        if (vErrors !== null) {
          if (_errs3) {
            vErrors.length = _errs3;
          } else {
            vErrors = null;
          }
        }
      }
    }
    if (data.runtime !== void 0) {
      let data2 = data.runtime;
      const _errs11 = errors;
      let valid5 = false;
      const _errs12 = errors;
      if (typeof data2 === "string") {
        if (func1(data2) < 1) {
          const err9 = { instancePath: instancePath + "/runtime", schemaPath: "#/properties/runtime/anyOf/0/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err9];
          } else {
            vErrors.push(err9);
          }
          errors++;
        }
      } else {
        const err10 = { instancePath: instancePath + "/runtime", schemaPath: "#/properties/runtime/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err10];
        } else {
          vErrors.push(err10);
        }
        errors++;
      }
      var _valid1 = _errs12 === errors;
      valid5 = valid5 || _valid1;
      const _errs14 = errors;
      if (data2 && typeof data2 == "object" && !Array.isArray(data2)) {
        if (data2.path === void 0) {
          const err11 = { instancePath: instancePath + "/runtime", schemaPath: "#/properties/runtime/anyOf/1/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'" };
          if (vErrors === null) {
            vErrors = [err11];
          } else {
            vErrors.push(err11);
          }
          errors++;
        }
        for (const key1 in data2) {
          if (!(key1 === "path" || key1 === "version")) {
            const err12 = { instancePath: instancePath + "/runtime", schemaPath: "#/properties/runtime/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties" };
            if (vErrors === null) {
              vErrors = [err12];
            } else {
              vErrors.push(err12);
            }
            errors++;
          }
        }
        if (data2.path !== void 0) {
          let data3 = data2.path;
          if (typeof data3 === "string") {
            if (func1(data3) < 1) {
              const err13 = { instancePath: instancePath + "/runtime/path", schemaPath: "#/properties/runtime/anyOf/1/properties/path/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err13];
              } else {
                vErrors.push(err13);
              }
              errors++;
            }
          } else {
            const err14 = { instancePath: instancePath + "/runtime/path", schemaPath: "#/properties/runtime/anyOf/1/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err14];
            } else {
              vErrors.push(err14);
            }
            errors++;
          }
        }
        if (data2.version !== void 0) {
          let data4 = data2.version;
          if (typeof data4 === "string") {
            if (func1(data4) < 5) {
              const err15 = { instancePath: instancePath + "/runtime/version", schemaPath: "#/properties/runtime/anyOf/1/properties/version/minLength", keyword: "minLength", params: { limit: 5 }, message: "must NOT have fewer than 5 characters" };
              if (vErrors === null) {
                vErrors = [err15];
              } else {
                vErrors.push(err15);
              }
              errors++;
            }
          } else {
            const err16 = { instancePath: instancePath + "/runtime/version", schemaPath: "#/properties/runtime/anyOf/1/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err16];
            } else {
              vErrors.push(err16);
            }
            errors++;
          }
        }
      } else {
        const err17 = { instancePath: instancePath + "/runtime", schemaPath: "#/properties/runtime/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err17];
        } else {
          vErrors.push(err17);
        }
        errors++;
      }
      var _valid1 = _errs14 === errors;
      valid5 = valid5 || _valid1;
      if (_valid1) {
        var props0 = true;
      }
      const _errs21 = errors;
      if (data2 && typeof data2 == "object" && !Array.isArray(data2)) {
        for (const key2 in data2) {
          if (!(key2 === "default" || key2 === "linux-x64" || key2 === "linux-arm64" || key2 === "darwin-x64" || key2 === "darwin-arm64" || key2 === "win32-x64" || key2 === "win32-arm64")) {
            const err18 = { instancePath: instancePath + "/runtime", schemaPath: "#/properties/runtime/anyOf/2/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key2 }, message: "must NOT have additional properties" };
            if (vErrors === null) {
              vErrors = [err18];
            } else {
              vErrors.push(err18);
            }
            errors++;
          }
        }
        if (data2.default !== void 0) {
          let data5 = data2.default;
          const _errs25 = errors;
          let valid8 = false;
          const _errs26 = errors;
          if (typeof data5 === "string") {
            if (func1(data5) < 1) {
              const err19 = { instancePath: instancePath + "/runtime/default", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/0/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err19];
              } else {
                vErrors.push(err19);
              }
              errors++;
            }
          } else {
            const err20 = { instancePath: instancePath + "/runtime/default", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err20];
            } else {
              vErrors.push(err20);
            }
            errors++;
          }
          var _valid2 = _errs26 === errors;
          valid8 = valid8 || _valid2;
          const _errs28 = errors;
          if (data5 && typeof data5 == "object" && !Array.isArray(data5)) {
            if (data5.path === void 0) {
              const err21 = { instancePath: instancePath + "/runtime/default", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/1/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'" };
              if (vErrors === null) {
                vErrors = [err21];
              } else {
                vErrors.push(err21);
              }
              errors++;
            }
            for (const key3 in data5) {
              if (!(key3 === "path" || key3 === "version")) {
                const err22 = { instancePath: instancePath + "/runtime/default", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key3 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err22];
                } else {
                  vErrors.push(err22);
                }
                errors++;
              }
            }
            if (data5.path !== void 0) {
              let data6 = data5.path;
              if (typeof data6 === "string") {
                if (func1(data6) < 1) {
                  const err23 = { instancePath: instancePath + "/runtime/default/path", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/1/properties/path/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err23];
                  } else {
                    vErrors.push(err23);
                  }
                  errors++;
                }
              } else {
                const err24 = { instancePath: instancePath + "/runtime/default/path", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/1/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err24];
                } else {
                  vErrors.push(err24);
                }
                errors++;
              }
            }
            if (data5.version !== void 0) {
              let data7 = data5.version;
              if (typeof data7 === "string") {
                if (func1(data7) < 5) {
                  const err25 = { instancePath: instancePath + "/runtime/default/version", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/1/properties/version/minLength", keyword: "minLength", params: { limit: 5 }, message: "must NOT have fewer than 5 characters" };
                  if (vErrors === null) {
                    vErrors = [err25];
                  } else {
                    vErrors.push(err25);
                  }
                  errors++;
                }
              } else {
                const err26 = { instancePath: instancePath + "/runtime/default/version", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/1/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err26];
                } else {
                  vErrors.push(err26);
                }
                errors++;
              }
            }
          } else {
            const err27 = { instancePath: instancePath + "/runtime/default", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err27];
            } else {
              vErrors.push(err27);
            }
            errors++;
          }
          var _valid2 = _errs28 === errors;
          valid8 = valid8 || _valid2;
          if (!valid8) {
            const err28 = { instancePath: instancePath + "/runtime/default", schemaPath: "#/properties/runtime/anyOf/2/properties/default/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err28];
            } else {
              vErrors.push(err28);
            }
            errors++;
          } else {
            errors = _errs25;
            if (vErrors !== null) {
              if (_errs25) {
                vErrors.length = _errs25;
              } else {
                vErrors = null;
              }
            }
          }
        }
        if (data2["linux-x64"] !== void 0) {
          let data8 = data2["linux-x64"];
          const _errs36 = errors;
          let valid10 = false;
          const _errs37 = errors;
          if (typeof data8 === "string") {
            if (func1(data8) < 1) {
              const err29 = { instancePath: instancePath + "/runtime/linux-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/0/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err29];
              } else {
                vErrors.push(err29);
              }
              errors++;
            }
          } else {
            const err30 = { instancePath: instancePath + "/runtime/linux-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err30];
            } else {
              vErrors.push(err30);
            }
            errors++;
          }
          var _valid3 = _errs37 === errors;
          valid10 = valid10 || _valid3;
          const _errs39 = errors;
          if (data8 && typeof data8 == "object" && !Array.isArray(data8)) {
            if (data8.path === void 0) {
              const err31 = { instancePath: instancePath + "/runtime/linux-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/1/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'" };
              if (vErrors === null) {
                vErrors = [err31];
              } else {
                vErrors.push(err31);
              }
              errors++;
            }
            for (const key4 in data8) {
              if (!(key4 === "path" || key4 === "version")) {
                const err32 = { instancePath: instancePath + "/runtime/linux-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key4 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err32];
                } else {
                  vErrors.push(err32);
                }
                errors++;
              }
            }
            if (data8.path !== void 0) {
              let data9 = data8.path;
              if (typeof data9 === "string") {
                if (func1(data9) < 1) {
                  const err33 = { instancePath: instancePath + "/runtime/linux-x64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/1/properties/path/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err33];
                  } else {
                    vErrors.push(err33);
                  }
                  errors++;
                }
              } else {
                const err34 = { instancePath: instancePath + "/runtime/linux-x64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/1/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err34];
                } else {
                  vErrors.push(err34);
                }
                errors++;
              }
            }
            if (data8.version !== void 0) {
              let data10 = data8.version;
              if (typeof data10 === "string") {
                if (func1(data10) < 5) {
                  const err35 = { instancePath: instancePath + "/runtime/linux-x64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/1/properties/version/minLength", keyword: "minLength", params: { limit: 5 }, message: "must NOT have fewer than 5 characters" };
                  if (vErrors === null) {
                    vErrors = [err35];
                  } else {
                    vErrors.push(err35);
                  }
                  errors++;
                }
              } else {
                const err36 = { instancePath: instancePath + "/runtime/linux-x64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/1/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err36];
                } else {
                  vErrors.push(err36);
                }
                errors++;
              }
            }
          } else {
            const err37 = { instancePath: instancePath + "/runtime/linux-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err37];
            } else {
              vErrors.push(err37);
            }
            errors++;
          }
          var _valid3 = _errs39 === errors;
          valid10 = valid10 || _valid3;
          if (!valid10) {
            const err38 = { instancePath: instancePath + "/runtime/linux-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-x64/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err38];
            } else {
              vErrors.push(err38);
            }
            errors++;
          } else {
            errors = _errs36;
            if (vErrors !== null) {
              if (_errs36) {
                vErrors.length = _errs36;
              } else {
                vErrors = null;
              }
            }
          }
        }
        if (data2["linux-arm64"] !== void 0) {
          let data11 = data2["linux-arm64"];
          const _errs47 = errors;
          let valid12 = false;
          const _errs48 = errors;
          if (typeof data11 === "string") {
            if (func1(data11) < 1) {
              const err39 = { instancePath: instancePath + "/runtime/linux-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/0/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err39];
              } else {
                vErrors.push(err39);
              }
              errors++;
            }
          } else {
            const err40 = { instancePath: instancePath + "/runtime/linux-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err40];
            } else {
              vErrors.push(err40);
            }
            errors++;
          }
          var _valid4 = _errs48 === errors;
          valid12 = valid12 || _valid4;
          const _errs50 = errors;
          if (data11 && typeof data11 == "object" && !Array.isArray(data11)) {
            if (data11.path === void 0) {
              const err41 = { instancePath: instancePath + "/runtime/linux-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/1/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'" };
              if (vErrors === null) {
                vErrors = [err41];
              } else {
                vErrors.push(err41);
              }
              errors++;
            }
            for (const key5 in data11) {
              if (!(key5 === "path" || key5 === "version")) {
                const err42 = { instancePath: instancePath + "/runtime/linux-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key5 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err42];
                } else {
                  vErrors.push(err42);
                }
                errors++;
              }
            }
            if (data11.path !== void 0) {
              let data12 = data11.path;
              if (typeof data12 === "string") {
                if (func1(data12) < 1) {
                  const err43 = { instancePath: instancePath + "/runtime/linux-arm64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/1/properties/path/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err43];
                  } else {
                    vErrors.push(err43);
                  }
                  errors++;
                }
              } else {
                const err44 = { instancePath: instancePath + "/runtime/linux-arm64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/1/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err44];
                } else {
                  vErrors.push(err44);
                }
                errors++;
              }
            }
            if (data11.version !== void 0) {
              let data13 = data11.version;
              if (typeof data13 === "string") {
                if (func1(data13) < 5) {
                  const err45 = { instancePath: instancePath + "/runtime/linux-arm64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/1/properties/version/minLength", keyword: "minLength", params: { limit: 5 }, message: "must NOT have fewer than 5 characters" };
                  if (vErrors === null) {
                    vErrors = [err45];
                  } else {
                    vErrors.push(err45);
                  }
                  errors++;
                }
              } else {
                const err46 = { instancePath: instancePath + "/runtime/linux-arm64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/1/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err46];
                } else {
                  vErrors.push(err46);
                }
                errors++;
              }
            }
          } else {
            const err47 = { instancePath: instancePath + "/runtime/linux-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err47];
            } else {
              vErrors.push(err47);
            }
            errors++;
          }
          var _valid4 = _errs50 === errors;
          valid12 = valid12 || _valid4;
          if (!valid12) {
            const err48 = { instancePath: instancePath + "/runtime/linux-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/linux-arm64/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err48];
            } else {
              vErrors.push(err48);
            }
            errors++;
          } else {
            errors = _errs47;
            if (vErrors !== null) {
              if (_errs47) {
                vErrors.length = _errs47;
              } else {
                vErrors = null;
              }
            }
          }
        }
        if (data2["darwin-x64"] !== void 0) {
          let data14 = data2["darwin-x64"];
          const _errs58 = errors;
          let valid14 = false;
          const _errs59 = errors;
          if (typeof data14 === "string") {
            if (func1(data14) < 1) {
              const err49 = { instancePath: instancePath + "/runtime/darwin-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/0/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err49];
              } else {
                vErrors.push(err49);
              }
              errors++;
            }
          } else {
            const err50 = { instancePath: instancePath + "/runtime/darwin-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err50];
            } else {
              vErrors.push(err50);
            }
            errors++;
          }
          var _valid5 = _errs59 === errors;
          valid14 = valid14 || _valid5;
          const _errs61 = errors;
          if (data14 && typeof data14 == "object" && !Array.isArray(data14)) {
            if (data14.path === void 0) {
              const err51 = { instancePath: instancePath + "/runtime/darwin-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/1/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'" };
              if (vErrors === null) {
                vErrors = [err51];
              } else {
                vErrors.push(err51);
              }
              errors++;
            }
            for (const key6 in data14) {
              if (!(key6 === "path" || key6 === "version")) {
                const err52 = { instancePath: instancePath + "/runtime/darwin-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key6 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err52];
                } else {
                  vErrors.push(err52);
                }
                errors++;
              }
            }
            if (data14.path !== void 0) {
              let data15 = data14.path;
              if (typeof data15 === "string") {
                if (func1(data15) < 1) {
                  const err53 = { instancePath: instancePath + "/runtime/darwin-x64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/1/properties/path/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err53];
                  } else {
                    vErrors.push(err53);
                  }
                  errors++;
                }
              } else {
                const err54 = { instancePath: instancePath + "/runtime/darwin-x64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/1/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err54];
                } else {
                  vErrors.push(err54);
                }
                errors++;
              }
            }
            if (data14.version !== void 0) {
              let data16 = data14.version;
              if (typeof data16 === "string") {
                if (func1(data16) < 5) {
                  const err55 = { instancePath: instancePath + "/runtime/darwin-x64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/1/properties/version/minLength", keyword: "minLength", params: { limit: 5 }, message: "must NOT have fewer than 5 characters" };
                  if (vErrors === null) {
                    vErrors = [err55];
                  } else {
                    vErrors.push(err55);
                  }
                  errors++;
                }
              } else {
                const err56 = { instancePath: instancePath + "/runtime/darwin-x64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/1/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err56];
                } else {
                  vErrors.push(err56);
                }
                errors++;
              }
            }
          } else {
            const err57 = { instancePath: instancePath + "/runtime/darwin-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err57];
            } else {
              vErrors.push(err57);
            }
            errors++;
          }
          var _valid5 = _errs61 === errors;
          valid14 = valid14 || _valid5;
          if (!valid14) {
            const err58 = { instancePath: instancePath + "/runtime/darwin-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-x64/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err58];
            } else {
              vErrors.push(err58);
            }
            errors++;
          } else {
            errors = _errs58;
            if (vErrors !== null) {
              if (_errs58) {
                vErrors.length = _errs58;
              } else {
                vErrors = null;
              }
            }
          }
        }
        if (data2["darwin-arm64"] !== void 0) {
          let data17 = data2["darwin-arm64"];
          const _errs69 = errors;
          let valid16 = false;
          const _errs70 = errors;
          if (typeof data17 === "string") {
            if (func1(data17) < 1) {
              const err59 = { instancePath: instancePath + "/runtime/darwin-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/0/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err59];
              } else {
                vErrors.push(err59);
              }
              errors++;
            }
          } else {
            const err60 = { instancePath: instancePath + "/runtime/darwin-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err60];
            } else {
              vErrors.push(err60);
            }
            errors++;
          }
          var _valid6 = _errs70 === errors;
          valid16 = valid16 || _valid6;
          const _errs72 = errors;
          if (data17 && typeof data17 == "object" && !Array.isArray(data17)) {
            if (data17.path === void 0) {
              const err61 = { instancePath: instancePath + "/runtime/darwin-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/1/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'" };
              if (vErrors === null) {
                vErrors = [err61];
              } else {
                vErrors.push(err61);
              }
              errors++;
            }
            for (const key7 in data17) {
              if (!(key7 === "path" || key7 === "version")) {
                const err62 = { instancePath: instancePath + "/runtime/darwin-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key7 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err62];
                } else {
                  vErrors.push(err62);
                }
                errors++;
              }
            }
            if (data17.path !== void 0) {
              let data18 = data17.path;
              if (typeof data18 === "string") {
                if (func1(data18) < 1) {
                  const err63 = { instancePath: instancePath + "/runtime/darwin-arm64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/1/properties/path/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err63];
                  } else {
                    vErrors.push(err63);
                  }
                  errors++;
                }
              } else {
                const err64 = { instancePath: instancePath + "/runtime/darwin-arm64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/1/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err64];
                } else {
                  vErrors.push(err64);
                }
                errors++;
              }
            }
            if (data17.version !== void 0) {
              let data19 = data17.version;
              if (typeof data19 === "string") {
                if (func1(data19) < 5) {
                  const err65 = { instancePath: instancePath + "/runtime/darwin-arm64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/1/properties/version/minLength", keyword: "minLength", params: { limit: 5 }, message: "must NOT have fewer than 5 characters" };
                  if (vErrors === null) {
                    vErrors = [err65];
                  } else {
                    vErrors.push(err65);
                  }
                  errors++;
                }
              } else {
                const err66 = { instancePath: instancePath + "/runtime/darwin-arm64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/1/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err66];
                } else {
                  vErrors.push(err66);
                }
                errors++;
              }
            }
          } else {
            const err67 = { instancePath: instancePath + "/runtime/darwin-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err67];
            } else {
              vErrors.push(err67);
            }
            errors++;
          }
          var _valid6 = _errs72 === errors;
          valid16 = valid16 || _valid6;
          if (!valid16) {
            const err68 = { instancePath: instancePath + "/runtime/darwin-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/darwin-arm64/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err68];
            } else {
              vErrors.push(err68);
            }
            errors++;
          } else {
            errors = _errs69;
            if (vErrors !== null) {
              if (_errs69) {
                vErrors.length = _errs69;
              } else {
                vErrors = null;
              }
            }
          }
        }
        if (data2["win32-x64"] !== void 0) {
          let data20 = data2["win32-x64"];
          const _errs80 = errors;
          let valid18 = false;
          const _errs81 = errors;
          if (typeof data20 === "string") {
            if (func1(data20) < 1) {
              const err69 = { instancePath: instancePath + "/runtime/win32-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/0/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err69];
              } else {
                vErrors.push(err69);
              }
              errors++;
            }
          } else {
            const err70 = { instancePath: instancePath + "/runtime/win32-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err70];
            } else {
              vErrors.push(err70);
            }
            errors++;
          }
          var _valid7 = _errs81 === errors;
          valid18 = valid18 || _valid7;
          const _errs83 = errors;
          if (data20 && typeof data20 == "object" && !Array.isArray(data20)) {
            if (data20.path === void 0) {
              const err71 = { instancePath: instancePath + "/runtime/win32-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/1/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'" };
              if (vErrors === null) {
                vErrors = [err71];
              } else {
                vErrors.push(err71);
              }
              errors++;
            }
            for (const key8 in data20) {
              if (!(key8 === "path" || key8 === "version")) {
                const err72 = { instancePath: instancePath + "/runtime/win32-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key8 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err72];
                } else {
                  vErrors.push(err72);
                }
                errors++;
              }
            }
            if (data20.path !== void 0) {
              let data21 = data20.path;
              if (typeof data21 === "string") {
                if (func1(data21) < 1) {
                  const err73 = { instancePath: instancePath + "/runtime/win32-x64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/1/properties/path/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err73];
                  } else {
                    vErrors.push(err73);
                  }
                  errors++;
                }
              } else {
                const err74 = { instancePath: instancePath + "/runtime/win32-x64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/1/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err74];
                } else {
                  vErrors.push(err74);
                }
                errors++;
              }
            }
            if (data20.version !== void 0) {
              let data22 = data20.version;
              if (typeof data22 === "string") {
                if (func1(data22) < 5) {
                  const err75 = { instancePath: instancePath + "/runtime/win32-x64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/1/properties/version/minLength", keyword: "minLength", params: { limit: 5 }, message: "must NOT have fewer than 5 characters" };
                  if (vErrors === null) {
                    vErrors = [err75];
                  } else {
                    vErrors.push(err75);
                  }
                  errors++;
                }
              } else {
                const err76 = { instancePath: instancePath + "/runtime/win32-x64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/1/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err76];
                } else {
                  vErrors.push(err76);
                }
                errors++;
              }
            }
          } else {
            const err77 = { instancePath: instancePath + "/runtime/win32-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err77];
            } else {
              vErrors.push(err77);
            }
            errors++;
          }
          var _valid7 = _errs83 === errors;
          valid18 = valid18 || _valid7;
          if (!valid18) {
            const err78 = { instancePath: instancePath + "/runtime/win32-x64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-x64/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err78];
            } else {
              vErrors.push(err78);
            }
            errors++;
          } else {
            errors = _errs80;
            if (vErrors !== null) {
              if (_errs80) {
                vErrors.length = _errs80;
              } else {
                vErrors = null;
              }
            }
          }
        }
        if (data2["win32-arm64"] !== void 0) {
          let data23 = data2["win32-arm64"];
          const _errs91 = errors;
          let valid20 = false;
          const _errs92 = errors;
          if (typeof data23 === "string") {
            if (func1(data23) < 1) {
              const err79 = { instancePath: instancePath + "/runtime/win32-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/0/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err79];
              } else {
                vErrors.push(err79);
              }
              errors++;
            }
          } else {
            const err80 = { instancePath: instancePath + "/runtime/win32-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err80];
            } else {
              vErrors.push(err80);
            }
            errors++;
          }
          var _valid8 = _errs92 === errors;
          valid20 = valid20 || _valid8;
          const _errs94 = errors;
          if (data23 && typeof data23 == "object" && !Array.isArray(data23)) {
            if (data23.path === void 0) {
              const err81 = { instancePath: instancePath + "/runtime/win32-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/1/required", keyword: "required", params: { missingProperty: "path" }, message: "must have required property 'path'" };
              if (vErrors === null) {
                vErrors = [err81];
              } else {
                vErrors.push(err81);
              }
              errors++;
            }
            for (const key9 in data23) {
              if (!(key9 === "path" || key9 === "version")) {
                const err82 = { instancePath: instancePath + "/runtime/win32-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key9 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err82];
                } else {
                  vErrors.push(err82);
                }
                errors++;
              }
            }
            if (data23.path !== void 0) {
              let data24 = data23.path;
              if (typeof data24 === "string") {
                if (func1(data24) < 1) {
                  const err83 = { instancePath: instancePath + "/runtime/win32-arm64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/1/properties/path/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err83];
                  } else {
                    vErrors.push(err83);
                  }
                  errors++;
                }
              } else {
                const err84 = { instancePath: instancePath + "/runtime/win32-arm64/path", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/1/properties/path/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err84];
                } else {
                  vErrors.push(err84);
                }
                errors++;
              }
            }
            if (data23.version !== void 0) {
              let data25 = data23.version;
              if (typeof data25 === "string") {
                if (func1(data25) < 5) {
                  const err85 = { instancePath: instancePath + "/runtime/win32-arm64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/1/properties/version/minLength", keyword: "minLength", params: { limit: 5 }, message: "must NOT have fewer than 5 characters" };
                  if (vErrors === null) {
                    vErrors = [err85];
                  } else {
                    vErrors.push(err85);
                  }
                  errors++;
                }
              } else {
                const err86 = { instancePath: instancePath + "/runtime/win32-arm64/version", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/1/properties/version/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err86];
                } else {
                  vErrors.push(err86);
                }
                errors++;
              }
            }
          } else {
            const err87 = { instancePath: instancePath + "/runtime/win32-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err87];
            } else {
              vErrors.push(err87);
            }
            errors++;
          }
          var _valid8 = _errs94 === errors;
          valid20 = valid20 || _valid8;
          if (!valid20) {
            const err88 = { instancePath: instancePath + "/runtime/win32-arm64", schemaPath: "#/properties/runtime/anyOf/2/properties/win32-arm64/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err88];
            } else {
              vErrors.push(err88);
            }
            errors++;
          } else {
            errors = _errs91;
            if (vErrors !== null) {
              if (_errs91) {
                vErrors.length = _errs91;
              } else {
                vErrors = null;
              }
            }
          }
        }
      } else {
        const err89 = { instancePath: instancePath + "/runtime", schemaPath: "#/properties/runtime/anyOf/2/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err89];
        } else {
          vErrors.push(err89);
        }
        errors++;
      }
      var _valid1 = _errs21 === errors;
      valid5 = valid5 || _valid1;
      if (_valid1) {
        if (props0 !== true) {
          props0 = true;
        }
      }
      if (!valid5) {
        const err90 = { instancePath: instancePath + "/runtime", schemaPath: "#/properties/runtime/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
        if (vErrors === null) {
          vErrors = [err90];
        } else {
          vErrors.push(err90);
        }
        errors++;
      } else {
        errors = _errs11;
        if (vErrors !== null) {
          if (_errs11) {
            vErrors.length = _errs11;
          } else {
            vErrors = null;
          }
        }
      }
    }
  } else {
    const err91 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err91];
    } else {
      vErrors.push(err91);
    }
    errors++;
  }
  validate22.errors = vErrors;
  return errors === 0;
}
validate22.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };
var validate3 = validate23;
var schema34 = { "type": "object", "description": "Takes out of bundle and runtime what the app does not need.", "properties": { "minify": { "type": "boolean", "default": true, "description": "Shortens the app's code; its source map still leads to the sources." }, "keepNames": { "type": "boolean", "default": true, "description": "Keeps the `name` of functions and classes. To lose names, set `keepNames` of the step `bundle` to false as well." }, "drop": { "type": "array", "items": { "type": "string", "enum": ["console", "debugger"] }, "uniqueItems": true, "description": "What to leave out of the code: calls of console methods, debugger statements." }, "define": { "type": "object", "additionalProperties": { "type": "string" }, "description": 'Replaces global names by constants, as `define` of the step `bundle` does, but without bundling again. Text needs quotes of its own: `"\\"production\\""`.' }, "sourceMap": { "type": "string", "enum": ["none", "external", "embedded"], "default": "embedded", "description": "Where the source map goes. embedded: into the executable, whose stack traces name the sources. external: into a file beside it. none: nowhere." }, "sourcesContent": { "type": "boolean", "default": false, "description": "Whether the embedded source map holds the sources' text, so that an uncaught error shows the line that threw. The external one always does." }, "symbols": { "type": "string", "enum": ["strip", "keep"], "default": "strip", "description": "Whether the runtime keeps its debug information and symbol table (Linux)." }, "locales": { "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1, "uniqueItems": true, "description": "Keeps of `Intl` what these locales need, with their parents: `en` for all of English, `zh-Hant`, `pt-BR`. Default: all. The others fall back as for unknown locales; keep the one that your users' LANG names, or `en`." }, "encodings": { "anyOf": [{ "const": "all", "description": "All of them." }, { "const": "none", "description": "None; Unicode and windows-1252 always work." }, { "type": "array", "items": { "type": "string", "minLength": 1 }, "description": "These, by the Encoding Standard's names." }], "default": "all", "description": "With `locales`: the legacy encodings that TextDecoder keeps.", "examples": ["none", ["shift_jis", "gbk"]] }, "segmentation": { "anyOf": [{ "const": "all", "description": "All of them." }, { "type": "array", "items": { "type": "string", "minLength": 1 }, "description": "Those of these locales." }], "description": "With `locales`: whose dictionaries for splitting text without spaces into words are kept (Thai, Chinese, Japanese, \u2026). Default: those of `locales`.", "examples": ["all", ["th"]] } }, "additionalProperties": false };
function validate23(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
  let vErrors = null;
  let errors = 0;
  const evaluated0 = validate23.evaluated;
  if (evaluated0.dynamicProps) {
    evaluated0.props = void 0;
  }
  if (evaluated0.dynamicItems) {
    evaluated0.items = void 0;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    for (const key0 in data) {
      if (!func6.call(schema34.properties, key0)) {
        const err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err0];
        } else {
          vErrors.push(err0);
        }
        errors++;
      }
    }
    if (data.minify !== void 0) {
      if (typeof data.minify !== "boolean") {
        const err1 = { instancePath: instancePath + "/minify", schemaPath: "#/properties/minify/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err1];
        } else {
          vErrors.push(err1);
        }
        errors++;
      }
    }
    if (data.keepNames !== void 0) {
      if (typeof data.keepNames !== "boolean") {
        const err2 = { instancePath: instancePath + "/keepNames", schemaPath: "#/properties/keepNames/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.drop !== void 0) {
      let data2 = data.drop;
      if (Array.isArray(data2)) {
        const len0 = data2.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data3 = data2[i0];
          if (typeof data3 !== "string") {
            const err3 = { instancePath: instancePath + "/drop/" + i0, schemaPath: "#/properties/drop/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err3];
            } else {
              vErrors.push(err3);
            }
            errors++;
          }
          if (!(data3 === "console" || data3 === "debugger")) {
            const err4 = { instancePath: instancePath + "/drop/" + i0, schemaPath: "#/properties/drop/items/enum", keyword: "enum", params: { allowedValues: schema34.properties.drop.items.enum }, message: "must be equal to one of the allowed values" };
            if (vErrors === null) {
              vErrors = [err4];
            } else {
              vErrors.push(err4);
            }
            errors++;
          }
        }
        let i1 = data2.length;
        let j0;
        if (i1 > 1) {
          const indices0 = {};
          for (; i1--; ) {
            let item0 = data2[i1];
            if (typeof item0 !== "string") {
              continue;
            }
            if (typeof indices0[item0] == "number") {
              j0 = indices0[item0];
              const err5 = { instancePath: instancePath + "/drop", schemaPath: "#/properties/drop/uniqueItems", keyword: "uniqueItems", params: { i: i1, j: j0 }, message: "must NOT have duplicate items (items ## " + j0 + " and " + i1 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err5];
              } else {
                vErrors.push(err5);
              }
              errors++;
              break;
            }
            indices0[item0] = i1;
          }
        }
      } else {
        const err6 = { instancePath: instancePath + "/drop", schemaPath: "#/properties/drop/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err6];
        } else {
          vErrors.push(err6);
        }
        errors++;
      }
    }
    if (data.define !== void 0) {
      let data4 = data.define;
      if (data4 && typeof data4 == "object" && !Array.isArray(data4)) {
        for (const key1 in data4) {
          if (typeof data4[key1] !== "string") {
            const err7 = { instancePath: instancePath + "/define/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/define/additionalProperties/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err7];
            } else {
              vErrors.push(err7);
            }
            errors++;
          }
        }
      } else {
        const err8 = { instancePath: instancePath + "/define", schemaPath: "#/properties/define/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err8];
        } else {
          vErrors.push(err8);
        }
        errors++;
      }
    }
    if (data.sourceMap !== void 0) {
      let data6 = data.sourceMap;
      if (typeof data6 !== "string") {
        const err9 = { instancePath: instancePath + "/sourceMap", schemaPath: "#/properties/sourceMap/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err9];
        } else {
          vErrors.push(err9);
        }
        errors++;
      }
      if (!(data6 === "none" || data6 === "external" || data6 === "embedded")) {
        const err10 = { instancePath: instancePath + "/sourceMap", schemaPath: "#/properties/sourceMap/enum", keyword: "enum", params: { allowedValues: schema34.properties.sourceMap.enum }, message: "must be equal to one of the allowed values" };
        if (vErrors === null) {
          vErrors = [err10];
        } else {
          vErrors.push(err10);
        }
        errors++;
      }
    }
    if (data.sourcesContent !== void 0) {
      if (typeof data.sourcesContent !== "boolean") {
        const err11 = { instancePath: instancePath + "/sourcesContent", schemaPath: "#/properties/sourcesContent/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err11];
        } else {
          vErrors.push(err11);
        }
        errors++;
      }
    }
    if (data.symbols !== void 0) {
      let data8 = data.symbols;
      if (typeof data8 !== "string") {
        const err12 = { instancePath: instancePath + "/symbols", schemaPath: "#/properties/symbols/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err12];
        } else {
          vErrors.push(err12);
        }
        errors++;
      }
      if (!(data8 === "strip" || data8 === "keep")) {
        const err13 = { instancePath: instancePath + "/symbols", schemaPath: "#/properties/symbols/enum", keyword: "enum", params: { allowedValues: schema34.properties.symbols.enum }, message: "must be equal to one of the allowed values" };
        if (vErrors === null) {
          vErrors = [err13];
        } else {
          vErrors.push(err13);
        }
        errors++;
      }
    }
    if (data.locales !== void 0) {
      let data9 = data.locales;
      if (Array.isArray(data9)) {
        if (data9.length < 1) {
          const err14 = { instancePath: instancePath + "/locales", schemaPath: "#/properties/locales/minItems", keyword: "minItems", params: { limit: 1 }, message: "must NOT have fewer than 1 items" };
          if (vErrors === null) {
            vErrors = [err14];
          } else {
            vErrors.push(err14);
          }
          errors++;
        }
        const len1 = data9.length;
        for (let i2 = 0; i2 < len1; i2++) {
          let data10 = data9[i2];
          if (typeof data10 === "string") {
            if (func1(data10) < 1) {
              const err15 = { instancePath: instancePath + "/locales/" + i2, schemaPath: "#/properties/locales/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err15];
              } else {
                vErrors.push(err15);
              }
              errors++;
            }
          } else {
            const err16 = { instancePath: instancePath + "/locales/" + i2, schemaPath: "#/properties/locales/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err16];
            } else {
              vErrors.push(err16);
            }
            errors++;
          }
        }
        let i3 = data9.length;
        let j1;
        if (i3 > 1) {
          const indices1 = {};
          for (; i3--; ) {
            let item1 = data9[i3];
            if (typeof item1 !== "string") {
              continue;
            }
            if (typeof indices1[item1] == "number") {
              j1 = indices1[item1];
              const err17 = { instancePath: instancePath + "/locales", schemaPath: "#/properties/locales/uniqueItems", keyword: "uniqueItems", params: { i: i3, j: j1 }, message: "must NOT have duplicate items (items ## " + j1 + " and " + i3 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err17];
              } else {
                vErrors.push(err17);
              }
              errors++;
              break;
            }
            indices1[item1] = i3;
          }
        }
      } else {
        const err18 = { instancePath: instancePath + "/locales", schemaPath: "#/properties/locales/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err18];
        } else {
          vErrors.push(err18);
        }
        errors++;
      }
    }
    if (data.encodings !== void 0) {
      let data11 = data.encodings;
      const _errs26 = errors;
      let valid8 = false;
      const _errs27 = errors;
      if ("all" !== data11) {
        const err19 = { instancePath: instancePath + "/encodings", schemaPath: "#/properties/encodings/anyOf/0/const", keyword: "const", params: { allowedValue: "all" }, message: "must be equal to constant" };
        if (vErrors === null) {
          vErrors = [err19];
        } else {
          vErrors.push(err19);
        }
        errors++;
      }
      var _valid0 = _errs27 === errors;
      valid8 = valid8 || _valid0;
      const _errs28 = errors;
      if ("none" !== data11) {
        const err20 = { instancePath: instancePath + "/encodings", schemaPath: "#/properties/encodings/anyOf/1/const", keyword: "const", params: { allowedValue: "none" }, message: "must be equal to constant" };
        if (vErrors === null) {
          vErrors = [err20];
        } else {
          vErrors.push(err20);
        }
        errors++;
      }
      var _valid0 = _errs28 === errors;
      valid8 = valid8 || _valid0;
      const _errs29 = errors;
      if (Array.isArray(data11)) {
        const len2 = data11.length;
        for (let i4 = 0; i4 < len2; i4++) {
          let data12 = data11[i4];
          if (typeof data12 === "string") {
            if (func1(data12) < 1) {
              const err21 = { instancePath: instancePath + "/encodings/" + i4, schemaPath: "#/properties/encodings/anyOf/2/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err21];
              } else {
                vErrors.push(err21);
              }
              errors++;
            }
          } else {
            const err22 = { instancePath: instancePath + "/encodings/" + i4, schemaPath: "#/properties/encodings/anyOf/2/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err22];
            } else {
              vErrors.push(err22);
            }
            errors++;
          }
        }
      } else {
        const err23 = { instancePath: instancePath + "/encodings", schemaPath: "#/properties/encodings/anyOf/2/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err23];
        } else {
          vErrors.push(err23);
        }
        errors++;
      }
      var _valid0 = _errs29 === errors;
      valid8 = valid8 || _valid0;
      if (!valid8) {
        const err24 = { instancePath: instancePath + "/encodings", schemaPath: "#/properties/encodings/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
        if (vErrors === null) {
          vErrors = [err24];
        } else {
          vErrors.push(err24);
        }
        errors++;
      } else {
        errors = _errs26;
        if (vErrors !== null) {
          if (_errs26) {
            vErrors.length = _errs26;
          } else {
            vErrors = null;
          }
        }
      }
    }
    if (data.segmentation !== void 0) {
      let data13 = data.segmentation;
      const _errs34 = errors;
      let valid11 = false;
      const _errs35 = errors;
      if ("all" !== data13) {
        const err25 = { instancePath: instancePath + "/segmentation", schemaPath: "#/properties/segmentation/anyOf/0/const", keyword: "const", params: { allowedValue: "all" }, message: "must be equal to constant" };
        if (vErrors === null) {
          vErrors = [err25];
        } else {
          vErrors.push(err25);
        }
        errors++;
      }
      var _valid1 = _errs35 === errors;
      valid11 = valid11 || _valid1;
      const _errs36 = errors;
      if (Array.isArray(data13)) {
        const len3 = data13.length;
        for (let i5 = 0; i5 < len3; i5++) {
          let data14 = data13[i5];
          if (typeof data14 === "string") {
            if (func1(data14) < 1) {
              const err26 = { instancePath: instancePath + "/segmentation/" + i5, schemaPath: "#/properties/segmentation/anyOf/1/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err26];
              } else {
                vErrors.push(err26);
              }
              errors++;
            }
          } else {
            const err27 = { instancePath: instancePath + "/segmentation/" + i5, schemaPath: "#/properties/segmentation/anyOf/1/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err27];
            } else {
              vErrors.push(err27);
            }
            errors++;
          }
        }
      } else {
        const err28 = { instancePath: instancePath + "/segmentation", schemaPath: "#/properties/segmentation/anyOf/1/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err28];
        } else {
          vErrors.push(err28);
        }
        errors++;
      }
      var _valid1 = _errs36 === errors;
      valid11 = valid11 || _valid1;
      if (!valid11) {
        const err29 = { instancePath: instancePath + "/segmentation", schemaPath: "#/properties/segmentation/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
        if (vErrors === null) {
          vErrors = [err29];
        } else {
          vErrors.push(err29);
        }
        errors++;
      } else {
        errors = _errs34;
        if (vErrors !== null) {
          if (_errs34) {
            vErrors.length = _errs34;
          } else {
            vErrors = null;
          }
        }
      }
    }
  } else {
    const err30 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err30];
    } else {
      vErrors.push(err30);
    }
    errors++;
  }
  validate23.errors = vErrors;
  return errors === 0;
}
validate23.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };
var validate4 = validate24;
var schema35 = { "type": "object", "description": "Makes one executable per target out of its runtime and the bundle.", "properties": { "codeCache": { "anyOf": [{ "type": "boolean", "description": "Always, or never." }, { "const": "auto", "description": "Where it makes the app start earlier: from 16 KB of code on." }], "default": "auto", "description": "Carries V8's compiled form of the bundle, so that large apps start faster. Only for the target of the machine that builds; on Linux, where QEMU's user mode is on PATH, also for the other of linux-x64 and linux-arm64, if the bundle has 128 KiB or more." }, "name": { "type": "string", "pattern": "^(?!\\.{1,2}$)[^/\\\\\\u0000]+$", "description": "The executable's name. Default: the name of the app.", "examples": ["health"] }, "smoke": { "type": "object", "description": "Runs each executable that can run on this machine, in an empty folder and with next to no environment, and fails the build where it does not do what is expected.", "properties": { "args": { "type": "array", "items": { "type": "string" }, "description": "Its arguments." }, "stdin": { "type": "string", "description": "What it reads from standard input. Default: nothing." }, "env": { "type": "object", "additionalProperties": { "type": "string" }, "description": "Variables of its environment besides HOME, PATH and TMPDIR." }, "exitCode": { "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 255, "description": "It ends with this code." }, { "const": "running", "description": "It goes on running, as a service does, until its output is as expected; then it is ended." }], "default": 0, "description": "The exit code to expect; `running` for a service, which is ended as soon as its output matches `stdout`." }, "stdout": { "anyOf": [{ "type": "string", "description": "This text, but for white space at its ends." }, { "type": "object", "properties": { "matches": { "type": "string", "description": "A regular expression (JavaScript, flags `m` and `u`)." } }, "required": ["matches"], "description": "Something that a regular expression finds in it.", "additionalProperties": false }], "description": "What to expect on standard output: a text, but for white space at its ends, or a regular expression. Default: anything.", "examples": [{ "matches": "^listening on port \\d+" }] }, "timeout": { "type": "integer", "minimum": 1, "maximum": 600, "default": 20, "description": "How long it may take, in seconds." } }, "additionalProperties": false }, "selfContained": { "type": "boolean", "default": true, "description": "Executables for Linux carry the C and C++ libraries that Node needs, and need nothing but a kernel; those for macOS and Windows, where no program can carry the system's, are refused if they need others. Otherwise they need what is on the machine: on Linux, glibc 2.28 or newer." }, "inspect": { "type": "boolean", "default": false, "description": "Lets a debugger in: the executable then obeys the environment variables SBP_INSPECT and SBP_INSPECT_BRK, which take what Node's options --inspect and --inspect-brk do." }, "windows": { "type": "object", "description": "Icon, details, console and signature of the executables for Windows.", "properties": { "icon": { "type": "string", "minLength": 1, "description": "An .ico file, relative to the project. Default: the icon of Node.js.", "examples": ["assets/health.ico"] }, "productName": { "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]{1,1000}$", "description": "The product in the file's details. Default: the name of the app." }, "fileDescription": { "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]{1,1000}$", "description": "What the task manager calls the program. Default: `productName`." }, "companyName": { "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]{1,1000}$", "description": "The company in the file's details." }, "legalCopyright": { "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]{1,1000}$", "description": "The copyright in the file's details." }, "fileVersion": { "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]{1,1000}$", "description": "Begins with up to four numbers, each below 65536, which installers compare. Default: the version of the app.", "examples": ["1.2.3"] }, "productVersion": { "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]{1,1000}$", "description": "The product's version, with the same rules. Default: the version of the app." }, "subsystem": { "type": "string", "enum": ["console", "gui"], "description": "`gui`: Windows opens no console window for the program; what it prints is seen only where it is redirected. Default: as the runtime has it, which is `console` for Node.js." }, "certificate": { "type": "string", "minLength": 1, "description": "Who signs: a PKCS #12 file (.pfx, .p12) with certificate and key, relative to the project; see signing.md. Default: not signed.", "examples": ["release.pfx"] }, "passwordEnv": { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "description": "The environment variable that holds the password of `certificate`. Default: the file has an empty password." }, "url": { "type": "string", "pattern": "^https?://[\\u0021-\\u007e]{1,1000}$", "description": "Where to read about the program; Windows shows it with the signature." } }, "additionalProperties": false }, "macos": { "type": "object", "description": "The signature of the executables for macOS.", "properties": { "identifier": { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$", "description": "What macOS knows the program by. Default: the executable's name.", "examples": ["com.example.health"] }, "entitlements": { "type": "string", "minLength": 1, "description": "A property list (XML), relative to the project, with all that the program may do. Default: with the hardened runtime what V8 needs, else what the runtime was signed with.", "examples": ["assets/entitlements.plist"] }, "hardenedRuntime": { "type": "boolean", "description": "macOS protects the running program. Default: true with a certificate, else false." }, "certificate": { "type": "string", "minLength": 1, "description": "Who signs: a PKCS #12 file (.p12) with certificate and key, relative to the project; see signing.md. Default: signed ad hoc, by nobody.", "examples": ["release.p12"] }, "passwordEnv": { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "description": "The environment variable that holds the password of `certificate`. Default: the file has an empty password." } }, "additionalProperties": false } }, "additionalProperties": false };
var pattern4 = new RegExp("^(?!\\.{1,2}$)[^/\\\\\\u0000]+$", "u");
var pattern5 = new RegExp("^[^\\u0000-\\u001f\\u007f]{1,1000}$", "u");
var pattern11 = new RegExp("^[A-Za-z_][A-Za-z0-9_]*$", "u");
var pattern12 = new RegExp("^https?://[\\u0021-\\u007e]{1,1000}$", "u");
var pattern13 = new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$", "u");
function validate24(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
  let vErrors = null;
  let errors = 0;
  const evaluated0 = validate24.evaluated;
  if (evaluated0.dynamicProps) {
    evaluated0.props = void 0;
  }
  if (evaluated0.dynamicItems) {
    evaluated0.items = void 0;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    for (const key0 in data) {
      if (!(key0 === "codeCache" || key0 === "name" || key0 === "smoke" || key0 === "selfContained" || key0 === "inspect" || key0 === "windows" || key0 === "macos")) {
        const err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err0];
        } else {
          vErrors.push(err0);
        }
        errors++;
      }
    }
    if (data.codeCache !== void 0) {
      let data0 = data.codeCache;
      const _errs3 = errors;
      let valid1 = false;
      const _errs4 = errors;
      if (typeof data0 !== "boolean") {
        const err1 = { instancePath: instancePath + "/codeCache", schemaPath: "#/properties/codeCache/anyOf/0/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err1];
        } else {
          vErrors.push(err1);
        }
        errors++;
      }
      var _valid0 = _errs4 === errors;
      valid1 = valid1 || _valid0;
      const _errs6 = errors;
      if ("auto" !== data0) {
        const err2 = { instancePath: instancePath + "/codeCache", schemaPath: "#/properties/codeCache/anyOf/1/const", keyword: "const", params: { allowedValue: "auto" }, message: "must be equal to constant" };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
      var _valid0 = _errs6 === errors;
      valid1 = valid1 || _valid0;
      if (!valid1) {
        const err3 = { instancePath: instancePath + "/codeCache", schemaPath: "#/properties/codeCache/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      } else {
        errors = _errs3;
        if (vErrors !== null) {
          if (_errs3) {
            vErrors.length = _errs3;
          } else {
            vErrors = null;
          }
        }
      }
    }
    if (data.name !== void 0) {
      let data1 = data.name;
      if (typeof data1 === "string") {
        if (!pattern4.test(data1)) {
          const err4 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/pattern", keyword: "pattern", params: { pattern: "^(?!\\.{1,2}$)[^/\\\\\\u0000]+$" }, message: 'must match pattern "^(?!\\.{1,2}$)[^/\\\\\\u0000]+$"' };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
      } else {
        const err5 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err5];
        } else {
          vErrors.push(err5);
        }
        errors++;
      }
    }
    if (data.smoke !== void 0) {
      let data2 = data.smoke;
      if (data2 && typeof data2 == "object" && !Array.isArray(data2)) {
        for (const key1 in data2) {
          if (!(key1 === "args" || key1 === "stdin" || key1 === "env" || key1 === "exitCode" || key1 === "stdout" || key1 === "timeout")) {
            const err6 = { instancePath: instancePath + "/smoke", schemaPath: "#/properties/smoke/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties" };
            if (vErrors === null) {
              vErrors = [err6];
            } else {
              vErrors.push(err6);
            }
            errors++;
          }
        }
        if (data2.args !== void 0) {
          let data3 = data2.args;
          if (Array.isArray(data3)) {
            const len0 = data3.length;
            for (let i0 = 0; i0 < len0; i0++) {
              if (typeof data3[i0] !== "string") {
                const err7 = { instancePath: instancePath + "/smoke/args/" + i0, schemaPath: "#/properties/smoke/properties/args/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err7];
                } else {
                  vErrors.push(err7);
                }
                errors++;
              }
            }
          } else {
            const err8 = { instancePath: instancePath + "/smoke/args", schemaPath: "#/properties/smoke/properties/args/type", keyword: "type", params: { type: "array" }, message: "must be array" };
            if (vErrors === null) {
              vErrors = [err8];
            } else {
              vErrors.push(err8);
            }
            errors++;
          }
        }
        if (data2.stdin !== void 0) {
          if (typeof data2.stdin !== "string") {
            const err9 = { instancePath: instancePath + "/smoke/stdin", schemaPath: "#/properties/smoke/properties/stdin/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err9];
            } else {
              vErrors.push(err9);
            }
            errors++;
          }
        }
        if (data2.env !== void 0) {
          let data6 = data2.env;
          if (data6 && typeof data6 == "object" && !Array.isArray(data6)) {
            for (const key2 in data6) {
              if (typeof data6[key2] !== "string") {
                const err10 = { instancePath: instancePath + "/smoke/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/smoke/properties/env/additionalProperties/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err10];
                } else {
                  vErrors.push(err10);
                }
                errors++;
              }
            }
          } else {
            const err11 = { instancePath: instancePath + "/smoke/env", schemaPath: "#/properties/smoke/properties/env/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err11];
            } else {
              vErrors.push(err11);
            }
            errors++;
          }
        }
        if (data2.exitCode !== void 0) {
          let data8 = data2.exitCode;
          const _errs24 = errors;
          let valid6 = false;
          const _errs25 = errors;
          if (!(typeof data8 == "number" && (!(data8 % 1) && !isNaN(data8)) && isFinite(data8))) {
            const err12 = { instancePath: instancePath + "/smoke/exitCode", schemaPath: "#/properties/smoke/properties/exitCode/anyOf/0/type", keyword: "type", params: { type: "integer" }, message: "must be integer" };
            if (vErrors === null) {
              vErrors = [err12];
            } else {
              vErrors.push(err12);
            }
            errors++;
          }
          if (typeof data8 == "number" && isFinite(data8)) {
            if (data8 > 255 || isNaN(data8)) {
              const err13 = { instancePath: instancePath + "/smoke/exitCode", schemaPath: "#/properties/smoke/properties/exitCode/anyOf/0/maximum", keyword: "maximum", params: { comparison: "<=", limit: 255 }, message: "must be <= 255" };
              if (vErrors === null) {
                vErrors = [err13];
              } else {
                vErrors.push(err13);
              }
              errors++;
            }
            if (data8 < 0 || isNaN(data8)) {
              const err14 = { instancePath: instancePath + "/smoke/exitCode", schemaPath: "#/properties/smoke/properties/exitCode/anyOf/0/minimum", keyword: "minimum", params: { comparison: ">=", limit: 0 }, message: "must be >= 0" };
              if (vErrors === null) {
                vErrors = [err14];
              } else {
                vErrors.push(err14);
              }
              errors++;
            }
          }
          var _valid1 = _errs25 === errors;
          valid6 = valid6 || _valid1;
          const _errs27 = errors;
          if ("running" !== data8) {
            const err15 = { instancePath: instancePath + "/smoke/exitCode", schemaPath: "#/properties/smoke/properties/exitCode/anyOf/1/const", keyword: "const", params: { allowedValue: "running" }, message: "must be equal to constant" };
            if (vErrors === null) {
              vErrors = [err15];
            } else {
              vErrors.push(err15);
            }
            errors++;
          }
          var _valid1 = _errs27 === errors;
          valid6 = valid6 || _valid1;
          if (!valid6) {
            const err16 = { instancePath: instancePath + "/smoke/exitCode", schemaPath: "#/properties/smoke/properties/exitCode/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err16];
            } else {
              vErrors.push(err16);
            }
            errors++;
          } else {
            errors = _errs24;
            if (vErrors !== null) {
              if (_errs24) {
                vErrors.length = _errs24;
              } else {
                vErrors = null;
              }
            }
          }
        }
        if (data2.stdout !== void 0) {
          let data9 = data2.stdout;
          const _errs29 = errors;
          let valid7 = false;
          const _errs30 = errors;
          if (typeof data9 !== "string") {
            const err17 = { instancePath: instancePath + "/smoke/stdout", schemaPath: "#/properties/smoke/properties/stdout/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err17];
            } else {
              vErrors.push(err17);
            }
            errors++;
          }
          var _valid2 = _errs30 === errors;
          valid7 = valid7 || _valid2;
          const _errs32 = errors;
          if (data9 && typeof data9 == "object" && !Array.isArray(data9)) {
            if (data9.matches === void 0) {
              const err18 = { instancePath: instancePath + "/smoke/stdout", schemaPath: "#/properties/smoke/properties/stdout/anyOf/1/required", keyword: "required", params: { missingProperty: "matches" }, message: "must have required property 'matches'" };
              if (vErrors === null) {
                vErrors = [err18];
              } else {
                vErrors.push(err18);
              }
              errors++;
            }
            for (const key3 in data9) {
              if (!(key3 === "matches")) {
                const err19 = { instancePath: instancePath + "/smoke/stdout", schemaPath: "#/properties/smoke/properties/stdout/anyOf/1/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key3 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err19];
                } else {
                  vErrors.push(err19);
                }
                errors++;
              }
            }
            if (data9.matches !== void 0) {
              if (typeof data9.matches !== "string") {
                const err20 = { instancePath: instancePath + "/smoke/stdout/matches", schemaPath: "#/properties/smoke/properties/stdout/anyOf/1/properties/matches/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err20];
                } else {
                  vErrors.push(err20);
                }
                errors++;
              }
            }
          } else {
            const err21 = { instancePath: instancePath + "/smoke/stdout", schemaPath: "#/properties/smoke/properties/stdout/anyOf/1/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err21];
            } else {
              vErrors.push(err21);
            }
            errors++;
          }
          var _valid2 = _errs32 === errors;
          valid7 = valid7 || _valid2;
          if (!valid7) {
            const err22 = { instancePath: instancePath + "/smoke/stdout", schemaPath: "#/properties/smoke/properties/stdout/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
            if (vErrors === null) {
              vErrors = [err22];
            } else {
              vErrors.push(err22);
            }
            errors++;
          } else {
            errors = _errs29;
            if (vErrors !== null) {
              if (_errs29) {
                vErrors.length = _errs29;
              } else {
                vErrors = null;
              }
            }
          }
        }
        if (data2.timeout !== void 0) {
          let data11 = data2.timeout;
          if (!(typeof data11 == "number" && (!(data11 % 1) && !isNaN(data11)) && isFinite(data11))) {
            const err23 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/properties/smoke/properties/timeout/type", keyword: "type", params: { type: "integer" }, message: "must be integer" };
            if (vErrors === null) {
              vErrors = [err23];
            } else {
              vErrors.push(err23);
            }
            errors++;
          }
          if (typeof data11 == "number" && isFinite(data11)) {
            if (data11 > 600 || isNaN(data11)) {
              const err24 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/properties/smoke/properties/timeout/maximum", keyword: "maximum", params: { comparison: "<=", limit: 600 }, message: "must be <= 600" };
              if (vErrors === null) {
                vErrors = [err24];
              } else {
                vErrors.push(err24);
              }
              errors++;
            }
            if (data11 < 1 || isNaN(data11)) {
              const err25 = { instancePath: instancePath + "/smoke/timeout", schemaPath: "#/properties/smoke/properties/timeout/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1" };
              if (vErrors === null) {
                vErrors = [err25];
              } else {
                vErrors.push(err25);
              }
              errors++;
            }
          }
        }
      } else {
        const err26 = { instancePath: instancePath + "/smoke", schemaPath: "#/properties/smoke/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err26];
        } else {
          vErrors.push(err26);
        }
        errors++;
      }
    }
    if (data.selfContained !== void 0) {
      if (typeof data.selfContained !== "boolean") {
        const err27 = { instancePath: instancePath + "/selfContained", schemaPath: "#/properties/selfContained/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err27];
        } else {
          vErrors.push(err27);
        }
        errors++;
      }
    }
    if (data.inspect !== void 0) {
      if (typeof data.inspect !== "boolean") {
        const err28 = { instancePath: instancePath + "/inspect", schemaPath: "#/properties/inspect/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err28];
        } else {
          vErrors.push(err28);
        }
        errors++;
      }
    }
    if (data.windows !== void 0) {
      let data14 = data.windows;
      if (data14 && typeof data14 == "object" && !Array.isArray(data14)) {
        for (const key4 in data14) {
          if (!func6.call(schema35.properties.windows.properties, key4)) {
            const err29 = { instancePath: instancePath + "/windows", schemaPath: "#/properties/windows/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key4 }, message: "must NOT have additional properties" };
            if (vErrors === null) {
              vErrors = [err29];
            } else {
              vErrors.push(err29);
            }
            errors++;
          }
        }
        if (data14.icon !== void 0) {
          let data15 = data14.icon;
          if (typeof data15 === "string") {
            if (func1(data15) < 1) {
              const err30 = { instancePath: instancePath + "/windows/icon", schemaPath: "#/properties/windows/properties/icon/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err30];
              } else {
                vErrors.push(err30);
              }
              errors++;
            }
          } else {
            const err31 = { instancePath: instancePath + "/windows/icon", schemaPath: "#/properties/windows/properties/icon/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err31];
            } else {
              vErrors.push(err31);
            }
            errors++;
          }
        }
        if (data14.productName !== void 0) {
          let data16 = data14.productName;
          if (typeof data16 === "string") {
            if (!pattern5.test(data16)) {
              const err32 = { instancePath: instancePath + "/windows/productName", schemaPath: "#/properties/windows/properties/productName/pattern", keyword: "pattern", params: { pattern: "^[^\\u0000-\\u001f\\u007f]{1,1000}$" }, message: 'must match pattern "^[^\\u0000-\\u001f\\u007f]{1,1000}$"' };
              if (vErrors === null) {
                vErrors = [err32];
              } else {
                vErrors.push(err32);
              }
              errors++;
            }
          } else {
            const err33 = { instancePath: instancePath + "/windows/productName", schemaPath: "#/properties/windows/properties/productName/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err33];
            } else {
              vErrors.push(err33);
            }
            errors++;
          }
        }
        if (data14.fileDescription !== void 0) {
          let data17 = data14.fileDescription;
          if (typeof data17 === "string") {
            if (!pattern5.test(data17)) {
              const err34 = { instancePath: instancePath + "/windows/fileDescription", schemaPath: "#/properties/windows/properties/fileDescription/pattern", keyword: "pattern", params: { pattern: "^[^\\u0000-\\u001f\\u007f]{1,1000}$" }, message: 'must match pattern "^[^\\u0000-\\u001f\\u007f]{1,1000}$"' };
              if (vErrors === null) {
                vErrors = [err34];
              } else {
                vErrors.push(err34);
              }
              errors++;
            }
          } else {
            const err35 = { instancePath: instancePath + "/windows/fileDescription", schemaPath: "#/properties/windows/properties/fileDescription/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err35];
            } else {
              vErrors.push(err35);
            }
            errors++;
          }
        }
        if (data14.companyName !== void 0) {
          let data18 = data14.companyName;
          if (typeof data18 === "string") {
            if (!pattern5.test(data18)) {
              const err36 = { instancePath: instancePath + "/windows/companyName", schemaPath: "#/properties/windows/properties/companyName/pattern", keyword: "pattern", params: { pattern: "^[^\\u0000-\\u001f\\u007f]{1,1000}$" }, message: 'must match pattern "^[^\\u0000-\\u001f\\u007f]{1,1000}$"' };
              if (vErrors === null) {
                vErrors = [err36];
              } else {
                vErrors.push(err36);
              }
              errors++;
            }
          } else {
            const err37 = { instancePath: instancePath + "/windows/companyName", schemaPath: "#/properties/windows/properties/companyName/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err37];
            } else {
              vErrors.push(err37);
            }
            errors++;
          }
        }
        if (data14.legalCopyright !== void 0) {
          let data19 = data14.legalCopyright;
          if (typeof data19 === "string") {
            if (!pattern5.test(data19)) {
              const err38 = { instancePath: instancePath + "/windows/legalCopyright", schemaPath: "#/properties/windows/properties/legalCopyright/pattern", keyword: "pattern", params: { pattern: "^[^\\u0000-\\u001f\\u007f]{1,1000}$" }, message: 'must match pattern "^[^\\u0000-\\u001f\\u007f]{1,1000}$"' };
              if (vErrors === null) {
                vErrors = [err38];
              } else {
                vErrors.push(err38);
              }
              errors++;
            }
          } else {
            const err39 = { instancePath: instancePath + "/windows/legalCopyright", schemaPath: "#/properties/windows/properties/legalCopyright/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err39];
            } else {
              vErrors.push(err39);
            }
            errors++;
          }
        }
        if (data14.fileVersion !== void 0) {
          let data20 = data14.fileVersion;
          if (typeof data20 === "string") {
            if (!pattern5.test(data20)) {
              const err40 = { instancePath: instancePath + "/windows/fileVersion", schemaPath: "#/properties/windows/properties/fileVersion/pattern", keyword: "pattern", params: { pattern: "^[^\\u0000-\\u001f\\u007f]{1,1000}$" }, message: 'must match pattern "^[^\\u0000-\\u001f\\u007f]{1,1000}$"' };
              if (vErrors === null) {
                vErrors = [err40];
              } else {
                vErrors.push(err40);
              }
              errors++;
            }
          } else {
            const err41 = { instancePath: instancePath + "/windows/fileVersion", schemaPath: "#/properties/windows/properties/fileVersion/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err41];
            } else {
              vErrors.push(err41);
            }
            errors++;
          }
        }
        if (data14.productVersion !== void 0) {
          let data21 = data14.productVersion;
          if (typeof data21 === "string") {
            if (!pattern5.test(data21)) {
              const err42 = { instancePath: instancePath + "/windows/productVersion", schemaPath: "#/properties/windows/properties/productVersion/pattern", keyword: "pattern", params: { pattern: "^[^\\u0000-\\u001f\\u007f]{1,1000}$" }, message: 'must match pattern "^[^\\u0000-\\u001f\\u007f]{1,1000}$"' };
              if (vErrors === null) {
                vErrors = [err42];
              } else {
                vErrors.push(err42);
              }
              errors++;
            }
          } else {
            const err43 = { instancePath: instancePath + "/windows/productVersion", schemaPath: "#/properties/windows/properties/productVersion/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err43];
            } else {
              vErrors.push(err43);
            }
            errors++;
          }
        }
        if (data14.subsystem !== void 0) {
          let data22 = data14.subsystem;
          if (typeof data22 !== "string") {
            const err44 = { instancePath: instancePath + "/windows/subsystem", schemaPath: "#/properties/windows/properties/subsystem/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err44];
            } else {
              vErrors.push(err44);
            }
            errors++;
          }
          if (!(data22 === "console" || data22 === "gui")) {
            const err45 = { instancePath: instancePath + "/windows/subsystem", schemaPath: "#/properties/windows/properties/subsystem/enum", keyword: "enum", params: { allowedValues: schema35.properties.windows.properties.subsystem.enum }, message: "must be equal to one of the allowed values" };
            if (vErrors === null) {
              vErrors = [err45];
            } else {
              vErrors.push(err45);
            }
            errors++;
          }
        }
        if (data14.certificate !== void 0) {
          let data23 = data14.certificate;
          if (typeof data23 === "string") {
            if (func1(data23) < 1) {
              const err46 = { instancePath: instancePath + "/windows/certificate", schemaPath: "#/properties/windows/properties/certificate/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err46];
              } else {
                vErrors.push(err46);
              }
              errors++;
            }
          } else {
            const err47 = { instancePath: instancePath + "/windows/certificate", schemaPath: "#/properties/windows/properties/certificate/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err47];
            } else {
              vErrors.push(err47);
            }
            errors++;
          }
        }
        if (data14.passwordEnv !== void 0) {
          let data24 = data14.passwordEnv;
          if (typeof data24 === "string") {
            if (!pattern11.test(data24)) {
              const err48 = { instancePath: instancePath + "/windows/passwordEnv", schemaPath: "#/properties/windows/properties/passwordEnv/pattern", keyword: "pattern", params: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }, message: 'must match pattern "^[A-Za-z_][A-Za-z0-9_]*$"' };
              if (vErrors === null) {
                vErrors = [err48];
              } else {
                vErrors.push(err48);
              }
              errors++;
            }
          } else {
            const err49 = { instancePath: instancePath + "/windows/passwordEnv", schemaPath: "#/properties/windows/properties/passwordEnv/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err49];
            } else {
              vErrors.push(err49);
            }
            errors++;
          }
        }
        if (data14.url !== void 0) {
          let data25 = data14.url;
          if (typeof data25 === "string") {
            if (!pattern12.test(data25)) {
              const err50 = { instancePath: instancePath + "/windows/url", schemaPath: "#/properties/windows/properties/url/pattern", keyword: "pattern", params: { pattern: "^https?://[\\u0021-\\u007e]{1,1000}$" }, message: 'must match pattern "^https?://[\\u0021-\\u007e]{1,1000}$"' };
              if (vErrors === null) {
                vErrors = [err50];
              } else {
                vErrors.push(err50);
              }
              errors++;
            }
          } else {
            const err51 = { instancePath: instancePath + "/windows/url", schemaPath: "#/properties/windows/properties/url/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err51];
            } else {
              vErrors.push(err51);
            }
            errors++;
          }
        }
      } else {
        const err52 = { instancePath: instancePath + "/windows", schemaPath: "#/properties/windows/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err52];
        } else {
          vErrors.push(err52);
        }
        errors++;
      }
    }
    if (data.macos !== void 0) {
      let data26 = data.macos;
      if (data26 && typeof data26 == "object" && !Array.isArray(data26)) {
        for (const key5 in data26) {
          if (!(key5 === "identifier" || key5 === "entitlements" || key5 === "hardenedRuntime" || key5 === "certificate" || key5 === "passwordEnv")) {
            const err53 = { instancePath: instancePath + "/macos", schemaPath: "#/properties/macos/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key5 }, message: "must NOT have additional properties" };
            if (vErrors === null) {
              vErrors = [err53];
            } else {
              vErrors.push(err53);
            }
            errors++;
          }
        }
        if (data26.identifier !== void 0) {
          let data27 = data26.identifier;
          if (typeof data27 === "string") {
            if (!pattern13.test(data27)) {
              const err54 = { instancePath: instancePath + "/macos/identifier", schemaPath: "#/properties/macos/properties/identifier/pattern", keyword: "pattern", params: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$" }, message: 'must match pattern "^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$"' };
              if (vErrors === null) {
                vErrors = [err54];
              } else {
                vErrors.push(err54);
              }
              errors++;
            }
          } else {
            const err55 = { instancePath: instancePath + "/macos/identifier", schemaPath: "#/properties/macos/properties/identifier/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err55];
            } else {
              vErrors.push(err55);
            }
            errors++;
          }
        }
        if (data26.entitlements !== void 0) {
          let data28 = data26.entitlements;
          if (typeof data28 === "string") {
            if (func1(data28) < 1) {
              const err56 = { instancePath: instancePath + "/macos/entitlements", schemaPath: "#/properties/macos/properties/entitlements/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err56];
              } else {
                vErrors.push(err56);
              }
              errors++;
            }
          } else {
            const err57 = { instancePath: instancePath + "/macos/entitlements", schemaPath: "#/properties/macos/properties/entitlements/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err57];
            } else {
              vErrors.push(err57);
            }
            errors++;
          }
        }
        if (data26.hardenedRuntime !== void 0) {
          if (typeof data26.hardenedRuntime !== "boolean") {
            const err58 = { instancePath: instancePath + "/macos/hardenedRuntime", schemaPath: "#/properties/macos/properties/hardenedRuntime/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
            if (vErrors === null) {
              vErrors = [err58];
            } else {
              vErrors.push(err58);
            }
            errors++;
          }
        }
        if (data26.certificate !== void 0) {
          let data30 = data26.certificate;
          if (typeof data30 === "string") {
            if (func1(data30) < 1) {
              const err59 = { instancePath: instancePath + "/macos/certificate", schemaPath: "#/properties/macos/properties/certificate/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err59];
              } else {
                vErrors.push(err59);
              }
              errors++;
            }
          } else {
            const err60 = { instancePath: instancePath + "/macos/certificate", schemaPath: "#/properties/macos/properties/certificate/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err60];
            } else {
              vErrors.push(err60);
            }
            errors++;
          }
        }
        if (data26.passwordEnv !== void 0) {
          let data31 = data26.passwordEnv;
          if (typeof data31 === "string") {
            if (!pattern11.test(data31)) {
              const err61 = { instancePath: instancePath + "/macos/passwordEnv", schemaPath: "#/properties/macos/properties/passwordEnv/pattern", keyword: "pattern", params: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }, message: 'must match pattern "^[A-Za-z_][A-Za-z0-9_]*$"' };
              if (vErrors === null) {
                vErrors = [err61];
              } else {
                vErrors.push(err61);
              }
              errors++;
            }
          } else {
            const err62 = { instancePath: instancePath + "/macos/passwordEnv", schemaPath: "#/properties/macos/properties/passwordEnv/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err62];
            } else {
              vErrors.push(err62);
            }
            errors++;
          }
        }
      } else {
        const err63 = { instancePath: instancePath + "/macos", schemaPath: "#/properties/macos/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err63];
        } else {
          vErrors.push(err63);
        }
        errors++;
      }
    }
  } else {
    const err64 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err64];
    } else {
      vErrors.push(err64);
    }
    errors++;
  }
  validate24.errors = vErrors;
  return errors === 0;
}
validate24.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };
var validate5 = validate25;
var schema36 = { "type": "object", "description": "Makes a container image of the Linux targets that holds the executable and next to nothing else. For macOS and Windows it makes none.", "properties": { "repository": { "type": "string", "minLength": 1, "description": "The image's name in its registry, without tag: where `sbp push` brings it.", "examples": ["registry.example/acme/health"] }, "tags": { "type": "array", "items": { "type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$" }, "minItems": 1, "uniqueItems": true, "default": ["latest"], "description": "The names that the image has within `repository`." }, "layout": { "type": "string", "enum": ["single", "layered"], "default": "single", "description": "`single`: the executable in a layer, as it is in `dist/`. `layered`: the runtime in a layer that all apps of it have in common, and the app in a small one of its own, so that a change of it sends some kilobytes." }, "push": { "type": "boolean", "default": false, "description": "`sbp build` does what `sbp push` does, after every build but an `--offline` one." }, "user": { "type": "string", "pattern": "^(nonroot|nobody|root|[0-9]{1,10}(:[0-9]{1,10})?)$", "default": "nonroot", "description": "The user that the app runs as: nonroot (65532), nobody (65534), root, or numbers as `<uid>` or `<uid>:<gid>`." }, "certificates": { "anyOf": [{ "type": "boolean", "description": "Those that the Node.js runtime brings (Mozilla's list), or none." }, { "type": "array", "items": { "type": "string", "minLength": 1 }, "minItems": 1, "description": "These PEM files as well; the app trusts them." }], "default": true, "description": "Certificate authorities in `/etc/ssl/certs/ca-certificates.crt`, for the app's child programs and for `--use-openssl-ca`.", "examples": [["certs/company-ca.pem"]] }, "timezones": { "type": "boolean", "default": true, "description": "The time zone database in `/usr/share/zoneinfo`, for child programs and for what reads it by itself; Node has its own." }, "env": { "type": "object", "additionalProperties": { "type": "string" }, "description": "Environment variables, besides PATH, NODE_ENV (production) and SSL_CERT_FILE; the same name replaces those." }, "ports": { "type": "array", "items": { "type": "string", "pattern": "^[0-9]{1,5}(/(tcp|udp))?$" }, "uniqueItems": true, "description": "Ports that the app listens on, for people and tools: `8080`, `53/udp`.", "examples": ["8080"] }, "entrypoint": { "type": "array", "items": { "type": "string" }, "description": "The program and its first arguments. Default: the executable." }, "cmd": { "type": "array", "items": { "type": "string" }, "description": "Arguments that who starts a container may replace." }, "workdir": { "type": "string", "pattern": "^/[^\\u0000]*$", "default": "/", "description": "The folder that the app starts in." }, "volumes": { "type": "array", "items": { "type": "string", "pattern": "^/[^\\u0000]*$" }, "uniqueItems": true, "description": "Folders that are kept outside of the container." }, "stopSignal": { "type": "string", "pattern": "^(SIG[A-Z0-9+-]{2,12}|[0-9]{1,2})$", "description": "What asks the app to end. Default: SIGTERM, by every container engine." }, "healthcheck": { "type": "object", "description": "How Docker and podman ask whether the app is well (Kubernetes does not look at it).", "properties": { "args": { "type": "array", "items": { "type": "string" }, "description": "Arguments of the executable: the app must know them, and end with 0 when all is well." }, "interval": { "type": "number", "minimum": 1, "description": "Seconds between two checks." }, "timeout": { "type": "number", "minimum": 1, "description": "Seconds that a check may take." }, "startPeriod": { "type": "number", "minimum": 1, "description": "Seconds in which failures do not count." }, "retries": { "type": "integer", "minimum": 1, "description": "Failures in a row that count." } }, "required": ["args"], "additionalProperties": false }, "git": { "type": "boolean", "default": true, "description": "Annotations say which commit is checked out (`org.opencontainers.image.revision`), and where `origin` is, if package.json does not name the repository. Without, an image stays the same from commit to commit." }, "labels": { "type": "object", "additionalProperties": { "type": "string" }, "description": "Labels of the image, besides those that say what the annotations do." }, "annotations": { "type": "object", "additionalProperties": { "type": "string" }, "description": "Annotations, besides the `org.opencontainers.image.` ones that package.json and git tell: title, version, description, licenses, url, source, authors, revision; and created, where SOURCE_DATE_EPOCH is set." }, "files": { "type": "array", "description": "More files and folders. The same for every target.", "items": { "type": "object", "properties": { "from": { "type": "string", "minLength": 1, "description": "A file or a folder of the project. Without it, `to` is an empty folder." }, "to": { "type": "string", "pattern": "^/[^\\u0000]+$", "description": "Where it is in the image." }, "mode": { "type": "string", "pattern": "^[0-7]{3,4}$", "description": "Permissions in octal: of files 0644 unless given, of an empty folder 0755." }, "owner": { "type": "string", "pattern": "^(nonroot|nobody|root|[0-9]{1,10}:[0-9]{1,10})$", "default": "root", "description": "Who it belongs to: a name, or `<uid>:<gid>`." } }, "required": ["to"], "additionalProperties": false } }, "compression": { "type": "string", "enum": ["gzip", "zstd"], "default": "gzip", "description": "Of the layers. zstd is smaller and quicker; gzip is what everything reads." }, "archive": { "type": "boolean", "default": false, "description": "Writes the image as a tar too, which `docker load` and `podman load` take." } }, "additionalProperties": false };
var pattern15 = new RegExp("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", "u");
var pattern16 = new RegExp("^(nonroot|nobody|root|[0-9]{1,10}(:[0-9]{1,10})?)$", "u");
var pattern17 = new RegExp("^[0-9]{1,5}(/(tcp|udp))?$", "u");
var pattern18 = new RegExp("^/[^\\u0000]*$", "u");
var pattern20 = new RegExp("^(SIG[A-Z0-9+-]{2,12}|[0-9]{1,2})$", "u");
var pattern21 = new RegExp("^/[^\\u0000]+$", "u");
var pattern22 = new RegExp("^[0-7]{3,4}$", "u");
var pattern23 = new RegExp("^(nonroot|nobody|root|[0-9]{1,10}:[0-9]{1,10})$", "u");
function validate25(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
  let vErrors = null;
  let errors = 0;
  const evaluated0 = validate25.evaluated;
  if (evaluated0.dynamicProps) {
    evaluated0.props = void 0;
  }
  if (evaluated0.dynamicItems) {
    evaluated0.items = void 0;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    for (const key0 in data) {
      if (!func6.call(schema36.properties, key0)) {
        const err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err0];
        } else {
          vErrors.push(err0);
        }
        errors++;
      }
    }
    if (data.repository !== void 0) {
      let data0 = data.repository;
      if (typeof data0 === "string") {
        if (func1(data0) < 1) {
          const err1 = { instancePath: instancePath + "/repository", schemaPath: "#/properties/repository/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err1];
          } else {
            vErrors.push(err1);
          }
          errors++;
        }
      } else {
        const err2 = { instancePath: instancePath + "/repository", schemaPath: "#/properties/repository/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.tags !== void 0) {
      let data1 = data.tags;
      if (Array.isArray(data1)) {
        if (data1.length < 1) {
          const err3 = { instancePath: instancePath + "/tags", schemaPath: "#/properties/tags/minItems", keyword: "minItems", params: { limit: 1 }, message: "must NOT have fewer than 1 items" };
          if (vErrors === null) {
            vErrors = [err3];
          } else {
            vErrors.push(err3);
          }
          errors++;
        }
        const len0 = data1.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data2 = data1[i0];
          if (typeof data2 === "string") {
            if (!pattern15.test(data2)) {
              const err4 = { instancePath: instancePath + "/tags/" + i0, schemaPath: "#/properties/tags/items/pattern", keyword: "pattern", params: { pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$" }, message: 'must match pattern "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"' };
              if (vErrors === null) {
                vErrors = [err4];
              } else {
                vErrors.push(err4);
              }
              errors++;
            }
          } else {
            const err5 = { instancePath: instancePath + "/tags/" + i0, schemaPath: "#/properties/tags/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err5];
            } else {
              vErrors.push(err5);
            }
            errors++;
          }
        }
        let i1 = data1.length;
        let j0;
        if (i1 > 1) {
          const indices0 = {};
          for (; i1--; ) {
            let item0 = data1[i1];
            if (typeof item0 !== "string") {
              continue;
            }
            if (typeof indices0[item0] == "number") {
              j0 = indices0[item0];
              const err6 = { instancePath: instancePath + "/tags", schemaPath: "#/properties/tags/uniqueItems", keyword: "uniqueItems", params: { i: i1, j: j0 }, message: "must NOT have duplicate items (items ## " + j0 + " and " + i1 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err6];
              } else {
                vErrors.push(err6);
              }
              errors++;
              break;
            }
            indices0[item0] = i1;
          }
        }
      } else {
        const err7 = { instancePath: instancePath + "/tags", schemaPath: "#/properties/tags/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err7];
        } else {
          vErrors.push(err7);
        }
        errors++;
      }
    }
    if (data.layout !== void 0) {
      let data3 = data.layout;
      if (typeof data3 !== "string") {
        const err8 = { instancePath: instancePath + "/layout", schemaPath: "#/properties/layout/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err8];
        } else {
          vErrors.push(err8);
        }
        errors++;
      }
      if (!(data3 === "single" || data3 === "layered")) {
        const err9 = { instancePath: instancePath + "/layout", schemaPath: "#/properties/layout/enum", keyword: "enum", params: { allowedValues: schema36.properties.layout.enum }, message: "must be equal to one of the allowed values" };
        if (vErrors === null) {
          vErrors = [err9];
        } else {
          vErrors.push(err9);
        }
        errors++;
      }
    }
    if (data.push !== void 0) {
      if (typeof data.push !== "boolean") {
        const err10 = { instancePath: instancePath + "/push", schemaPath: "#/properties/push/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err10];
        } else {
          vErrors.push(err10);
        }
        errors++;
      }
    }
    if (data.user !== void 0) {
      let data5 = data.user;
      if (typeof data5 === "string") {
        if (!pattern16.test(data5)) {
          const err11 = { instancePath: instancePath + "/user", schemaPath: "#/properties/user/pattern", keyword: "pattern", params: { pattern: "^(nonroot|nobody|root|[0-9]{1,10}(:[0-9]{1,10})?)$" }, message: 'must match pattern "^(nonroot|nobody|root|[0-9]{1,10}(:[0-9]{1,10})?)$"' };
          if (vErrors === null) {
            vErrors = [err11];
          } else {
            vErrors.push(err11);
          }
          errors++;
        }
      } else {
        const err12 = { instancePath: instancePath + "/user", schemaPath: "#/properties/user/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err12];
        } else {
          vErrors.push(err12);
        }
        errors++;
      }
    }
    if (data.certificates !== void 0) {
      let data6 = data.certificates;
      const _errs15 = errors;
      let valid4 = false;
      const _errs16 = errors;
      if (typeof data6 !== "boolean") {
        const err13 = { instancePath: instancePath + "/certificates", schemaPath: "#/properties/certificates/anyOf/0/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err13];
        } else {
          vErrors.push(err13);
        }
        errors++;
      }
      var _valid0 = _errs16 === errors;
      valid4 = valid4 || _valid0;
      const _errs18 = errors;
      if (Array.isArray(data6)) {
        if (data6.length < 1) {
          const err14 = { instancePath: instancePath + "/certificates", schemaPath: "#/properties/certificates/anyOf/1/minItems", keyword: "minItems", params: { limit: 1 }, message: "must NOT have fewer than 1 items" };
          if (vErrors === null) {
            vErrors = [err14];
          } else {
            vErrors.push(err14);
          }
          errors++;
        }
        const len1 = data6.length;
        for (let i2 = 0; i2 < len1; i2++) {
          let data7 = data6[i2];
          if (typeof data7 === "string") {
            if (func1(data7) < 1) {
              const err15 = { instancePath: instancePath + "/certificates/" + i2, schemaPath: "#/properties/certificates/anyOf/1/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err15];
              } else {
                vErrors.push(err15);
              }
              errors++;
            }
          } else {
            const err16 = { instancePath: instancePath + "/certificates/" + i2, schemaPath: "#/properties/certificates/anyOf/1/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err16];
            } else {
              vErrors.push(err16);
            }
            errors++;
          }
        }
      } else {
        const err17 = { instancePath: instancePath + "/certificates", schemaPath: "#/properties/certificates/anyOf/1/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err17];
        } else {
          vErrors.push(err17);
        }
        errors++;
      }
      var _valid0 = _errs18 === errors;
      valid4 = valid4 || _valid0;
      if (!valid4) {
        const err18 = { instancePath: instancePath + "/certificates", schemaPath: "#/properties/certificates/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
        if (vErrors === null) {
          vErrors = [err18];
        } else {
          vErrors.push(err18);
        }
        errors++;
      } else {
        errors = _errs15;
        if (vErrors !== null) {
          if (_errs15) {
            vErrors.length = _errs15;
          } else {
            vErrors = null;
          }
        }
      }
    }
    if (data.timezones !== void 0) {
      if (typeof data.timezones !== "boolean") {
        const err19 = { instancePath: instancePath + "/timezones", schemaPath: "#/properties/timezones/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err19];
        } else {
          vErrors.push(err19);
        }
        errors++;
      }
    }
    if (data.env !== void 0) {
      let data9 = data.env;
      if (data9 && typeof data9 == "object" && !Array.isArray(data9)) {
        for (const key1 in data9) {
          if (typeof data9[key1] !== "string") {
            const err20 = { instancePath: instancePath + "/env/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/env/additionalProperties/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err20];
            } else {
              vErrors.push(err20);
            }
            errors++;
          }
        }
      } else {
        const err21 = { instancePath: instancePath + "/env", schemaPath: "#/properties/env/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err21];
        } else {
          vErrors.push(err21);
        }
        errors++;
      }
    }
    if (data.ports !== void 0) {
      let data11 = data.ports;
      if (Array.isArray(data11)) {
        const len2 = data11.length;
        for (let i3 = 0; i3 < len2; i3++) {
          let data12 = data11[i3];
          if (typeof data12 === "string") {
            if (!pattern17.test(data12)) {
              const err22 = { instancePath: instancePath + "/ports/" + i3, schemaPath: "#/properties/ports/items/pattern", keyword: "pattern", params: { pattern: "^[0-9]{1,5}(/(tcp|udp))?$" }, message: 'must match pattern "^[0-9]{1,5}(/(tcp|udp))?$"' };
              if (vErrors === null) {
                vErrors = [err22];
              } else {
                vErrors.push(err22);
              }
              errors++;
            }
          } else {
            const err23 = { instancePath: instancePath + "/ports/" + i3, schemaPath: "#/properties/ports/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err23];
            } else {
              vErrors.push(err23);
            }
            errors++;
          }
        }
        let i4 = data11.length;
        let j1;
        if (i4 > 1) {
          const indices1 = {};
          for (; i4--; ) {
            let item1 = data11[i4];
            if (typeof item1 !== "string") {
              continue;
            }
            if (typeof indices1[item1] == "number") {
              j1 = indices1[item1];
              const err24 = { instancePath: instancePath + "/ports", schemaPath: "#/properties/ports/uniqueItems", keyword: "uniqueItems", params: { i: i4, j: j1 }, message: "must NOT have duplicate items (items ## " + j1 + " and " + i4 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err24];
              } else {
                vErrors.push(err24);
              }
              errors++;
              break;
            }
            indices1[item1] = i4;
          }
        }
      } else {
        const err25 = { instancePath: instancePath + "/ports", schemaPath: "#/properties/ports/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err25];
        } else {
          vErrors.push(err25);
        }
        errors++;
      }
    }
    if (data.entrypoint !== void 0) {
      let data13 = data.entrypoint;
      if (Array.isArray(data13)) {
        const len3 = data13.length;
        for (let i5 = 0; i5 < len3; i5++) {
          if (typeof data13[i5] !== "string") {
            const err26 = { instancePath: instancePath + "/entrypoint/" + i5, schemaPath: "#/properties/entrypoint/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err26];
            } else {
              vErrors.push(err26);
            }
            errors++;
          }
        }
      } else {
        const err27 = { instancePath: instancePath + "/entrypoint", schemaPath: "#/properties/entrypoint/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err27];
        } else {
          vErrors.push(err27);
        }
        errors++;
      }
    }
    if (data.cmd !== void 0) {
      let data15 = data.cmd;
      if (Array.isArray(data15)) {
        const len4 = data15.length;
        for (let i6 = 0; i6 < len4; i6++) {
          if (typeof data15[i6] !== "string") {
            const err28 = { instancePath: instancePath + "/cmd/" + i6, schemaPath: "#/properties/cmd/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err28];
            } else {
              vErrors.push(err28);
            }
            errors++;
          }
        }
      } else {
        const err29 = { instancePath: instancePath + "/cmd", schemaPath: "#/properties/cmd/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err29];
        } else {
          vErrors.push(err29);
        }
        errors++;
      }
    }
    if (data.workdir !== void 0) {
      let data17 = data.workdir;
      if (typeof data17 === "string") {
        if (!pattern18.test(data17)) {
          const err30 = { instancePath: instancePath + "/workdir", schemaPath: "#/properties/workdir/pattern", keyword: "pattern", params: { pattern: "^/[^\\u0000]*$" }, message: 'must match pattern "^/[^\\u0000]*$"' };
          if (vErrors === null) {
            vErrors = [err30];
          } else {
            vErrors.push(err30);
          }
          errors++;
        }
      } else {
        const err31 = { instancePath: instancePath + "/workdir", schemaPath: "#/properties/workdir/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err31];
        } else {
          vErrors.push(err31);
        }
        errors++;
      }
    }
    if (data.volumes !== void 0) {
      let data18 = data.volumes;
      if (Array.isArray(data18)) {
        const len5 = data18.length;
        for (let i7 = 0; i7 < len5; i7++) {
          let data19 = data18[i7];
          if (typeof data19 === "string") {
            if (!pattern18.test(data19)) {
              const err32 = { instancePath: instancePath + "/volumes/" + i7, schemaPath: "#/properties/volumes/items/pattern", keyword: "pattern", params: { pattern: "^/[^\\u0000]*$" }, message: 'must match pattern "^/[^\\u0000]*$"' };
              if (vErrors === null) {
                vErrors = [err32];
              } else {
                vErrors.push(err32);
              }
              errors++;
            }
          } else {
            const err33 = { instancePath: instancePath + "/volumes/" + i7, schemaPath: "#/properties/volumes/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err33];
            } else {
              vErrors.push(err33);
            }
            errors++;
          }
        }
        let i8 = data18.length;
        let j2;
        if (i8 > 1) {
          const indices2 = {};
          for (; i8--; ) {
            let item2 = data18[i8];
            if (typeof item2 !== "string") {
              continue;
            }
            if (typeof indices2[item2] == "number") {
              j2 = indices2[item2];
              const err34 = { instancePath: instancePath + "/volumes", schemaPath: "#/properties/volumes/uniqueItems", keyword: "uniqueItems", params: { i: i8, j: j2 }, message: "must NOT have duplicate items (items ## " + j2 + " and " + i8 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err34];
              } else {
                vErrors.push(err34);
              }
              errors++;
              break;
            }
            indices2[item2] = i8;
          }
        }
      } else {
        const err35 = { instancePath: instancePath + "/volumes", schemaPath: "#/properties/volumes/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err35];
        } else {
          vErrors.push(err35);
        }
        errors++;
      }
    }
    if (data.stopSignal !== void 0) {
      let data20 = data.stopSignal;
      if (typeof data20 === "string") {
        if (!pattern20.test(data20)) {
          const err36 = { instancePath: instancePath + "/stopSignal", schemaPath: "#/properties/stopSignal/pattern", keyword: "pattern", params: { pattern: "^(SIG[A-Z0-9+-]{2,12}|[0-9]{1,2})$" }, message: 'must match pattern "^(SIG[A-Z0-9+-]{2,12}|[0-9]{1,2})$"' };
          if (vErrors === null) {
            vErrors = [err36];
          } else {
            vErrors.push(err36);
          }
          errors++;
        }
      } else {
        const err37 = { instancePath: instancePath + "/stopSignal", schemaPath: "#/properties/stopSignal/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err37];
        } else {
          vErrors.push(err37);
        }
        errors++;
      }
    }
    if (data.healthcheck !== void 0) {
      let data21 = data.healthcheck;
      if (data21 && typeof data21 == "object" && !Array.isArray(data21)) {
        if (data21.args === void 0) {
          const err38 = { instancePath: instancePath + "/healthcheck", schemaPath: "#/properties/healthcheck/required", keyword: "required", params: { missingProperty: "args" }, message: "must have required property 'args'" };
          if (vErrors === null) {
            vErrors = [err38];
          } else {
            vErrors.push(err38);
          }
          errors++;
        }
        for (const key2 in data21) {
          if (!(key2 === "args" || key2 === "interval" || key2 === "timeout" || key2 === "startPeriod" || key2 === "retries")) {
            const err39 = { instancePath: instancePath + "/healthcheck", schemaPath: "#/properties/healthcheck/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key2 }, message: "must NOT have additional properties" };
            if (vErrors === null) {
              vErrors = [err39];
            } else {
              vErrors.push(err39);
            }
            errors++;
          }
        }
        if (data21.args !== void 0) {
          let data22 = data21.args;
          if (Array.isArray(data22)) {
            const len6 = data22.length;
            for (let i9 = 0; i9 < len6; i9++) {
              if (typeof data22[i9] !== "string") {
                const err40 = { instancePath: instancePath + "/healthcheck/args/" + i9, schemaPath: "#/properties/healthcheck/properties/args/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err40];
                } else {
                  vErrors.push(err40);
                }
                errors++;
              }
            }
          } else {
            const err41 = { instancePath: instancePath + "/healthcheck/args", schemaPath: "#/properties/healthcheck/properties/args/type", keyword: "type", params: { type: "array" }, message: "must be array" };
            if (vErrors === null) {
              vErrors = [err41];
            } else {
              vErrors.push(err41);
            }
            errors++;
          }
        }
        if (data21.interval !== void 0) {
          let data24 = data21.interval;
          if (typeof data24 == "number" && isFinite(data24)) {
            if (data24 < 1 || isNaN(data24)) {
              const err42 = { instancePath: instancePath + "/healthcheck/interval", schemaPath: "#/properties/healthcheck/properties/interval/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1" };
              if (vErrors === null) {
                vErrors = [err42];
              } else {
                vErrors.push(err42);
              }
              errors++;
            }
          } else {
            const err43 = { instancePath: instancePath + "/healthcheck/interval", schemaPath: "#/properties/healthcheck/properties/interval/type", keyword: "type", params: { type: "number" }, message: "must be number" };
            if (vErrors === null) {
              vErrors = [err43];
            } else {
              vErrors.push(err43);
            }
            errors++;
          }
        }
        if (data21.timeout !== void 0) {
          let data25 = data21.timeout;
          if (typeof data25 == "number" && isFinite(data25)) {
            if (data25 < 1 || isNaN(data25)) {
              const err44 = { instancePath: instancePath + "/healthcheck/timeout", schemaPath: "#/properties/healthcheck/properties/timeout/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1" };
              if (vErrors === null) {
                vErrors = [err44];
              } else {
                vErrors.push(err44);
              }
              errors++;
            }
          } else {
            const err45 = { instancePath: instancePath + "/healthcheck/timeout", schemaPath: "#/properties/healthcheck/properties/timeout/type", keyword: "type", params: { type: "number" }, message: "must be number" };
            if (vErrors === null) {
              vErrors = [err45];
            } else {
              vErrors.push(err45);
            }
            errors++;
          }
        }
        if (data21.startPeriod !== void 0) {
          let data26 = data21.startPeriod;
          if (typeof data26 == "number" && isFinite(data26)) {
            if (data26 < 1 || isNaN(data26)) {
              const err46 = { instancePath: instancePath + "/healthcheck/startPeriod", schemaPath: "#/properties/healthcheck/properties/startPeriod/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1" };
              if (vErrors === null) {
                vErrors = [err46];
              } else {
                vErrors.push(err46);
              }
              errors++;
            }
          } else {
            const err47 = { instancePath: instancePath + "/healthcheck/startPeriod", schemaPath: "#/properties/healthcheck/properties/startPeriod/type", keyword: "type", params: { type: "number" }, message: "must be number" };
            if (vErrors === null) {
              vErrors = [err47];
            } else {
              vErrors.push(err47);
            }
            errors++;
          }
        }
        if (data21.retries !== void 0) {
          let data27 = data21.retries;
          if (!(typeof data27 == "number" && (!(data27 % 1) && !isNaN(data27)) && isFinite(data27))) {
            const err48 = { instancePath: instancePath + "/healthcheck/retries", schemaPath: "#/properties/healthcheck/properties/retries/type", keyword: "type", params: { type: "integer" }, message: "must be integer" };
            if (vErrors === null) {
              vErrors = [err48];
            } else {
              vErrors.push(err48);
            }
            errors++;
          }
          if (typeof data27 == "number" && isFinite(data27)) {
            if (data27 < 1 || isNaN(data27)) {
              const err49 = { instancePath: instancePath + "/healthcheck/retries", schemaPath: "#/properties/healthcheck/properties/retries/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1" };
              if (vErrors === null) {
                vErrors = [err49];
              } else {
                vErrors.push(err49);
              }
              errors++;
            }
          }
        }
      } else {
        const err50 = { instancePath: instancePath + "/healthcheck", schemaPath: "#/properties/healthcheck/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err50];
        } else {
          vErrors.push(err50);
        }
        errors++;
      }
    }
    if (data.git !== void 0) {
      if (typeof data.git !== "boolean") {
        const err51 = { instancePath: instancePath + "/git", schemaPath: "#/properties/git/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err51];
        } else {
          vErrors.push(err51);
        }
        errors++;
      }
    }
    if (data.labels !== void 0) {
      let data29 = data.labels;
      if (data29 && typeof data29 == "object" && !Array.isArray(data29)) {
        for (const key3 in data29) {
          if (typeof data29[key3] !== "string") {
            const err52 = { instancePath: instancePath + "/labels/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/labels/additionalProperties/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err52];
            } else {
              vErrors.push(err52);
            }
            errors++;
          }
        }
      } else {
        const err53 = { instancePath: instancePath + "/labels", schemaPath: "#/properties/labels/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err53];
        } else {
          vErrors.push(err53);
        }
        errors++;
      }
    }
    if (data.annotations !== void 0) {
      let data31 = data.annotations;
      if (data31 && typeof data31 == "object" && !Array.isArray(data31)) {
        for (const key4 in data31) {
          if (typeof data31[key4] !== "string") {
            const err54 = { instancePath: instancePath + "/annotations/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"), schemaPath: "#/properties/annotations/additionalProperties/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err54];
            } else {
              vErrors.push(err54);
            }
            errors++;
          }
        }
      } else {
        const err55 = { instancePath: instancePath + "/annotations", schemaPath: "#/properties/annotations/type", keyword: "type", params: { type: "object" }, message: "must be object" };
        if (vErrors === null) {
          vErrors = [err55];
        } else {
          vErrors.push(err55);
        }
        errors++;
      }
    }
    if (data.files !== void 0) {
      let data33 = data.files;
      if (Array.isArray(data33)) {
        const len7 = data33.length;
        for (let i10 = 0; i10 < len7; i10++) {
          let data34 = data33[i10];
          if (data34 && typeof data34 == "object" && !Array.isArray(data34)) {
            if (data34.to === void 0) {
              const err56 = { instancePath: instancePath + "/files/" + i10, schemaPath: "#/properties/files/items/required", keyword: "required", params: { missingProperty: "to" }, message: "must have required property 'to'" };
              if (vErrors === null) {
                vErrors = [err56];
              } else {
                vErrors.push(err56);
              }
              errors++;
            }
            for (const key5 in data34) {
              if (!(key5 === "from" || key5 === "to" || key5 === "mode" || key5 === "owner")) {
                const err57 = { instancePath: instancePath + "/files/" + i10, schemaPath: "#/properties/files/items/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key5 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err57];
                } else {
                  vErrors.push(err57);
                }
                errors++;
              }
            }
            if (data34.from !== void 0) {
              let data35 = data34.from;
              if (typeof data35 === "string") {
                if (func1(data35) < 1) {
                  const err58 = { instancePath: instancePath + "/files/" + i10 + "/from", schemaPath: "#/properties/files/items/properties/from/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err58];
                  } else {
                    vErrors.push(err58);
                  }
                  errors++;
                }
              } else {
                const err59 = { instancePath: instancePath + "/files/" + i10 + "/from", schemaPath: "#/properties/files/items/properties/from/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err59];
                } else {
                  vErrors.push(err59);
                }
                errors++;
              }
            }
            if (data34.to !== void 0) {
              let data36 = data34.to;
              if (typeof data36 === "string") {
                if (!pattern21.test(data36)) {
                  const err60 = { instancePath: instancePath + "/files/" + i10 + "/to", schemaPath: "#/properties/files/items/properties/to/pattern", keyword: "pattern", params: { pattern: "^/[^\\u0000]+$" }, message: 'must match pattern "^/[^\\u0000]+$"' };
                  if (vErrors === null) {
                    vErrors = [err60];
                  } else {
                    vErrors.push(err60);
                  }
                  errors++;
                }
              } else {
                const err61 = { instancePath: instancePath + "/files/" + i10 + "/to", schemaPath: "#/properties/files/items/properties/to/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err61];
                } else {
                  vErrors.push(err61);
                }
                errors++;
              }
            }
            if (data34.mode !== void 0) {
              let data37 = data34.mode;
              if (typeof data37 === "string") {
                if (!pattern22.test(data37)) {
                  const err62 = { instancePath: instancePath + "/files/" + i10 + "/mode", schemaPath: "#/properties/files/items/properties/mode/pattern", keyword: "pattern", params: { pattern: "^[0-7]{3,4}$" }, message: 'must match pattern "^[0-7]{3,4}$"' };
                  if (vErrors === null) {
                    vErrors = [err62];
                  } else {
                    vErrors.push(err62);
                  }
                  errors++;
                }
              } else {
                const err63 = { instancePath: instancePath + "/files/" + i10 + "/mode", schemaPath: "#/properties/files/items/properties/mode/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err63];
                } else {
                  vErrors.push(err63);
                }
                errors++;
              }
            }
            if (data34.owner !== void 0) {
              let data38 = data34.owner;
              if (typeof data38 === "string") {
                if (!pattern23.test(data38)) {
                  const err64 = { instancePath: instancePath + "/files/" + i10 + "/owner", schemaPath: "#/properties/files/items/properties/owner/pattern", keyword: "pattern", params: { pattern: "^(nonroot|nobody|root|[0-9]{1,10}:[0-9]{1,10})$" }, message: 'must match pattern "^(nonroot|nobody|root|[0-9]{1,10}:[0-9]{1,10})$"' };
                  if (vErrors === null) {
                    vErrors = [err64];
                  } else {
                    vErrors.push(err64);
                  }
                  errors++;
                }
              } else {
                const err65 = { instancePath: instancePath + "/files/" + i10 + "/owner", schemaPath: "#/properties/files/items/properties/owner/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err65];
                } else {
                  vErrors.push(err65);
                }
                errors++;
              }
            }
          } else {
            const err66 = { instancePath: instancePath + "/files/" + i10, schemaPath: "#/properties/files/items/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err66];
            } else {
              vErrors.push(err66);
            }
            errors++;
          }
        }
      } else {
        const err67 = { instancePath: instancePath + "/files", schemaPath: "#/properties/files/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err67];
        } else {
          vErrors.push(err67);
        }
        errors++;
      }
    }
    if (data.compression !== void 0) {
      let data39 = data.compression;
      if (typeof data39 !== "string") {
        const err68 = { instancePath: instancePath + "/compression", schemaPath: "#/properties/compression/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err68];
        } else {
          vErrors.push(err68);
        }
        errors++;
      }
      if (!(data39 === "gzip" || data39 === "zstd")) {
        const err69 = { instancePath: instancePath + "/compression", schemaPath: "#/properties/compression/enum", keyword: "enum", params: { allowedValues: schema36.properties.compression.enum }, message: "must be equal to one of the allowed values" };
        if (vErrors === null) {
          vErrors = [err69];
        } else {
          vErrors.push(err69);
        }
        errors++;
      }
    }
    if (data.archive !== void 0) {
      if (typeof data.archive !== "boolean") {
        const err70 = { instancePath: instancePath + "/archive", schemaPath: "#/properties/archive/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err70];
        } else {
          vErrors.push(err70);
        }
        errors++;
      }
    }
  } else {
    const err71 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err71];
    } else {
      vErrors.push(err71);
    }
    errors++;
  }
  validate25.errors = vErrors;
  return errors === 0;
}
validate25.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };
var validate6 = validate26;
var schema37 = { "type": "object", "description": "Runs a shell command, and keeps what it makes like the result of any other step.", "properties": { "run": { "type": "string", "minLength": 1, "description": "The command, for /bin/sh (on Windows cmd.exe), run in the project's folder. Environment variables name the folders it is given: SBP_IN_EXECUTABLE holds the files of an artifact of kind `executable`, and what is written to SBP_OUT_REPORT becomes one of kind `report`; SBP_TARGET is the lane's target. SBP_APP_NAME and SBP_APP_VERSION are there where the command names them.", "examples": ["./tools/notice.sh > $SBP_OUT_REPORT/NOTICE"] }, "name": { "type": "string", "pattern": "^[a-z0-9][a-z0-9._-]*$", "description": "What messages and `sbp explain` call the step. Default: command." }, "consumes": { "type": "array", "items": { "type": "string", "pattern": "^[a-z][a-z0-9-]*$" }, "uniqueItems": true, "default": [], "description": "Kinds of artifacts that it is given." }, "consumesLanes": { "type": "array", "items": { "type": "string", "pattern": "^[a-z][a-z0-9-]*$" }, "uniqueItems": true, "default": [], "description": "With the scope `project`: kinds that it is given from all targets, in a folder for each (SBP_IN_EXECUTABLE/linux-x64)." }, "produces": { "anyOf": [{ "type": "string", "pattern": "^[a-z][a-z0-9-]*$" }, { "type": "array", "items": { "type": "string", "pattern": "^[a-z][a-z0-9-]*$" }, "uniqueItems": true }], "default": [], "description": "The kind of artifact that it makes, or several. None for a command that only checks." }, "scope": { "type": "string", "enum": ["project", "target"], "default": "project", "description": "Once for the project, or once for each target." }, "inputs": { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true, "default": [], "description": "Globs of the project's files that it reads, relative to the config; those with ! in front are left out. It runs again when one of them changes, appears or goes.", "examples": [["docs/**/*.md", "!docs/drafts/**"]] }, "env": { "type": "array", "items": { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" }, "uniqueItems": true, "default": [], "description": "Environment variables that it is given and that it runs again for. It has PATH, and HOME and TMPDIR of its own; no others." }, "tools": { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true, "default": [], "description": "Programs that it needs: the build says so when one is missing, and runs it again for another version (`--version`)." }, "timeLimit": { "type": "number", "minimum": 1, "maximum": 1e6, "default": 3600, "description": "Seconds that it may take." } }, "required": ["run"], "additionalProperties": false };
var pattern24 = new RegExp("^[a-z0-9][a-z0-9._-]*$", "u");
var pattern25 = new RegExp("^[a-z][a-z0-9-]*$", "u");
function validate26(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
  let vErrors = null;
  let errors = 0;
  const evaluated0 = validate26.evaluated;
  if (evaluated0.dynamicProps) {
    evaluated0.props = void 0;
  }
  if (evaluated0.dynamicItems) {
    evaluated0.items = void 0;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    if (data.run === void 0) {
      const err0 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "run" }, message: "must have required property 'run'" };
      if (vErrors === null) {
        vErrors = [err0];
      } else {
        vErrors.push(err0);
      }
      errors++;
    }
    for (const key0 in data) {
      if (!func6.call(schema37.properties, key0)) {
        const err1 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err1];
        } else {
          vErrors.push(err1);
        }
        errors++;
      }
    }
    if (data.run !== void 0) {
      let data0 = data.run;
      if (typeof data0 === "string") {
        if (func1(data0) < 1) {
          const err2 = { instancePath: instancePath + "/run", schemaPath: "#/properties/run/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err2];
          } else {
            vErrors.push(err2);
          }
          errors++;
        }
      } else {
        const err3 = { instancePath: instancePath + "/run", schemaPath: "#/properties/run/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      }
    }
    if (data.name !== void 0) {
      let data1 = data.name;
      if (typeof data1 === "string") {
        if (!pattern24.test(data1)) {
          const err4 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/pattern", keyword: "pattern", params: { pattern: "^[a-z0-9][a-z0-9._-]*$" }, message: 'must match pattern "^[a-z0-9][a-z0-9._-]*$"' };
          if (vErrors === null) {
            vErrors = [err4];
          } else {
            vErrors.push(err4);
          }
          errors++;
        }
      } else {
        const err5 = { instancePath: instancePath + "/name", schemaPath: "#/properties/name/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err5];
        } else {
          vErrors.push(err5);
        }
        errors++;
      }
    }
    if (data.consumes !== void 0) {
      let data2 = data.consumes;
      if (Array.isArray(data2)) {
        const len0 = data2.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data3 = data2[i0];
          if (typeof data3 === "string") {
            if (!pattern25.test(data3)) {
              const err6 = { instancePath: instancePath + "/consumes/" + i0, schemaPath: "#/properties/consumes/items/pattern", keyword: "pattern", params: { pattern: "^[a-z][a-z0-9-]*$" }, message: 'must match pattern "^[a-z][a-z0-9-]*$"' };
              if (vErrors === null) {
                vErrors = [err6];
              } else {
                vErrors.push(err6);
              }
              errors++;
            }
          } else {
            const err7 = { instancePath: instancePath + "/consumes/" + i0, schemaPath: "#/properties/consumes/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err7];
            } else {
              vErrors.push(err7);
            }
            errors++;
          }
        }
        let i1 = data2.length;
        let j0;
        if (i1 > 1) {
          const indices0 = {};
          for (; i1--; ) {
            let item0 = data2[i1];
            if (typeof item0 !== "string") {
              continue;
            }
            if (typeof indices0[item0] == "number") {
              j0 = indices0[item0];
              const err8 = { instancePath: instancePath + "/consumes", schemaPath: "#/properties/consumes/uniqueItems", keyword: "uniqueItems", params: { i: i1, j: j0 }, message: "must NOT have duplicate items (items ## " + j0 + " and " + i1 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err8];
              } else {
                vErrors.push(err8);
              }
              errors++;
              break;
            }
            indices0[item0] = i1;
          }
        }
      } else {
        const err9 = { instancePath: instancePath + "/consumes", schemaPath: "#/properties/consumes/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err9];
        } else {
          vErrors.push(err9);
        }
        errors++;
      }
    }
    if (data.consumesLanes !== void 0) {
      let data4 = data.consumesLanes;
      if (Array.isArray(data4)) {
        const len1 = data4.length;
        for (let i2 = 0; i2 < len1; i2++) {
          let data5 = data4[i2];
          if (typeof data5 === "string") {
            if (!pattern25.test(data5)) {
              const err10 = { instancePath: instancePath + "/consumesLanes/" + i2, schemaPath: "#/properties/consumesLanes/items/pattern", keyword: "pattern", params: { pattern: "^[a-z][a-z0-9-]*$" }, message: 'must match pattern "^[a-z][a-z0-9-]*$"' };
              if (vErrors === null) {
                vErrors = [err10];
              } else {
                vErrors.push(err10);
              }
              errors++;
            }
          } else {
            const err11 = { instancePath: instancePath + "/consumesLanes/" + i2, schemaPath: "#/properties/consumesLanes/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err11];
            } else {
              vErrors.push(err11);
            }
            errors++;
          }
        }
        let i3 = data4.length;
        let j1;
        if (i3 > 1) {
          const indices1 = {};
          for (; i3--; ) {
            let item1 = data4[i3];
            if (typeof item1 !== "string") {
              continue;
            }
            if (typeof indices1[item1] == "number") {
              j1 = indices1[item1];
              const err12 = { instancePath: instancePath + "/consumesLanes", schemaPath: "#/properties/consumesLanes/uniqueItems", keyword: "uniqueItems", params: { i: i3, j: j1 }, message: "must NOT have duplicate items (items ## " + j1 + " and " + i3 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err12];
              } else {
                vErrors.push(err12);
              }
              errors++;
              break;
            }
            indices1[item1] = i3;
          }
        }
      } else {
        const err13 = { instancePath: instancePath + "/consumesLanes", schemaPath: "#/properties/consumesLanes/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err13];
        } else {
          vErrors.push(err13);
        }
        errors++;
      }
    }
    if (data.produces !== void 0) {
      let data6 = data.produces;
      const _errs15 = errors;
      let valid7 = false;
      const _errs16 = errors;
      if (typeof data6 === "string") {
        if (!pattern25.test(data6)) {
          const err14 = { instancePath: instancePath + "/produces", schemaPath: "#/properties/produces/anyOf/0/pattern", keyword: "pattern", params: { pattern: "^[a-z][a-z0-9-]*$" }, message: 'must match pattern "^[a-z][a-z0-9-]*$"' };
          if (vErrors === null) {
            vErrors = [err14];
          } else {
            vErrors.push(err14);
          }
          errors++;
        }
      } else {
        const err15 = { instancePath: instancePath + "/produces", schemaPath: "#/properties/produces/anyOf/0/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err15];
        } else {
          vErrors.push(err15);
        }
        errors++;
      }
      var _valid0 = _errs16 === errors;
      valid7 = valid7 || _valid0;
      const _errs18 = errors;
      if (Array.isArray(data6)) {
        const len2 = data6.length;
        for (let i4 = 0; i4 < len2; i4++) {
          let data7 = data6[i4];
          if (typeof data7 === "string") {
            if (!pattern25.test(data7)) {
              const err16 = { instancePath: instancePath + "/produces/" + i4, schemaPath: "#/properties/produces/anyOf/1/items/pattern", keyword: "pattern", params: { pattern: "^[a-z][a-z0-9-]*$" }, message: 'must match pattern "^[a-z][a-z0-9-]*$"' };
              if (vErrors === null) {
                vErrors = [err16];
              } else {
                vErrors.push(err16);
              }
              errors++;
            }
          } else {
            const err17 = { instancePath: instancePath + "/produces/" + i4, schemaPath: "#/properties/produces/anyOf/1/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err17];
            } else {
              vErrors.push(err17);
            }
            errors++;
          }
        }
        let i5 = data6.length;
        let j2;
        if (i5 > 1) {
          const indices2 = {};
          for (; i5--; ) {
            let item2 = data6[i5];
            if (typeof item2 !== "string") {
              continue;
            }
            if (typeof indices2[item2] == "number") {
              j2 = indices2[item2];
              const err18 = { instancePath: instancePath + "/produces", schemaPath: "#/properties/produces/anyOf/1/uniqueItems", keyword: "uniqueItems", params: { i: i5, j: j2 }, message: "must NOT have duplicate items (items ## " + j2 + " and " + i5 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err18];
              } else {
                vErrors.push(err18);
              }
              errors++;
              break;
            }
            indices2[item2] = i5;
          }
        }
      } else {
        const err19 = { instancePath: instancePath + "/produces", schemaPath: "#/properties/produces/anyOf/1/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err19];
        } else {
          vErrors.push(err19);
        }
        errors++;
      }
      var _valid0 = _errs18 === errors;
      valid7 = valid7 || _valid0;
      if (!valid7) {
        const err20 = { instancePath: instancePath + "/produces", schemaPath: "#/properties/produces/anyOf", keyword: "anyOf", params: {}, message: "must match a schema in anyOf" };
        if (vErrors === null) {
          vErrors = [err20];
        } else {
          vErrors.push(err20);
        }
        errors++;
      } else {
        errors = _errs15;
        if (vErrors !== null) {
          if (_errs15) {
            vErrors.length = _errs15;
          } else {
            vErrors = null;
          }
        }
      }
    }
    if (data.scope !== void 0) {
      let data8 = data.scope;
      if (typeof data8 !== "string") {
        const err21 = { instancePath: instancePath + "/scope", schemaPath: "#/properties/scope/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err21];
        } else {
          vErrors.push(err21);
        }
        errors++;
      }
      if (!(data8 === "project" || data8 === "target")) {
        const err22 = { instancePath: instancePath + "/scope", schemaPath: "#/properties/scope/enum", keyword: "enum", params: { allowedValues: schema37.properties.scope.enum }, message: "must be equal to one of the allowed values" };
        if (vErrors === null) {
          vErrors = [err22];
        } else {
          vErrors.push(err22);
        }
        errors++;
      }
    }
    if (data.inputs !== void 0) {
      let data9 = data.inputs;
      if (Array.isArray(data9)) {
        const len3 = data9.length;
        for (let i6 = 0; i6 < len3; i6++) {
          let data10 = data9[i6];
          if (typeof data10 === "string") {
            if (func1(data10) < 1) {
              const err23 = { instancePath: instancePath + "/inputs/" + i6, schemaPath: "#/properties/inputs/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err23];
              } else {
                vErrors.push(err23);
              }
              errors++;
            }
          } else {
            const err24 = { instancePath: instancePath + "/inputs/" + i6, schemaPath: "#/properties/inputs/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err24];
            } else {
              vErrors.push(err24);
            }
            errors++;
          }
        }
        let i7 = data9.length;
        let j3;
        if (i7 > 1) {
          const indices3 = {};
          for (; i7--; ) {
            let item3 = data9[i7];
            if (typeof item3 !== "string") {
              continue;
            }
            if (typeof indices3[item3] == "number") {
              j3 = indices3[item3];
              const err25 = { instancePath: instancePath + "/inputs", schemaPath: "#/properties/inputs/uniqueItems", keyword: "uniqueItems", params: { i: i7, j: j3 }, message: "must NOT have duplicate items (items ## " + j3 + " and " + i7 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err25];
              } else {
                vErrors.push(err25);
              }
              errors++;
              break;
            }
            indices3[item3] = i7;
          }
        }
      } else {
        const err26 = { instancePath: instancePath + "/inputs", schemaPath: "#/properties/inputs/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err26];
        } else {
          vErrors.push(err26);
        }
        errors++;
      }
    }
    if (data.env !== void 0) {
      let data11 = data.env;
      if (Array.isArray(data11)) {
        const len4 = data11.length;
        for (let i8 = 0; i8 < len4; i8++) {
          let data12 = data11[i8];
          if (typeof data12 === "string") {
            if (!pattern11.test(data12)) {
              const err27 = { instancePath: instancePath + "/env/" + i8, schemaPath: "#/properties/env/items/pattern", keyword: "pattern", params: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }, message: 'must match pattern "^[A-Za-z_][A-Za-z0-9_]*$"' };
              if (vErrors === null) {
                vErrors = [err27];
              } else {
                vErrors.push(err27);
              }
              errors++;
            }
          } else {
            const err28 = { instancePath: instancePath + "/env/" + i8, schemaPath: "#/properties/env/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err28];
            } else {
              vErrors.push(err28);
            }
            errors++;
          }
        }
        let i9 = data11.length;
        let j4;
        if (i9 > 1) {
          const indices4 = {};
          for (; i9--; ) {
            let item4 = data11[i9];
            if (typeof item4 !== "string") {
              continue;
            }
            if (typeof indices4[item4] == "number") {
              j4 = indices4[item4];
              const err29 = { instancePath: instancePath + "/env", schemaPath: "#/properties/env/uniqueItems", keyword: "uniqueItems", params: { i: i9, j: j4 }, message: "must NOT have duplicate items (items ## " + j4 + " and " + i9 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err29];
              } else {
                vErrors.push(err29);
              }
              errors++;
              break;
            }
            indices4[item4] = i9;
          }
        }
      } else {
        const err30 = { instancePath: instancePath + "/env", schemaPath: "#/properties/env/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err30];
        } else {
          vErrors.push(err30);
        }
        errors++;
      }
    }
    if (data.tools !== void 0) {
      let data13 = data.tools;
      if (Array.isArray(data13)) {
        const len5 = data13.length;
        for (let i10 = 0; i10 < len5; i10++) {
          let data14 = data13[i10];
          if (typeof data14 === "string") {
            if (func1(data14) < 1) {
              const err31 = { instancePath: instancePath + "/tools/" + i10, schemaPath: "#/properties/tools/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err31];
              } else {
                vErrors.push(err31);
              }
              errors++;
            }
          } else {
            const err32 = { instancePath: instancePath + "/tools/" + i10, schemaPath: "#/properties/tools/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err32];
            } else {
              vErrors.push(err32);
            }
            errors++;
          }
        }
        let i11 = data13.length;
        let j5;
        if (i11 > 1) {
          const indices5 = {};
          for (; i11--; ) {
            let item5 = data13[i11];
            if (typeof item5 !== "string") {
              continue;
            }
            if (typeof indices5[item5] == "number") {
              j5 = indices5[item5];
              const err33 = { instancePath: instancePath + "/tools", schemaPath: "#/properties/tools/uniqueItems", keyword: "uniqueItems", params: { i: i11, j: j5 }, message: "must NOT have duplicate items (items ## " + j5 + " and " + i11 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err33];
              } else {
                vErrors.push(err33);
              }
              errors++;
              break;
            }
            indices5[item5] = i11;
          }
        }
      } else {
        const err34 = { instancePath: instancePath + "/tools", schemaPath: "#/properties/tools/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err34];
        } else {
          vErrors.push(err34);
        }
        errors++;
      }
    }
    if (data.timeLimit !== void 0) {
      let data15 = data.timeLimit;
      if (typeof data15 == "number" && isFinite(data15)) {
        if (data15 > 1e6 || isNaN(data15)) {
          const err35 = { instancePath: instancePath + "/timeLimit", schemaPath: "#/properties/timeLimit/maximum", keyword: "maximum", params: { comparison: "<=", limit: 1e6 }, message: "must be <= 1000000" };
          if (vErrors === null) {
            vErrors = [err35];
          } else {
            vErrors.push(err35);
          }
          errors++;
        }
        if (data15 < 1 || isNaN(data15)) {
          const err36 = { instancePath: instancePath + "/timeLimit", schemaPath: "#/properties/timeLimit/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1" };
          if (vErrors === null) {
            vErrors = [err36];
          } else {
            vErrors.push(err36);
          }
          errors++;
        }
      } else {
        const err37 = { instancePath: instancePath + "/timeLimit", schemaPath: "#/properties/timeLimit/type", keyword: "type", params: { type: "number" }, message: "must be number" };
        if (vErrors === null) {
          vErrors = [err37];
        } else {
          vErrors.push(err37);
        }
        errors++;
      }
    }
  } else {
    const err38 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err38];
    } else {
      vErrors.push(err38);
    }
    errors++;
  }
  validate26.errors = vErrors;
  return errors === 0;
}
validate26.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };
var validate7 = validate27;
var schema38 = { "type": "object", "description": "Lists what is inside of the executable and of the image, looks up what is known against it, and refuses what the policy refuses.", "properties": { "database": { "type": "string", "minLength": 1, "description": "A folder of OSV records, or a zip of them. Default: what `sbp scan --update-db` fetched on this machine, if it did.", "examples": ["advisories", "osv/npm/all.zip"] }, "failOn": { "type": "string", "enum": ["low", "medium", "high", "critical", "never"], "default": "high", "description": "What is of this severity or a higher one, and not known to be absent from the executable, fails the build." }, "ignore": { "type": "array", "description": "What is accepted, and why. Entries that have expired or that nothing needs are reported.", "items": { "type": "object", "properties": { "id": { "type": "string", "minLength": 1, "description": "A vulnerability by any of its names (GHSA-\u2026, CVE-\u2026), or the rule of a check (hardening/no-signature)." }, "reason": { "type": "string", "minLength": 1, "description": "Why it is accepted." }, "expires": { "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$", "description": "The last day on which the entry holds: 2027-03-31." }, "package": { "type": "string", "minLength": 1, "description": "Only in this package; of a check, only at this place." } }, "required": ["id", "reason"], "additionalProperties": false } }, "licenses": { "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true, "description": "The licences that packages may have, as SPDX identifiers. Others fail the build; without a list all are accepted.", "examples": [["MIT", "ISC", "Apache-2.0", "BSD-3-Clause"]] }, "secrets": { "type": "boolean", "default": true, "description": "Looks for keys, tokens and passwords in the bundle." }, "sbom": { "type": "array", "items": { "type": "string", "enum": ["cyclonedx", "spdx"] }, "uniqueItems": true, "default": ["cyclonedx"], "description": "The formats of the bill of materials: CycloneDX 1.6, SPDX 2.3." }, "reports": { "type": "array", "items": { "type": "string", "enum": ["json", "sarif", "openvex", "cyclonedx-vex", "html"] }, "uniqueItems": true, "default": ["json"], "description": "The formats of the report: this tool's own JSON, SARIF 2.1.0, OpenVEX, CycloneDX VEX, a page for people (html)." }, "provenance": { "type": "boolean", "default": false, "description": "Writes how the executable was made as an in-toto statement (SLSA provenance 1); signed where `key` is given." }, "key": { "type": "string", "minLength": 1, "description": "A PEM file with a private key (ECDSA P-256) that signs the provenance; cosign verifies it.", "examples": ["release-key.pem"] }, "passwordEnv": { "type": "string", "minLength": 1, "description": "The environment variable with the key's password, where it has one." } }, "additionalProperties": false };
var pattern30 = new RegExp("^\\d{4}-\\d{2}-\\d{2}$", "u");
function validate27(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
  let vErrors = null;
  let errors = 0;
  const evaluated0 = validate27.evaluated;
  if (evaluated0.dynamicProps) {
    evaluated0.props = void 0;
  }
  if (evaluated0.dynamicItems) {
    evaluated0.items = void 0;
  }
  if (data && typeof data == "object" && !Array.isArray(data)) {
    for (const key0 in data) {
      if (!func6.call(schema38.properties, key0)) {
        const err0 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties" };
        if (vErrors === null) {
          vErrors = [err0];
        } else {
          vErrors.push(err0);
        }
        errors++;
      }
    }
    if (data.database !== void 0) {
      let data0 = data.database;
      if (typeof data0 === "string") {
        if (func1(data0) < 1) {
          const err1 = { instancePath: instancePath + "/database", schemaPath: "#/properties/database/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err1];
          } else {
            vErrors.push(err1);
          }
          errors++;
        }
      } else {
        const err2 = { instancePath: instancePath + "/database", schemaPath: "#/properties/database/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err2];
        } else {
          vErrors.push(err2);
        }
        errors++;
      }
    }
    if (data.failOn !== void 0) {
      let data1 = data.failOn;
      if (typeof data1 !== "string") {
        const err3 = { instancePath: instancePath + "/failOn", schemaPath: "#/properties/failOn/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err3];
        } else {
          vErrors.push(err3);
        }
        errors++;
      }
      if (!(data1 === "low" || data1 === "medium" || data1 === "high" || data1 === "critical" || data1 === "never")) {
        const err4 = { instancePath: instancePath + "/failOn", schemaPath: "#/properties/failOn/enum", keyword: "enum", params: { allowedValues: schema38.properties.failOn.enum }, message: "must be equal to one of the allowed values" };
        if (vErrors === null) {
          vErrors = [err4];
        } else {
          vErrors.push(err4);
        }
        errors++;
      }
    }
    if (data.ignore !== void 0) {
      let data2 = data.ignore;
      if (Array.isArray(data2)) {
        const len0 = data2.length;
        for (let i0 = 0; i0 < len0; i0++) {
          let data3 = data2[i0];
          if (data3 && typeof data3 == "object" && !Array.isArray(data3)) {
            if (data3.id === void 0) {
              const err5 = { instancePath: instancePath + "/ignore/" + i0, schemaPath: "#/properties/ignore/items/required", keyword: "required", params: { missingProperty: "id" }, message: "must have required property 'id'" };
              if (vErrors === null) {
                vErrors = [err5];
              } else {
                vErrors.push(err5);
              }
              errors++;
            }
            if (data3.reason === void 0) {
              const err6 = { instancePath: instancePath + "/ignore/" + i0, schemaPath: "#/properties/ignore/items/required", keyword: "required", params: { missingProperty: "reason" }, message: "must have required property 'reason'" };
              if (vErrors === null) {
                vErrors = [err6];
              } else {
                vErrors.push(err6);
              }
              errors++;
            }
            for (const key1 in data3) {
              if (!(key1 === "id" || key1 === "reason" || key1 === "expires" || key1 === "package")) {
                const err7 = { instancePath: instancePath + "/ignore/" + i0, schemaPath: "#/properties/ignore/items/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties" };
                if (vErrors === null) {
                  vErrors = [err7];
                } else {
                  vErrors.push(err7);
                }
                errors++;
              }
            }
            if (data3.id !== void 0) {
              let data4 = data3.id;
              if (typeof data4 === "string") {
                if (func1(data4) < 1) {
                  const err8 = { instancePath: instancePath + "/ignore/" + i0 + "/id", schemaPath: "#/properties/ignore/items/properties/id/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err8];
                  } else {
                    vErrors.push(err8);
                  }
                  errors++;
                }
              } else {
                const err9 = { instancePath: instancePath + "/ignore/" + i0 + "/id", schemaPath: "#/properties/ignore/items/properties/id/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err9];
                } else {
                  vErrors.push(err9);
                }
                errors++;
              }
            }
            if (data3.reason !== void 0) {
              let data5 = data3.reason;
              if (typeof data5 === "string") {
                if (func1(data5) < 1) {
                  const err10 = { instancePath: instancePath + "/ignore/" + i0 + "/reason", schemaPath: "#/properties/ignore/items/properties/reason/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err10];
                  } else {
                    vErrors.push(err10);
                  }
                  errors++;
                }
              } else {
                const err11 = { instancePath: instancePath + "/ignore/" + i0 + "/reason", schemaPath: "#/properties/ignore/items/properties/reason/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err11];
                } else {
                  vErrors.push(err11);
                }
                errors++;
              }
            }
            if (data3.expires !== void 0) {
              let data6 = data3.expires;
              if (typeof data6 === "string") {
                if (!pattern30.test(data6)) {
                  const err12 = { instancePath: instancePath + "/ignore/" + i0 + "/expires", schemaPath: "#/properties/ignore/items/properties/expires/pattern", keyword: "pattern", params: { pattern: "^\\d{4}-\\d{2}-\\d{2}$" }, message: 'must match pattern "^\\d{4}-\\d{2}-\\d{2}$"' };
                  if (vErrors === null) {
                    vErrors = [err12];
                  } else {
                    vErrors.push(err12);
                  }
                  errors++;
                }
              } else {
                const err13 = { instancePath: instancePath + "/ignore/" + i0 + "/expires", schemaPath: "#/properties/ignore/items/properties/expires/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err13];
                } else {
                  vErrors.push(err13);
                }
                errors++;
              }
            }
            if (data3.package !== void 0) {
              let data7 = data3.package;
              if (typeof data7 === "string") {
                if (func1(data7) < 1) {
                  const err14 = { instancePath: instancePath + "/ignore/" + i0 + "/package", schemaPath: "#/properties/ignore/items/properties/package/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
                  if (vErrors === null) {
                    vErrors = [err14];
                  } else {
                    vErrors.push(err14);
                  }
                  errors++;
                }
              } else {
                const err15 = { instancePath: instancePath + "/ignore/" + i0 + "/package", schemaPath: "#/properties/ignore/items/properties/package/type", keyword: "type", params: { type: "string" }, message: "must be string" };
                if (vErrors === null) {
                  vErrors = [err15];
                } else {
                  vErrors.push(err15);
                }
                errors++;
              }
            }
          } else {
            const err16 = { instancePath: instancePath + "/ignore/" + i0, schemaPath: "#/properties/ignore/items/type", keyword: "type", params: { type: "object" }, message: "must be object" };
            if (vErrors === null) {
              vErrors = [err16];
            } else {
              vErrors.push(err16);
            }
            errors++;
          }
        }
      } else {
        const err17 = { instancePath: instancePath + "/ignore", schemaPath: "#/properties/ignore/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err17];
        } else {
          vErrors.push(err17);
        }
        errors++;
      }
    }
    if (data.licenses !== void 0) {
      let data8 = data.licenses;
      if (Array.isArray(data8)) {
        const len1 = data8.length;
        for (let i1 = 0; i1 < len1; i1++) {
          let data9 = data8[i1];
          if (typeof data9 === "string") {
            if (func1(data9) < 1) {
              const err18 = { instancePath: instancePath + "/licenses/" + i1, schemaPath: "#/properties/licenses/items/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
              if (vErrors === null) {
                vErrors = [err18];
              } else {
                vErrors.push(err18);
              }
              errors++;
            }
          } else {
            const err19 = { instancePath: instancePath + "/licenses/" + i1, schemaPath: "#/properties/licenses/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err19];
            } else {
              vErrors.push(err19);
            }
            errors++;
          }
        }
        let i2 = data8.length;
        let j0;
        if (i2 > 1) {
          const indices0 = {};
          for (; i2--; ) {
            let item0 = data8[i2];
            if (typeof item0 !== "string") {
              continue;
            }
            if (typeof indices0[item0] == "number") {
              j0 = indices0[item0];
              const err20 = { instancePath: instancePath + "/licenses", schemaPath: "#/properties/licenses/uniqueItems", keyword: "uniqueItems", params: { i: i2, j: j0 }, message: "must NOT have duplicate items (items ## " + j0 + " and " + i2 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err20];
              } else {
                vErrors.push(err20);
              }
              errors++;
              break;
            }
            indices0[item0] = i2;
          }
        }
      } else {
        const err21 = { instancePath: instancePath + "/licenses", schemaPath: "#/properties/licenses/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err21];
        } else {
          vErrors.push(err21);
        }
        errors++;
      }
    }
    if (data.secrets !== void 0) {
      if (typeof data.secrets !== "boolean") {
        const err22 = { instancePath: instancePath + "/secrets", schemaPath: "#/properties/secrets/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err22];
        } else {
          vErrors.push(err22);
        }
        errors++;
      }
    }
    if (data.sbom !== void 0) {
      let data11 = data.sbom;
      if (Array.isArray(data11)) {
        const len2 = data11.length;
        for (let i3 = 0; i3 < len2; i3++) {
          let data12 = data11[i3];
          if (typeof data12 !== "string") {
            const err23 = { instancePath: instancePath + "/sbom/" + i3, schemaPath: "#/properties/sbom/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err23];
            } else {
              vErrors.push(err23);
            }
            errors++;
          }
          if (!(data12 === "cyclonedx" || data12 === "spdx")) {
            const err24 = { instancePath: instancePath + "/sbom/" + i3, schemaPath: "#/properties/sbom/items/enum", keyword: "enum", params: { allowedValues: schema38.properties.sbom.items.enum }, message: "must be equal to one of the allowed values" };
            if (vErrors === null) {
              vErrors = [err24];
            } else {
              vErrors.push(err24);
            }
            errors++;
          }
        }
        let i4 = data11.length;
        let j1;
        if (i4 > 1) {
          const indices1 = {};
          for (; i4--; ) {
            let item1 = data11[i4];
            if (typeof item1 !== "string") {
              continue;
            }
            if (typeof indices1[item1] == "number") {
              j1 = indices1[item1];
              const err25 = { instancePath: instancePath + "/sbom", schemaPath: "#/properties/sbom/uniqueItems", keyword: "uniqueItems", params: { i: i4, j: j1 }, message: "must NOT have duplicate items (items ## " + j1 + " and " + i4 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err25];
              } else {
                vErrors.push(err25);
              }
              errors++;
              break;
            }
            indices1[item1] = i4;
          }
        }
      } else {
        const err26 = { instancePath: instancePath + "/sbom", schemaPath: "#/properties/sbom/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err26];
        } else {
          vErrors.push(err26);
        }
        errors++;
      }
    }
    if (data.reports !== void 0) {
      let data13 = data.reports;
      if (Array.isArray(data13)) {
        const len3 = data13.length;
        for (let i5 = 0; i5 < len3; i5++) {
          let data14 = data13[i5];
          if (typeof data14 !== "string") {
            const err27 = { instancePath: instancePath + "/reports/" + i5, schemaPath: "#/properties/reports/items/type", keyword: "type", params: { type: "string" }, message: "must be string" };
            if (vErrors === null) {
              vErrors = [err27];
            } else {
              vErrors.push(err27);
            }
            errors++;
          }
          if (!(data14 === "json" || data14 === "sarif" || data14 === "openvex" || data14 === "cyclonedx-vex" || data14 === "html")) {
            const err28 = { instancePath: instancePath + "/reports/" + i5, schemaPath: "#/properties/reports/items/enum", keyword: "enum", params: { allowedValues: schema38.properties.reports.items.enum }, message: "must be equal to one of the allowed values" };
            if (vErrors === null) {
              vErrors = [err28];
            } else {
              vErrors.push(err28);
            }
            errors++;
          }
        }
        let i6 = data13.length;
        let j2;
        if (i6 > 1) {
          const indices2 = {};
          for (; i6--; ) {
            let item2 = data13[i6];
            if (typeof item2 !== "string") {
              continue;
            }
            if (typeof indices2[item2] == "number") {
              j2 = indices2[item2];
              const err29 = { instancePath: instancePath + "/reports", schemaPath: "#/properties/reports/uniqueItems", keyword: "uniqueItems", params: { i: i6, j: j2 }, message: "must NOT have duplicate items (items ## " + j2 + " and " + i6 + " are identical)" };
              if (vErrors === null) {
                vErrors = [err29];
              } else {
                vErrors.push(err29);
              }
              errors++;
              break;
            }
            indices2[item2] = i6;
          }
        }
      } else {
        const err30 = { instancePath: instancePath + "/reports", schemaPath: "#/properties/reports/type", keyword: "type", params: { type: "array" }, message: "must be array" };
        if (vErrors === null) {
          vErrors = [err30];
        } else {
          vErrors.push(err30);
        }
        errors++;
      }
    }
    if (data.provenance !== void 0) {
      if (typeof data.provenance !== "boolean") {
        const err31 = { instancePath: instancePath + "/provenance", schemaPath: "#/properties/provenance/type", keyword: "type", params: { type: "boolean" }, message: "must be boolean" };
        if (vErrors === null) {
          vErrors = [err31];
        } else {
          vErrors.push(err31);
        }
        errors++;
      }
    }
    if (data.key !== void 0) {
      let data16 = data.key;
      if (typeof data16 === "string") {
        if (func1(data16) < 1) {
          const err32 = { instancePath: instancePath + "/key", schemaPath: "#/properties/key/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err32];
          } else {
            vErrors.push(err32);
          }
          errors++;
        }
      } else {
        const err33 = { instancePath: instancePath + "/key", schemaPath: "#/properties/key/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err33];
        } else {
          vErrors.push(err33);
        }
        errors++;
      }
    }
    if (data.passwordEnv !== void 0) {
      let data17 = data.passwordEnv;
      if (typeof data17 === "string") {
        if (func1(data17) < 1) {
          const err34 = { instancePath: instancePath + "/passwordEnv", schemaPath: "#/properties/passwordEnv/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters" };
          if (vErrors === null) {
            vErrors = [err34];
          } else {
            vErrors.push(err34);
          }
          errors++;
        }
      } else {
        const err35 = { instancePath: instancePath + "/passwordEnv", schemaPath: "#/properties/passwordEnv/type", keyword: "type", params: { type: "string" }, message: "must be string" };
        if (vErrors === null) {
          vErrors = [err35];
        } else {
          vErrors.push(err35);
        }
        errors++;
      }
    }
  } else {
    const err36 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object" };
    if (vErrors === null) {
      vErrors = [err36];
    } else {
      vErrors.push(err36);
    }
    errors++;
  }
  validate27.errors = vErrors;
  return errors === 0;
}
validate27.evaluated = { "props": true, "dynamicProps": false, "dynamicItems": false };

// <stdin>
var validators = {
  "config": validate0,
  "bundle": validate1,
  "cross-target": validate2,
  "strip": validate3,
  "embed-runtime": validate4,
  "scratch-image": validate5,
  "command": validate6,
  "scan": validate7
};
export {
  validators
};
