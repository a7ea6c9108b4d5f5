process.title = "renamed";
console.log(process.title);
const heard: string[] = [];
const alive = setInterval(() => {}, 1000);
process.on("SIGHUP", () => heard.push("SIGHUP"));
process.once("SIGTERM", (signal, number) => {
  heard.push(`${signal} ${number}`);
  console.log(heard.join());
  clearInterval(alive);
  // Without a handler it is the end.
  process.removeAllListeners("SIGHUP");
  process.exitCode = 3;
});
process.kill(process.pid, "SIGHUP");
process.on("SIGUSR2", () => process.kill(process.pid, "SIGTERM"));
setImmediate(() => process.kill(process.pid, "SIGUSR2"));
