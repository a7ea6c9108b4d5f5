import path from "node:path";
import nunjucks from "nunjucks";

const environment = nunjucks.configure(path.join(import.meta.dirname, "templates"), { autoescape: true });
console.log(environment.render("page.njk", { user: "<Ada>" }).trim());
