const { readdirSync, readFileSync } = require("node:fs");
const path = require("node:path");
const Handlebars = require("handlebars");

const partials = path.join(__dirname, "templates", "partials");
for (const name of readdirSync(partials).sort())
  Handlebars.registerPartial(path.basename(name, ".hbs"), readFileSync(path.join(partials, name), "utf8"));
Handlebars.registerHelper("upper", (text) => text.toUpperCase());
const mail = Handlebars.compile(readFileSync(path.join(__dirname, "templates", "mail.hbs"), "utf8"));
console.log(mail({ name: "Ada", items: [{ title: "a < b" }, { title: "c" }] }));
