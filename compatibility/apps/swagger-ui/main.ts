import { once } from "node:events";
import { readFile } from "node:fs/promises";
import express from "express";
import swaggerUi from "swagger-ui-express";

const document = JSON.parse(await readFile(new URL("./openapi.json", import.meta.url), "utf8"));
const app = express();
app.use("/docs", swaggerUi.serve, swaggerUi.setup(document));
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}`;
const page = await (await fetch(`${origin}/docs/`)).text();
console.log(page.includes("swagger-ui-bundle.js"));
for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "swagger-ui-init.js"]) {
  const answer = await fetch(`${origin}/docs/${file}`);
  const body = await answer.arrayBuffer();
  console.log(file, answer.status, answer.headers.get("content-type"), body.byteLength > 500);
}
server.close();
server.closeAllConnections();
