import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import data from "./data.json" with { type: "json" };

const { default: again } = await import("./data.json", { with: { type: "json" } });
console.log(data.list.join(), again === data, createRequire(import.meta.url)("./data.json").nested.deep);
console.log(readFileSync(new URL("./query.sql", import.meta.url), "utf8").trim());
await import("./data.json" as string).catch((error) => console.log(error.code));
