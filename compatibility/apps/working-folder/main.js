const fs = require("node:fs");
const path = require("node:path");

process.chdir(__dirname);
console.log(process.cwd() === __dirname, path.resolve("views") === path.join(__dirname, "views"));
console.log(fs.readFileSync("views/a.txt", "utf8"), fs.readdirSync("views"));
process.chdir("views");
console.log(path.relative(__dirname, process.cwd()), fs.existsSync("a.txt"));
process.chdir("/");
console.log(process.cwd(), fs.existsSync("a.txt"), fs.existsSync(path.join(__dirname, "views/a.txt")));
