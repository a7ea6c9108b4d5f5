import path from "node:path";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { html } from "hono/html";
import { jsx } from "hono/jsx";
import { validator } from "hono/validator";

const Page = ({ name }: { name: string }) => (
  <main>
    {html`<h1>${name}</h1>`}
    <p title={"<b>"}>hello</p>
  </main>
);

const app = new Hono();
app.get("/", (context) => context.html(<Page name="Hono & co" />));
app.get(
  "/files/*",
  serveStatic({
    root: path.join(import.meta.dirname, "public"),
    rewriteRequestPath: (asked) => asked.replace(/^\/files/, ""),
  }),
);
app.get(
  "/add",
  validator("query", (value, context) => (value.a ? { a: Number(value.a) } : context.text("a?", 400))),
  (context) => context.json({ sum: context.req.valid("query").a + 1 }),
);
void jsx;

const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, async ({ port }) => {
  const origin = `http://127.0.0.1:${port}`;
  for (const asked of ["/", "/add?a=2", "/add", "/files/note.txt", "/none"]) {
    const answer = await fetch(origin + asked);
    console.log(asked, answer.status, (await answer.text()).trim());
  }
  server.close();
});
