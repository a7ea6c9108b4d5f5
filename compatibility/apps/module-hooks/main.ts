import { registerHooks } from "node:module";

registerHooks({
  resolve(name, context, next) {
    return name === "virtual:settings"
      ? { url: "virtual:settings", format: "module", shortCircuit: true }
      : next(name, context);
  },
  load(url, context, next) {
    if (url === "virtual:settings")
      return { format: "module", source: "export default 'virtual'", shortCircuit: true };
    const loaded = next(url, context);
    if (url.endsWith("/plugin.mjs"))
      return { ...loaded, source: String(loaded.source).replace("PLACE", "changed") };
    return loaded;
  },
});
const name = "virtual:settings";
console.log(
  (await import(name)).default,
  (await import(new URL("./plugin.mjs", import.meta.url).href)).default,
);
