import { fileURLToPath } from "node:url";
import { Liquid } from "liquidjs";

const engine = new Liquid({ root: fileURLToPath(new URL("./views/", import.meta.url)), extname: ".liquid" });
console.log((await engine.renderFile("list", { items: ["a", "b"] })).trim());
