import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

if (process.send) {
  process.on("message", (number: number) => {
    process.send?.(number * 2);
    if (number === 2) process.disconnect();
  });
} else {
  const child = fork(fileURLToPath(import.meta.url));
  for (const number of [1, 2]) {
    child.send(number);
    console.log((await once(child, "message"))[0]);
  }
  console.log((await once(child, "exit"))[0]);
}
