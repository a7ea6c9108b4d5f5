/*
 * Everything that is loaded only where the lock or the store does not answer. One door for it, because each further
 * one would split what lies before it into more files, and every start pays for each file.
 */
export { chooseVersions } from "./choose-versions.ts";
export { provideRuntime } from "./provide-runtime.ts";
export { provideTargetPackages } from "./target-packages.ts";
