import { createInterface } from "node:readline";

let sum = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const [name, amount] = line.split(",");
  sum += Number(amount);
  process.stdout.write(`${name.toUpperCase()}\n`);
}
process.stdout.write(`sum ${sum}\n`);
