import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ClassicLevel } from "classic-level";

const folder = await mkdtemp(path.join(os.tmpdir(), "level-"));
const database = new ClassicLevel<string, { price: number }>(folder, { valueEncoding: "json" });
await database.batch([
  { type: "put", key: "tea", value: { price: 2 } },
  { type: "put", key: "milk", value: { price: 1 } },
]);
for await (const [key, { price }] of database.iterator({ gte: "m" })) console.log(key, price);
console.log(await database.get("none"));
await database.close();
await rm(folder, { recursive: true });
