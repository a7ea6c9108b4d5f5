/*
 * `import()` of JSON without `with { type: "json" }`: esbuild takes it, node refuses it, and programs may rely on that. So it
 * is refused here as well, and told of. Sources in TypeScript that are CommonJS are left alone: compilers turn their
 * `import()` into `require`. Whoever names a loader for .json wants the bundler's reading.
 */
import path from "node:path";
import type { Plugin } from "esbuild";
import { moduleFormat, slashes } from "./entry.ts";
import { isDependency } from "./run-time-files.ts";

const namespace = "attribute-missing";

export function refuseBareJson(projectDir: string): Plugin {
  return {
    name: namespace,
    setup(setup) {
      setup.onResolve(
        { filter: /\.json$/ },
        async ({ path: specifier, kind, importer, with: given, ...rest }) => {
          if (kind !== "dynamic-import" || given["type"] === "json" || rest.pluginData === namespace)
            return undefined;
          if (/\.[cm]?tsx?$/.test(importer) && moduleFormat(importer) === "cjs") return undefined;
          const {
            path: file,
            errors,
            external,
          } = await setup.resolve(specifier, {
            kind,
            importer,
            with: given,
            ...rest,
            pluginData: namespace,
          });
          if (errors.length > 0 || external) return undefined;
          const told = {
            id: namespace,
            text: `import() of "${specifier}" fails at run time, as it does under node: JSON needs an attribute`,
            notes: [{ text: `Write import(${JSON.stringify(specifier)}, { with: { type: "json" } }).` }],
          };
          const source = slashes(path.relative(projectDir, importer));
          return {
            path: slashes(path.relative(projectDir, file)),
            namespace,
            ...(!isDependency(source) && { warnings: [told] }),
          };
        },
      );
      setup.onLoad({ filter: /./, namespace }, ({ path: file }) => ({
        contents: `throw Object.assign(
          new TypeError(${JSON.stringify(`Module "${path.basename(file)}" needs an import attribute of "type: json"`)}),
          { code: "ERR_IMPORT_ATTRIBUTE_MISSING" },
        );
        export default undefined;`,
      }));
    },
  };
}
