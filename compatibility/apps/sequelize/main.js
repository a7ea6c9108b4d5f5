const { Sequelize, DataTypes } = require("sequelize");

const sequelize = new Sequelize("postgres://user:pass@127.0.0.1:1/db", { logging: false });
const User = sequelize.define("User", { name: { type: DataTypes.STRING, validate: { len: [2, 10] } } });
console.log(sequelize.getDialect(), User.getTableName());
User.build({ name: "x" })
  .validate()
  .catch((error) => console.log(error.message));
sequelize.authenticate().catch((error) => console.log(error.name));
