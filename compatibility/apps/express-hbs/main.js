const express = require("express");
const hbs = require("hbs");
const { engine } = require("express-handlebars");
const path = require("path");
const app = express();
app.set("views", path.join(__dirname, "views"));
app.set("view engine", "hbs");
hbs.registerPartials(path.join(__dirname, "views/partials"));
app.get("/", (req, res) => res.render("index", { title: "T" }));
const other = express();
other.engine("handlebars", engine());
other.set("view engine", "handlebars");
other.set("views", path.join(__dirname, "views2"));
other.get("/", (req, res) => res.render("home"));
(async () => {
  for (const a of [app, other]) {
    const s = await new Promise((r) => {
      const s = a.listen(0, () => r(s));
    });
    console.log(await (await fetch(`http://127.0.0.1:${s.address().port}/`)).text());
    s.close();
  }
})();
