import { once } from "node:events";
import path from "node:path";
import express from "express";

const app = express();
app.set("views", path.join(import.meta.dirname, "views"));
app.set("view engine", "ejs");

app.get("/", (_request, response) => {
  response.render("index", {
    title: "Orders",
    orders: [
      { id: 1, item: "tea" },
      { id: 2, item: "<milk>" },
    ],
  });
});

const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
console.log(answer.status, answer.headers.get("content-type"));
console.log((await answer.text()).trim());
server.close();
