export const up = (database) => database.schema.alterTable("user", (table) => table.integer("age"));
export const down = (database) => database.schema.alterTable("user", (table) => table.dropColumn("age"));
