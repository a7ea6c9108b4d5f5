const { Model } = require("objection");
const Knex = require("knex");
class Person extends Model {
  static get tableName() {
    return "persons";
  }
  static get jsonSchema() {
    return { type: "object", required: ["name"], properties: { name: { type: "string", minLength: 2 } } };
  }
  static get relationMappings() {
    return {
      pets: {
        relation: Model.HasManyRelation,
        modelClass: __dirname + "/pet",
        join: { from: "persons.id", to: "pets.ownerId" },
      },
    };
  }
}
const knex = Knex({ client: "pg" });
Model.knex(knex);
console.log(Person.query().where("name", "x").toKnexQuery().toString());
try {
  Person.fromJson({ name: "x" });
} catch (e) {
  console.log(e.message);
}
console.log(Person.getRelation("pets").relatedModelClass.tableName);
knex.destroy();
