const express = require("express");
const path = require("path");
const OpenApiValidator = require("express-openapi-validator");
const app = express();
app.use(express.json());
app.use(
  OpenApiValidator.middleware({
    apiSpec: path.join(__dirname, "openapi.yaml"),
    validateRequests: true,
    validateResponses: true,
    operationHandlers: path.join(__dirname, "handlers"),
  }),
);
app.use((err, req, res, next) => res.status(err.status || 500).json({ message: err.message }));
const s = app.listen(0, async () => {
  const b = `http://127.0.0.1:${s.address().port}`;
  console.log(await (await fetch(b + "/pets?limit=2")).text());
  console.log(await (await fetch(b + "/pets?limit=x")).text());
  s.close();
});
