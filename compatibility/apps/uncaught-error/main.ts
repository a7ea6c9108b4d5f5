import { fail } from "./fail.ts";

process.on("exit", (code) => console.log("exit", code));
process.on("uncaughtExceptionMonitor", (error, origin) => {
  console.log(error.name, error.message, origin);
  console.log(error.stack?.split("\n")[1].trim().split(" ").slice(0, 2).join(" "));
});
setTimeout(() => fail("broken"), 1);
