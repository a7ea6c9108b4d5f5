/*
 * `require("pkg/components/")`: for node a slash at the end means the folder, whatever else has its name. esbuild takes
 * the file `components.js` beside it.
 */
import path from "node:path";
import type { Plugin } from "esbuild";
import { isFolder } from "./folders.ts";

const name = "folder-imports";

export function folderImports(): Plugin {
  return {
    name,
    setup(setup) {
      // "punycode/" is a package as such.
      setup.onResolve(
        { filter: /^(?:\.{1,2}|(?:@[^/]+\/)?[^/]+\/.+)\/$/ },
        async ({ path: specifier, pluginData, ...rest }) => {
          if (pluginData === name) return undefined;
          const {
            path: file,
            errors,
            external,
          } = await setup.resolve(specifier, { ...rest, pluginData: name });
          const folder = file.slice(0, file.length - path.extname(file).length);
          const isOther = errors.length === 0 && !external && isFolder(folder);
          if (!isOther) return undefined;
          const found = await setup.resolve("./index", { ...rest, resolveDir: folder, pluginData: name });
          return found.errors.length > 0 ? undefined : found;
        },
      );
    },
  };
}
