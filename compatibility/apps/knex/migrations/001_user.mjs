export const up = (database) =>
  database.schema.createTable("user", (table) => {
    table.increments();
    table.string("name");
  });
export const down = (database) => database.schema.dropTable("user");
