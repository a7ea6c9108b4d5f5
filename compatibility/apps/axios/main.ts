import { once } from "node:events";
import { createServer } from "node:http";
import axios, { AxiosError } from "axios";

const server = createServer((request, response) => {
  if (request.url?.startsWith("/missing")) response.statusCode = 404;
  response.setHeader("content-type", "application/json");
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => response.end(JSON.stringify({ method: request.method, body })));
}).listen(0, "127.0.0.1");
await once(server, "listening");
const client = axios.create({ baseURL: `http://127.0.0.1:${server.address().port}`, proxy: false });
client.interceptors.request.use((config) => ({ ...config, params: { page: 2 } }));
console.log((await client.post("/", { a: 1 })).data.body);
await client
  .get("/missing")
  .catch((error) => console.log(error instanceof AxiosError, error.response.status));
server.close();
server.closeAllConnections();
