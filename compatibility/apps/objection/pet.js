const { Model } = require("objection");
module.exports = class Pet extends Model {
  static get tableName() {
    return "pets";
  }
};
