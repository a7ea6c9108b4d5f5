import { join } from "node:path";
import autoload from "@fastify/autoload";
import view from "@fastify/view";
import ejs from "ejs";
import Fastify from "fastify";

const app = Fastify();
app.register(view, { engine: { ejs }, root: join(import.meta.dirname, "views") });
app.register(autoload, { dir: join(import.meta.dirname, "plugins") });
app.register(autoload, { dir: join(import.meta.dirname, "routes"), options: { prefix: "/api" } });
await app.ready();
console.log((await app.inject("/api/users")).body, (await app.inject("/api/")).body);
await app.close();
