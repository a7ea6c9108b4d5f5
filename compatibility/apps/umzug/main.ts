import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { memoryStorage, Umzug } from "umzug";

const database = new DatabaseSync(":memory:");
const umzug = new Umzug({
  migrations: {
    glob: ["migrations/*.sql", { cwd: fileURLToPath(new URL(".", import.meta.url)) }],
    resolve: ({ name, path }) => ({
      name,
      up: async () => {
        const { readFile } = await import("node:fs/promises");
        database.exec(await readFile(path as string, "utf8"));
      },
    }),
  },
  context: database,
  storage: memoryStorage(),
  logger: undefined,
});
console.log((await umzug.up()).map(({ name }) => name).join());
console.log(
  database
    .prepare("SELECT name FROM item")
    .all()
    .map(({ name }) => name)
    .join(),
);
