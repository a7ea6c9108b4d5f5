import { initTRPC } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { z } from "zod";

const t = initTRPC.create();
const router = t.router({ hello: t.procedure.input(z.string()).query(({ input }) => `hello ${input}`) });
const server = createHTTPServer({ router });
server.listen(0, async () => {
  const { port } = server.address() as any;
  console.log(await (await fetch(`http://127.0.0.1:${port}/hello?input=%22x%22`)).text());
  server.close();
});
