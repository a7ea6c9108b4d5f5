import module from "node:module";
import { join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";

// Node >= 22.8. NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE keep their say.
if (!process.env["NODE_COMPILE_CACHE"]) module.enableCompileCache?.(join(cacheFolder(), "compile-cache"));
