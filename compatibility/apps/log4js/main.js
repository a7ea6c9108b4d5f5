const { mkdtempSync, readdirSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");
const log4js = require("log4js");

const folder = mkdtempSync(path.join(tmpdir(), "log4js-"));
log4js.configure({
  appenders: {
    out: { type: "stdout", layout: { type: "pattern", pattern: "%p %c %m" } },
    file: { type: "file", filename: path.join(folder, "all.log"), layout: { type: "messagePassThrough" } },
    each: {
      type: "multiFile",
      base: `${folder}/`,
      property: "categoryName",
      extension: ".log",
      layout: { type: "messagePassThrough" },
    },
    loud: { type: "logLevelFilter", appender: "out", level: "warn" },
    own: { type: path.join(__dirname, "appenders/count.js") },
  },
  categories: { default: { appenders: ["file", "each", "loud", "own"], level: "debug" } },
});
const logger = log4js.getLogger("cheese");
logger.info("hidden from the console");
logger.warn("seen");
for (let i = 0; i < 20; i++) logger.debug("line %d", i);
log4js.shutdown(() => {
  for (const name of readdirSync(folder).sort())
    console.log(name, readFileSync(path.join(folder, name), "utf8").split("\n").length);
  rmSync(folder, { recursive: true });
});
