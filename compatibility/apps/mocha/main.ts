import { fileURLToPath } from "node:url";
import Mocha from "mocha";

const mocha = new Mocha({ reporter: "json", color: false });
mocha.addFile(fileURLToPath(new URL("./suite.cjs", import.meta.url)));
const log = console.log;
console.log = () => {};
const stdout = process.stdout.write;
process.stdout.write = () => true;
await mocha.loadFilesAsync();
const failures = await new Promise<number>((resolve) => mocha.run(resolve));
process.stdout.write = stdout;
log(failures, mocha.suite.suites[0].tests.map(({ title, state }) => `${title}: ${state}`).join("; "));
