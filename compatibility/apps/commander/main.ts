import chalk, { Chalk } from "chalk";
import { Command } from "commander";
import ora from "ora";

const program = new Command("deploy");
program
  .version("1.2.3")
  .argument("<service>")
  .option("-r, --replicas <count>", "how many", Number, 1)
  .action(async (service, { replicas }) => {
    const spinner = ora({ text: "deploying", isEnabled: false, stream: process.stdout }).start();
    await new Promise((resolve) => setImmediate(resolve));
    spinner.succeed("deployed");
    console.log(chalk.green(service), new Chalk({ level: 1 }).red(replicas).length);
  });
await program.parseAsync();
console.log(program.helpInformation());
