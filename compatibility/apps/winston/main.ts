import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import winston from "winston";

const folder = await mkdtemp(path.join(os.tmpdir(), "winston-"));
const file = new winston.transports.File({ filename: path.join(folder, "a.log") });
const logger = winston.createLogger({
  level: "debug",
  format: winston.format.combine(winston.format.splat(), winston.format.json()),
  transports: [new winston.transports.Console({ level: "info", format: winston.format.simple() }), file],
});
logger.info("started on %d", 80);
logger.debug("hidden from the console");
const finished = new Promise((resolve) => file.on("finish", resolve));
logger.end();
await finished;
console.log((await readFile(path.join(folder, "a.log"), "utf8")).trim());
await rm(folder, { recursive: true });
