import { execFile } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { scratchFolder } from "./app.ts";

const run = promisify(execFile);

/** An addon in C++ that catches what it throws, and asks a library in a folder beside its own. */
const addonSource = `
#include <cstddef>
#include <stdexcept>
#include <string>
extern "C" {
struct env; struct value; struct info;
int napi_create_string_utf8(env *, const char *, size_t, value **);
int napi_create_function(env *, const char *, size_t, value *(*)(env *, info *), void *, value **);
int answer(void);
}
static int calls = 0;
static value *call(env *own, info *) {
  std::string text;
  try {
    throw std::runtime_error("caught");
  } catch (const std::exception &error) {
    text = error.what();
  }
  text += " " + std::to_string(answer()) + " " + std::to_string(++calls);
  value *result;
  napi_create_string_utf8(own, text.c_str(), text.size(), &result);
  return result;
}
extern "C" value *napi_register_module_v1(env *own, value *) {
  value *result;
  napi_create_function(own, "call", 4, call, nullptr, &result);
  return result;
}
`;

/** The carried files of a package with such an addon. */
export async function addonFiles(prefix: string): Promise<Record<string, Uint8Array | string>> {
  const folder = await mkdtemp(join(await scratchFolder(), "addon-"));
  const [library, addon] = [join(folder, "libanswer.so"), join(folder, "addon.node")];
  await writeFile(join(folder, "answer.c"), "int answer(void) { return 42; }");
  await writeFile(join(folder, "addon.cc"), addonSource);
  // Unique symbols, which templates of the C++ library have, would keep it from being unloaded.
  const shared = ["-shared", "-fPIC", "-O1", "-fno-gnu-unique"];
  await run(`${prefix}gcc`, [...shared, "-Wl,-soname,libanswer.so", join(folder, "answer.c"), "-o", library]);
  const linked = ["-Wl,-rpath,$ORIGIN/../lib", library];
  await run(`${prefix}g++`, [...shared, join(folder, "addon.cc"), ...linked, "-o", addon]);
  return {
    "node_modules/thrower/build/addon.node": await readFile(addon),
    "node_modules/thrower/lib/libanswer.so": await readFile(library),
    "worker.cjs":
      "require('node:worker_threads').parentPort.postMessage(require('thrower/build/addon.node')())",
  };
}
