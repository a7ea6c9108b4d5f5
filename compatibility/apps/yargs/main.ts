import yargs from "yargs";
import { hideBin } from "yargs/helpers";

await yargs(hideBin(process.argv))
  .scriptName("tool")
  .locale("de")
  .command(
    "copy <from> [to]",
    "Copies",
    (command) => command.option("force", { type: "boolean", alias: "f" }),
    (found) => {
      console.log("copy", found.from, found.to ?? "-", found.force);
    },
  )
  .exitProcess(false)
  .fail((message) => console.log(message))
  .parseAsync();
console.log(await yargs([]).scriptName("tool").locale("de").command("copy <from>", "Kopiert").getHelp());
console.log(
  await yargs(["--nope"])
    .locale("fr")
    .strict()
    .exitProcess(false)
    .fail((message) => console.log(message))
    .parseAsync()
    .then(() => "end"),
);
