require("reflect-metadata");
const path = require("node:path");
const { DataSource } = require("typeorm");

async function main() {
  const source = new DataSource({
    type: "sqljs",
    entities: [path.join(__dirname, "entities", "*.cjs")],
    migrations: [path.join(__dirname, "migrations", "*.cjs")],
    migrationsRun: true,
  });
  await source.initialize();
  const books = source.getRepository("Book");
  await books.save([
    { title: "Emma", pages: 400 },
    { title: "Ulysses", pages: 700 },
  ]);
  console.log(await books.count(), (await books.findOneBy({ title: "Emma" })).pages);
  console.log(source.entityMetadatas.map(({ name }) => name).join(), source.migrations.length);
  await source.destroy();
}
main();
