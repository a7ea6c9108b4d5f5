process.on("exit", (code) => console.log("exit", code));
process.on("uncaughtExceptionMonitor", (error, origin) => console.log(error.message, origin));
const late = Promise.reject(new Error("handled late"));
process.once("unhandledRejection", (error: Error) => {
  console.log("unhandled", error.message);
  Promise.reject(new Error("nobody cares"));
});
process.once("rejectionHandled", () => console.log("handled after all"));
setTimeout(() => late.catch(() => {}), 1);
