const {
  NodeTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} = require("@opentelemetry/sdk-trace-node");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { ExpressInstrumentation } = require("@opentelemetry/instrumentation-express");

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()] });

const express = require("express");
const app = express();
app.get("/users/:id", (request, response) => response.send(request.params.id));
const server = require("node:http").createServer(app);
server.listen(0, async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/users/7`);
  console.log(await response.text());
  server.close(() => console.log(exporter.getFinishedSpans().map(({ name }) => name)));
});
