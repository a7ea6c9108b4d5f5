import { createReadStream, existsSync, openAsBlob, readFileSync, statSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

const note = new URL("./files/note.txt", import.meta.url);
console.log(
  readFileSync(note, "utf8").trim(),
  statSync(note).size,
  existsSync(new URL("./files/none.txt", import.meta.url)),
);
console.log((await readFile(note)).length, await text(createReadStream(note, { start: 2, end: 5 })));
const file = await open(note);
const lines: string[] = [];
for await (const line of file.readLines()) lines.push(line);
console.log(lines.length);
console.log(await (await openAsBlob(note)).slice(0, 3).text());
const answer = await fetch(new URL("./files/none.txt", import.meta.url)).catch(
  (error) => error.constructor.name,
);
console.log(answer);
try {
  readFileSync(new URL("./files/none.txt", import.meta.url));
} catch (error) {
  console.log(error.code, error.syscall);
}
