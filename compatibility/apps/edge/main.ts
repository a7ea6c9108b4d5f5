import { Edge } from "edge.js";

const edge = Edge.create();
edge.mount(new URL("./views", import.meta.url));
console.log(await edge.render("home", { name: "ada", classes: { wide: true, old: false } }));
