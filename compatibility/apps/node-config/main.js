const path = require("node:path");

process.env.NODE_CONFIG_DIR = path.join(__dirname, "config");
process.env.NODE_ENV = "production";
process.env.DB_PASSWORD = "secret";
const config = require("config");

console.log(config.get("db.host"), config.get("db.port"), config.get("db.options.ssl"));
console.log(config.get("db.password"), config.has("db.none"));
try {
  config.get("db.none");
} catch (error) {
  console.log(error.message);
}
