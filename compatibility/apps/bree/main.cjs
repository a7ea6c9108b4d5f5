const Bree = require("bree");
const path = require("path");
const bree = new Bree({
  root: path.join(__dirname, "jobs"),
  jobs: ["hello"],
  logger: false,
  workerMessageHandler: ({ message }) => {
    console.log(message);
    if (message !== "done") setTimeout(() => process.exit(0), 100);
  },
});
bree.run("hello");
