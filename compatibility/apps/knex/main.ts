import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import knex from "knex";

// A dialect over node:sqlite by the client of knex's own for better-sqlite3.
const { default: Client } = await import("knex/lib/dialects/better-sqlite3/index.js");
class NodeSqlite extends Client {
  _driver() {
    return class extends DatabaseSync {
      prepare(sql: string) {
        const statement = super.prepare(sql);
        return {
          reader: statement.columns().length > 0,
          all: (values: never[] = []) => statement.all(...values),
          run: (values: never[] = []) => statement.run(...values),
        };
      }
    };
  }
}
const database = knex({
  client: NodeSqlite,
  connection: { filename: ":memory:" },
  useNullAsDefault: true,
  migrations: { directory: path.join(import.meta.dirname, "migrations"), loadExtensions: [".mjs"] },
  seeds: { directory: path.join(import.meta.dirname, "seeds"), loadExtensions: [".mjs"] },
});
const [batch, done] = await database.migrate.latest();
console.log(batch, done.join());
await database.seed.run();
console.log((await database("user").where("age", ">", 30).select("name")).map(({ name }) => name).join());
console.log(await database.migrate.currentVersion());
await database.destroy();
