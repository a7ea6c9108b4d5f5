import { DatabaseSync } from "node:sqlite";
import { getLoadablePath, load } from "sqlite-vec";

const database = new DatabaseSync(":memory:", { allowExtension: true });
database.loadExtension(getLoadablePath());
console.log(database.prepare("SELECT vec_version() AS version").get()?.["version"]);
database.exec("CREATE VIRTUAL TABLE points USING vec0(place float[2])");
const insert = database.prepare("INSERT INTO points (rowid, place) VALUES (?, ?)");
for (const [index, point] of [
  [0, 0],
  [3, 4],
  [9, 9],
].entries())
  insert.run(BigInt(index + 1), JSON.stringify(point));
const nearest = database.prepare(
  "SELECT rowid, distance FROM points WHERE place MATCH ? ORDER BY distance LIMIT 2",
);
console.log(JSON.stringify(nearest.all("[3, 3]")));

const other = new DatabaseSync(":memory:", { allowExtension: true });
load(other);
console.log(other.prepare("SELECT vec_length('[1, 2, 3]') AS length").get()?.["length"]);
