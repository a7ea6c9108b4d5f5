export { type Closure, type ClosurePackage, closureFile, readClosure } from "./closure.ts";
export { LoaderError, type LoaderErrorCode } from "./error.ts";
export { type CarriedLibraries, noteName } from "./note.ts";
export { planSelfContained } from "./self-contained.ts";
