const { EntitySchema } = require("typeorm");

module.exports = new EntitySchema({
  name: "Book",
  columns: {
    id: { type: Number, primary: true, generated: true },
    title: { type: String },
    pages: { type: Number },
  },
});
