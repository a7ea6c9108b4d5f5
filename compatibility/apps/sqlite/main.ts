import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";

const memory = new DatabaseSync(":memory:");
memory.exec("CREATE TABLE item (name TEXT, price REAL) STRICT");
const insert = memory.prepare("INSERT INTO item VALUES (?, ?)");
for (const [name, price] of [
  ["tea", 2.5],
  ["milk", 1],
] as const)
  insert.run(name, price);
memory.function("twice", (value: number) => value * 2);
console.log(
  JSON.stringify(memory.prepare("SELECT name, twice(price) AS price FROM item ORDER BY name").all()),
);
const folder = mkdtempSync(path.join(os.tmpdir(), "sqlite-"));
const file = path.join(folder, "copy.db");
console.log((await backup(memory, file)) > 0);
const copy = new DatabaseSync(file, { readOnly: true });
console.log(copy.prepare("SELECT count(*) AS count FROM item").get()?.count);
copy.close();
rmSync(folder, { recursive: true });
