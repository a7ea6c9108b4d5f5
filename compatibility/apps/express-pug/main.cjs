const path = require("node:path");
const express = require("express");

const app = express();
app.set("views", path.join(__dirname, "views"));
app.set("view engine", "pug");

app.get("/hello/:name", (request, response) => {
  response.render("hello", { name: request.params.name, items: ["one", "two"] });
});

const server = app.listen(0, "127.0.0.1", async () => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/hello/Ada`);
  console.log(answer.status, await answer.text());
  server.close();
});
