export { type Builtins, defaultPipeline } from "./builtins.ts";
export { composeConfigSchema, type UsedPlugin } from "./compose-schema.ts";
export { configName, findProject, type ProjectPlace } from "./config-file.ts";
export { configSchema } from "./config-schema.ts";
export type { LoadedPlugins } from "./plugin-loader.ts";
export { type LoadProjectOptions, loadProject, type Project, type Step } from "./project.ts";
export type { ValidationError, Validator, Validators } from "./validator.ts";
