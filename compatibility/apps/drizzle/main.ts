import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/libsql";
import { migrate } from "drizzle-orm/libsql/migrator";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

const users = sqliteTable("users", { id: integer().primaryKey(), name: text() });
const db = drizzle(":memory:");
await migrate(db, { migrationsFolder: fileURLToPath(new URL("./drizzle", import.meta.url)) });
await db.insert(users).values({ name: "ada" });
console.log(await db.select().from(users));
