import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const child = fork(path.join(import.meta.dirname, "child.ts"), ["one", "two words"], {
  env: { ...process.env, MARK: "m" },
  serialization: "advanced",
});
child.send({ big: 10n ** 20n, map: new Map([["a", 1]]) });
const [answer] = await once(child, "message");
console.log(answer);
const [code, signal] = await once(child, "exit");
console.log(code, signal);
