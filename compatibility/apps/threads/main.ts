import { spawn, Thread, Worker } from "threads";

const add = await spawn(new Worker("./workers/add.js"));
console.log(await (add as any)(2, 3));
await Thread.terminate(add);
