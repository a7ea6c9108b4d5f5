const Hapi = require("@hapi/hapi");
const path = require("path");
(async () => {
  const server = Hapi.server({
    port: 0,
    host: "127.0.0.1",
    routes: { files: { relativeTo: path.join(__dirname, "public") } },
  });
  await server.register([require("@hapi/vision"), require("@hapi/inert")]);
  server.views({
    engines: { hbs: require("handlebars") },
    relativeTo: __dirname,
    path: "templates",
    partialsPath: "templates/partials",
  });
  server.route({ method: "GET", path: "/", handler: (r, h) => h.view("index", { title: "Hello" }) });
  server.route({
    method: "GET",
    path: "/static/{param*}",
    handler: { directory: { path: ".", redirectToSlash: true } },
  });
  await server.start();
  console.log(await (await fetch(server.info.uri)).text());
  console.log(await (await fetch(server.info.uri + "/static/a.txt")).text());
  await server.stop();
})();
