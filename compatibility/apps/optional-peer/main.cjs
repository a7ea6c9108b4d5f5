const { WebSocketServer } = require("ws");

// As packages do with peers that need not be there.
const optional = (name) => {
  try {
    return require(name);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
};
console.log(typeof optional("zod")?.z, optional("utf-8-validate-not-there"), typeof WebSocketServer);
import("also-not-there").catch((error) => console.log(error.code));
try {
  console.log(require.resolve("lodash").endsWith("lodash.js"));
  require.resolve("never-there");
} catch (error) {
  console.log(error.code);
}
