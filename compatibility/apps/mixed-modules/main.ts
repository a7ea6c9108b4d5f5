import { createRequire } from "node:module";
import * as everything from "./old.cjs";
import old, { named } from "./old.cjs";

const require = createRequire(import.meta.url);
console.log(old.named, named, Object.keys(everything).sort().join());
console.log(require("./old.cjs") === old, require("./new.mjs").value, require("./data.json").list.length);
console.log(await require("./old.cjs").later());
