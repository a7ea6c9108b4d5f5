import { stat } from "node:fs/promises";
import { Command, CommanderError, Option } from "commander";
import colors from "picocolors";
import { countFolder } from "~/count.ts";
import { inOrder, type Order, orders } from "~/order.ts";
import { table } from "~/table.ts";
import manifest from "../package.json" with { type: "json" };

const exitCodes = { done: 0, failed: 1, badUsage: 2 } as const;

const program = new Command()
  .name(manifest.name)
  .description("Counts lines of source by language.")
  .argument("[folder]", "where to count", ".")
  .option("--json", "print JSON")
  .addOption(new Option("--sort <by>", "what comes first").choices(orders).default("lines"))
  .version(manifest.version)
  .addHelpText("after", "\nExit codes: 0 done, 1 the folder cannot be read, 2 bad usage.")
  .exitOverride();

async function run(): Promise<number> {
  program.parse();
  const [folder = "."] = program.processedArgs as string[];
  const { json, sort } = program.opts<{ json?: boolean; sort: Order }>();
  if (!(await stat(folder)).isDirectory()) throw new Error(`"${folder}" is not a folder`);
  const counts = inOrder(await countFolder(folder), sort);
  console.log(json ? JSON.stringify(counts, null, 2) : table(counts));
  return exitCodes.done;
}

try {
  process.exitCode = await run();
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has printed help, version or what is wrong.
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.badUsage;
  } else {
    console.error(`${colors.red("error:")} ${error instanceof Error ? error.message : error}`);
    process.exitCode = exitCodes.failed;
  }
}
