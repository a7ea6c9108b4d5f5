import initSqlJs from "sql.js";

const SQL = await initSqlJs();
const database = new SQL.Database();
database.run(
  "CREATE TABLE item (name TEXT, price REAL); INSERT INTO item VALUES ('tea', 2.5), ('milk', 1.25);",
);
console.log(
  JSON.stringify(database.exec("SELECT name, price * 2 AS twice FROM item ORDER BY name")[0].values),
);
console.log(Buffer.from(database.export()).subarray(0, 15).toString());
database.close();
