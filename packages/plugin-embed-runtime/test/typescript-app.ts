import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { scratchFolder } from "./app.ts";

/** An app in TypeScript with a dependency. What it does is its first argument. */
export const typescriptApp: Readonly<Record<string, string>> = {
  "src/main.ts": `import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { old, shout } from "shout";
import { Greeter, inner } from "./lib/greeter.ts";

interface NotInTheBundle {
  readonly name: string;
}

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

async function afterAWhile(input: NotInTheBundle): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  throw new Error(input.name);
}

async function awaiting(): Promise<void> {
  await afterAWhile({ name: "late" });
}

const faces: Record<string, () => unknown> = {
  hello: () => console.log("hello", Error.prepareStackTrace?.length, process.sourceMapsEnabled ?? false),
  caught: () => console.log(caught(() => new Greeter("x").greet()).stack),
  dependency: () => console.log(caught(() => shout()).stack),
  uncaught: () => new Greeter("x").greet(),
  rejected: () => void awaiting(),
  async: () => awaiting().catch((error) => console.log(error.stack)),
  nested: () => console.log(inner(), caught(inner().pop() as () => void).stack),
  cause: () => console.log(new Error("outer", { cause: caught(() => new Greeter("x").greet()) })),
  exitCode: () => {
    process.on("uncaughtException", (error) => {
      console.log(error.stack?.split("\\n")[1]);
      process.exitCode = 9;
    });
    new Greeter("x").greet();
  },
  // As depd does it for Express.
  callSite: () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    Error.prepareStackTrace = (_, trace) => trace;
    Error.stackTraceLimit = 3;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder);
    const [site] = holder.stack as NodeJS.CallSite[];
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
    console.log(site!.getFileName(), site!.getLineNumber()! > 0);
    console.log(caught(() => new Greeter("x").greet()).stack);
  },
  ownFormat: () => {
    Error.prepareStackTrace = (error, trace) => \`mine: \${error.message} \${trace[0]!.getFileName()}\`;
    console.log(caught(() => new Greeter("x").greet()).stack);
  },
  wrappedFormat: () => {
    const original = Error.prepareStackTrace!;
    Error.prepareStackTrace = (error, trace) => \`mine: \${original(error, trace)}\`;
    console.log(caught(() => new Greeter("x").greet()).stack);
  },
  frozen: () => {
    Object.freeze(Error);
    for (let round = 0; round < 2; round++)
      console.log(caught(() => new Greeter("x").greet()).stack?.split("\\n")[1]);
  },
  overflow: () => {
    const deep = (): number => {
      try {
        return deep() + 1;
      } catch (error) {
        return (error as Error).stack!.length;
      }
    };
    deep();
    console.log(caught(() => new Greeter("x").greet()).stack);
  },
  disk: () => {
    const file = \`\${process.cwd()}/file.cjs\`;
    writeFileSync(file, "exports.fail = () => { throw new Error('on disk'); };");
    console.log(caught(createRequire(file)(file).fail).stack);
  },
  deprecated: () => console.log(String(Buffer("by the app"))),
  deprecatedInDependency: () => console.log(String(old("by a package"))),
  garbage: async () => {
    console.log(caught(() => new Greeter("x").greet()).stack?.split("\\n")[1]);
    const { setFlagsFromString } = await import("node:v8");
    setFlagsFromString("--expose-gc");
    const collect = (await import("node:vm")).runInNewContext("gc") as () => void;
    for (let round = 0; round < 3; round++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log(caught(() => new Greeter("x").greet()).stack?.split("\\n")[1]);
  },
};
await0(faces[process.argv[2] ?? "hello"]!());

function await0(value: unknown): unknown {
  return value;
}
`,
  "src/lib/greeter.ts": `export type Name = string;

export class Greeter {
  readonly name: Name;
  constructor(name: Name) {
    this.name = name;
  }
  greet(): void {
    if (this.name !== "") throw new TypeError(\`no greeting for \${this.name}\`);
  }
}

export function inner(): unknown[] {
  const aLocalFunction = () => {
    function evenDeeper(): never {
      throw new Error("deep");
    }
    evenDeeper();
  };
  return [aLocalFunction.name, aLocalFunction];
}
`,
  "node_modules/shout/package.json": `{ "name": "shout", "version": "1.0.0", "type": "module", "main": "index.js" }`,
  "node_modules/shout/index.js": `// A comment that no bundle keeps.
export function shout() {
  throw new Error("shouted");
}
export const old = (text) => Buffer(text);
`,
};

export interface BundleRequest {
  readonly format: "esm" | "cjs";
  readonly minify: boolean;
  readonly sourcesContent?: boolean;
}

/** The app as the step bundle makes it: one file and its source map. */
export async function bundleTypescript({ format, minify, sourcesContent = false }: BundleRequest) {
  const folder = await scratchFolder();
  for (const [path, text] of Object.entries(typescriptApp)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ["src/main.ts"],
    outfile: join(folder, "main.out"),
    write: false,
    bundle: true,
    platform: "node",
    target: "node22",
    format,
    minify,
    lineLimit: 200,
    keepNames: true,
    sourcemap: "external",
    sourcesContent,
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text;
  return { code: text("main.out"), map: text(".map") };
}

/** \`file:line:column\` of a text in the app's sources. */
export function placeOf(file: string, text: string): string {
  const source = typescriptApp[file]!;
  const before = source.slice(0, source.indexOf(text)).split("\n");
  return `${file}:${before.length}:${before.at(-1)!.length + 1}`;
}
