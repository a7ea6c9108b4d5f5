import type { Kysely } from "kysely";
export async function up(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable("person")
    .addColumn("id", "integer", (c) => c.primaryKey())
    .addColumn("name", "text")
    .execute();
}
export async function down(db: Kysely<any>): Promise<void> {
  await db.schema.dropTable("person").execute();
}
