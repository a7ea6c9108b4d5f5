// @ts-check
"use strict";

/*
 * The executable as node: it was started by its own app to run a script, a text or its standard input, as under
 * `node …` (https://nodejs.org/api/cli.html). Options that node can only take while it starts are ignored.
 */

/** @type {any} */
const Module = process.getBuiltinModule("node:module");
const { join, resolve } = process.getBuiltinModule("node:path");
const { pathToFileURL } = process.getBuiltinModule("node:url");
const vm = process.getBuiltinModule("node:vm");

/** Options whose value is the next argument, where it is not behind an equals sign. */
const withValue = new Set([
  "-C",
  "-r",
  "--conditions",
  "--disable-warning",
  "--env-file",
  "--env-file-if-exists",
  "--experimental-loader",
  "--import",
  "--input-type",
  "--loader",
  "--require",
  "--stack-trace-limit",
  "--title",
]);
const codeOptions = new Set(["-e", "--eval", "-p", "--print", "-pe", "-ep"]);
const v8Options =
  /^--(?:no-)?(?:max-|min-|stack-|expose-gc|harmony|jitless|opt\b|turbo|single-threaded|allow-natives-syntax)/;

/**
 * First words of the options of V8 (node --v8-options) and of those of node that NODE_OPTIONS may not have. Which exactly
 * there are depends on the version; this tells slips of the pen from them.
 */
const optionWords =
  "abort additive adjust allocation allow always analyze arm asm assert async baseline battery bench " +
  "better black build builtin builtins bytecode cache cet check clear clone code compact compaction " +
  "compilation compile completion concurrent conservative const correctness cppgc cppheap cpu csa debug " +
  "decommit deduplicate default deopt detailed detect dict direct disable disallow double dump efficiency " +
  "embedded embedder empty enable env ephemeron etw eval exit experimental expose extensible external " +
  "fast feedback fixed flag flush for force freeze function future fuzzer fuzzing gc gdbjit handle hard " +
  "harmony hash heap help high histogram hole huge icu idle ignition incremental ineffective initial " +
  "inline inspector intel interactive internalize interpreted invocation is jit jitless js json large " +
  "late lazy liftoff lite ll local log logfile maglev managed manual map max mcpu mega memory merge min " +
  "minimum minor mock move multi native new omit opt optimize osr page parallel parse parser partial perf " +
  "perfetto polymorphic precise preconfigured predictable prepare preparser print prof profile proto " +
  "random randomize rcs reclaim redirect regexp rehash reopt reorder reserve resize retain reuse run " +
  "runtime safepoint sampling sandbox scavenge scavenger script semi separate serialization shared short " +
  "shortcut sim simulator single slow smi soft sparkplug specialize stack startup sticky stress strict " +
  "string super suppress switch target test testing text tls trace track transition trap trim turbo " +
  "turbofan turbolev turboshaft typed unbox unmap update use v8 validate verify version vfs vtune warn " +
  "wasm watch win64 zero zone";

/** @param {string} name */
function isOption(name) {
  if (!name.startsWith("--")) return /^-[cCehiprv]+$/.test(name);
  if (process.allowedNodeEnvironmentFlags.has(name)) return true;
  const [word = ""] = name.replace(/^--(?:no-)?/, "").split(/[-_=]/);
  return ` ${optionWords} `.includes(` ${word} `);
}

/**
 * As node does with what it does not understand.
 *
 * @param {string} mistake
 * @returns {never}
 */
function refuse(mistake) {
  console.error(`${process.execPath}: ${mistake}`);
  process.exit(9);
}

/**
 * @typedef {object} CommandLine
 * @property {[name: string, value: string | undefined][]} options
 * @property {string[]} execArgv
 * @property {string | undefined} code what to evaluate
 * @property {boolean} isPrinted
 * @property {string[]} rest the script, if there is no code, and its arguments
 */

/**
 * @param {readonly string[]} args
 * @returns {CommandLine}
 */
function parse(args) {
  /** @type {CommandLine} */
  const line = { options: [], execArgv: [], code: undefined, isPrinted: false, rest: [] };
  let at = 0;
  for (; at < args.length; at++) {
    const argument = args[at] ?? "";
    if (argument === "--") {
      at++;
      break;
    }
    if (!/^-./.test(argument)) break;
    line.execArgv.push(argument);
    const [, name = argument, inline] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? [];
    const takesValue = inline === undefined && (withValue.has(name) || codeOptions.has(name));
    if (takesValue) at++;
    const value = takesValue ? args[at] : inline;
    if (!isOption(name)) refuse(`bad option: ${argument}`);
    if (takesValue && value === undefined && !["-p", "--print"].includes(name))
      refuse(`${name} requires an argument`);
    if (takesValue && value !== undefined) line.execArgv.push(value);
    if (codeOptions.has(name)) {
      line.code = value ?? "";
      line.isPrinted ||= name.includes("p");
    } else line.options.push([name.startsWith("--") ? name.replaceAll("_", "-") : name, value]);
  }
  line.rest = args.slice(at);
  return line;
}

/**
 * @param {readonly string[]} args behind the executable
 * @param {object} app
 * @param {string} app.mainPath of the app's own main file, which Node cannot load
 * @param {() => void} app.runApp
 * @param {(module: any) => any} app.requireOf
 */
