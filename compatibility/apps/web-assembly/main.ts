import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const bytes = await readFile(fileURLToPath(new URL("./add.wasm", import.meta.url)));
const { instance } = await WebAssembly.instantiate(bytes, {});
console.log((instance.exports.add as CallableFunction)(2, 3), WebAssembly.validate(bytes));
const response = new Response(bytes, { headers: { "content-type": "application/wasm" } });
const streamed = await WebAssembly.instantiateStreaming(response);
console.log((streamed.instance.exports.add as CallableFunction)(40, 2));
const { add } = await import("./add.wasm" as string);
console.log(add(1, 1));
