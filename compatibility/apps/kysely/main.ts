import { promises as fs } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CamelCasePlugin, FileMigrationProvider, Kysely, Migrator, SqliteDialect } from "kysely";

class Db {
  db = new DatabaseSync(":memory:");
  prepare(sql: string) {
    const s = this.db.prepare(sql);
    return {
      reader: /^\s*(select|with|pragma)|returning/i.test(sql),
      all: (p: any[]) => s.all(...p),
      run: (p: any[]) => s.run(...p),
      iterate: (p: any[]) => s.iterate(...p),
    };
  }
  close() {
    this.db.close();
  }
}
const db = new Kysely<any>({
  dialect: new SqliteDialect({ database: new Db() as any }),
  plugins: [new CamelCasePlugin()],
});
const migrator = new Migrator({
  db,
  provider: new FileMigrationProvider({
    fs,
    path,
    migrationFolder: path.join(import.meta.dirname, "migrations"),
  }),
});
const { error, results } = await migrator.migrateToLatest();
console.log(
  error,
  results?.map((r) => r.migrationName + r.status),
);
await db.insertInto("person").values({ name: "x" }).execute();
console.log(await db.selectFrom("person").selectAll().execute());