exports.run = function run(args, { mainPath, runApp, requireOf }) {
  const line = parse(args);
  const { options, code, rest } = line;
  process.execArgv = line.execArgv;
  process.argv.splice(1);
  if (options.some(([name]) => name === "-v" || name === "--version"))
    return void console.log(process.version);
  // V8 prints its options, and goes on. Command lines ask for them before they hand options on.
  if (options.some(([name]) => name === "--v8-options"))
    return void process.getBuiltinModule("node:v8").setFlagsFromString("--help");

  const script = code === undefined && rest[0] !== "-" ? rest.shift() : undefined;
  if (script !== undefined) process.argv.push(script === mainPath ? script : resolve(script));
  process.argv.push(...rest);
  const start = () => {
    if (script === mainPath) return runApp();
    if (script !== undefined) return Module.runMain(process.argv[1]);
    if (code !== undefined)
      return evaluate(code, "[eval]", { options, isPrinted: line.isPrinted, requireOf });
    return standardInput().then((text) =>
      evaluate(text, "[stdin]", { options, isPrinted: false, requireOf }),
    );
  };
  const fromEnvironment = process.env["NODE_OPTIONS"]?.match(/"(?:\\.|[^"\\])*"|[^\s"]+/g) ?? [];
  const unquoted = fromEnvironment.map((text) => text.replace(/^"(.*)"$/s, "$1").replace(/\\(.)/gs, "$1"));
  const all = [...parse(unquoted).options, ...options];
  preload(all, requireOf);
  const imports = all.flatMap(([name, value]) => (name === "--import" && value ? [value] : []));
  // Not later than need be: what a script throws at once is no rejection.
  if (imports.length === 0) start();
  else importAll(imports).then(start);
};

/**
 * @param {[name: string, value: string | undefined][]} options
 * @param {(module: any) => any} requireOf
 */
function preload(options, requireOf) {
  for (const [name, value = ""] of options) {
    if (v8Options.test(name))
      process.getBuiltinModule("node:v8").setFlagsFromString(value ? `${name}=${value}` : name);
    if (name === "--expose-gc") Object.assign(globalThis, { gc: vm.runInNewContext("gc") });
    else if (name === "--no-warnings") process.removeAllListeners("warning");
    else if (name === "--no-deprecation") process.noDeprecation = true;
    else if (name === "--throw-deprecation") process.throwDeprecation = true;
    else if (name === "--trace-deprecation") process.traceDeprecation = true;
    else if (name === "--enable-source-maps") process.setSourceMapsEnabled(true);
    else if (name === "--stack-trace-limit") Error.stackTraceLimit = Number(value);
    else if (name === "--title") process.title = value;
    else if (name === "--env-file") process.loadEnvFile(value);
    else if (name === "-r" || name === "--require") requireOf(moduleAt("[preload]"))(value);
    else if (name === "--inspect" || name === "--inspect-brk") inspect(value, name === "--inspect-brk");
  }
}

/**
 * @param {string} address
 * @param {boolean} wait
 */
function inspect(address, wait) {
  const [, host, port] = /^(?:(.*):)?(\d+)$/.exec(address) ?? [];
  process.getBuiltinModule("node:inspector").open(port ? Number(port) : 9229, host, wait);
}

/** @param {string[]} specifiers */
async function importAll(specifiers) {
  const load = vm.runInThisContext("(specifier) => import(specifier)", {
    filename: join(process.cwd(), "[import]"),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  for (const specifier of specifiers) await load(specifier);
}

/**
 * A module of no file, which finds others from the working directory.
 *
 * @param {string} name
 */
function moduleAt(name) {
  const module = new Module(name, null);
  module.filename = join(process.cwd(), name);
  module.paths = Module._nodeModulePaths(process.cwd());
  return module;
}

/**
 * @param {string} text
 * @param {string} name
 * @param {{ options: CommandLine["options"], isPrinted: boolean, requireOf: (module: any) => any }} how
 */
function evaluate(text, name, { options, isPrinted, requireOf }) {
  const type = options.find(([option]) => option === "--input-type")?.[1];
  if (type?.startsWith("module")) return evaluateModule(text, name);
  const module = moduleAt(name);
  Object.assign(globalThis, {
    module,
    exports: module.exports,
    require: requireOf(module),
    __filename: name,
    __dirname: ".",
  });
  for (const id of Module.builtinModules)
    if (!/^_|[/:]/.test(id) && !(id in globalThis))
      Object.defineProperty(globalThis, id, {
        configurable: true,
        enumerable: false,
        get: () => process.getBuiltinModule(id),
        set: (value) => Object.defineProperty(globalThis, id, { value, writable: true, configurable: true }),
      });
  const script = scriptOf(text, name, type === undefined);
  if (script === undefined) return evaluateModule(text, name);
  const value = script.runInThisContext();
  if (isPrinted) console.log(value);
}

/**
 * Undefined for what has the syntax of a module, where that may be one: as node takes it without --input-type.
 *
 * @param {string} text
 * @param {string} name
 * @param {boolean} [mayBeModule]
 */
function scriptOf(text, name, mayBeModule = true) {
  try {
    return new vm.Script(text, {
      filename: name,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
  } catch (error) {
    const isModule =
      /Cannot use import statement|Unexpected token 'export'|'import\.meta'|await is only valid/;
    if (mayBeModule && isModule.test(/** @type {Error} */ (error).message)) return undefined;
    throw error;
  }
}
exports.scriptOf = scriptOf;

/**
 * @param {string} text
 * @param {string} name
 */
function evaluateModule(text, name) {
  const url = pathToFileURL(join(process.cwd(), `${name}1`)).href;
  Module.registerHooks({
    resolve: (/** @type {string} */ specifier, /** @type {any} */ context, /** @type {Function} */ next) =>
      specifier === url ? { url, format: "module", shortCircuit: true } : next(specifier, context),
    load: (/** @type {string} */ loaded, /** @type {any} */ context, /** @type {Function} */ next) =>
      loaded === url ? { format: "module", source: text, shortCircuit: true } : next(loaded, context),
  });
  return import(url);
}
exports.evaluateModule = evaluateModule;

async function standardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
