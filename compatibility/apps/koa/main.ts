import { once } from "node:events";
import Koa from "koa";

const app = new Koa();
app.silent = true;
app.use(async (context, next) => {
  await next();
  context.set("x-steps", "2");
});
app.use(async (context) => {
  if (context.path === "/fail") context.throw(418, "teapot");
  context.body = { method: context.method, query: context.query };
});
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}`;
const answer = await fetch(`${origin}/?a=1&b=2`);
console.log(answer.headers.get("x-steps"), await answer.text());
const failed = await fetch(`${origin}/fail`);
console.log(failed.status, await failed.text());
server.close();
