export {
  type BuildResult,
  build,
  type Explanation,
  explain,
  openStore,
  type Project,
  type WatchEvent,
  watch,
} from "@sbp/core";
export { builtins } from "./builtins.ts";
export { folderHasFiles, pluginFiles, shortName } from "./new-plugin.ts";
export { openProject as loadProject, type ProjectOptions } from "./project.ts";
