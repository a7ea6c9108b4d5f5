const { readdirSync } = require("node:fs");
const path = require("node:path");

const commands = path.join(__dirname, "commands");
for (const file of readdirSync(commands).sort()) {
  const command = require(path.join(commands, file));
  console.log(command.name, command.run(2));
}
const name = process.argv[2];
console.log(require(`./commands/${name}`).run(5));
