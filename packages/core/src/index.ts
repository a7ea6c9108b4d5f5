export type * from "./artifact.ts";
export { type BuildOptions, type BuildResult, build } from "./build.ts";
export * from "./config/index.ts";
export type { OutputBase } from "./early-copies.ts";
export * from "./error.ts";
export type * from "./event.ts";
export { type ExplainOptions, type Explanation, explain } from "./explain.ts";
export { findGitRepository, type GitRepository } from "./git.ts";
export type { Json, JsonObject } from "./json.ts";
export { canonicalJson } from "./json.ts";
export { nearest } from "./nearest.ts";
export { type Action, type Plan, planBuild } from "./plan.ts";
export type * from "./platform-packages.ts";
export * from "./plugin.ts";
export { manifestName, type Output } from "./publish.ts";
export type { RemoteOptions } from "./remote/remote-cache.ts";
export { type RemoteStorage, type RemoteValue, sharedReason } from "./remote/remote-storage.ts";
export type * from "./schema.ts";
export { cacheFolder } from "./store/cache-folder.ts";
export { type Collected, type CollectLimits, defaultMaxAgeDays, defaultMaxBytes } from "./store/collect.ts";
export type { StoreEntry } from "./store/list.ts";
export { openStore, Store } from "./store/store.ts";
export { strictError } from "./strict.ts";
export * from "./target.ts";
export { version } from "./version.ts";
export type * from "./watch/event.ts";
export { watch } from "./watch/watch.ts";
export type { Watcher, WatchOptions } from "./watch/watcher.ts";
export {
  buildWorkspace,
  type ProjectResult,
  type WorkspaceBuildOptions,
  type WorkspaceEvent,
  type WorkspaceResult,
} from "./workspace/build-workspace.ts";
export { type Choice, chooseProjects } from "./workspace/choose-projects.ts";
export {
  findWorkspace,
  isWorkspaceRoot,
  type Member,
  readWorkspace,
  type Workspace,
} from "./workspace/workspace.ts";
