import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Targets whose executables can be run here, in the order of the table's columns. */
export const runnableTargets = ["linux-x64", "linux-arm64", "win32-x64"] as const;
export type RunnableTarget = (typeof runnableTargets)[number];

/** An app of the test bed: what its folder says. */
export interface App {
  readonly name: string;
  readonly folder: string;
  /** The file that node runs, relative to the folder. */
  readonly main: string;
  /** The packages that it is about. */
  readonly packages: readonly string[];
  /** Flags that plain node needs for the sources (JSX), before the main file. */
  readonly node: readonly string[];
  readonly args: readonly string[];
  readonly stdin: string;
  readonly exitCode: number;
  readonly targets: readonly RunnableTarget[];
  /** What it shows, in one line. */
  readonly what: string;
}

type Description = Partial<Omit<App, "name" | "folder" | "main">>;

/** All apps, by name. */
export function readApps(appsFolder: string): readonly App[] {
  return readdirSync(appsFolder)
    .sort()
    .map((name) => readApp(join(appsFolder, name), name));
}

function readApp(folder: string, name: string): App {
  const { main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { main: string };
  const file = join(folder, "app.json");
  const given: Description = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  return {
    name,
    folder,
    main,
    packages: [],
    node: [],
    args: [],
    stdin: "",
    exitCode: 0,
    targets: ["linux-x64"],
    what: "",
    ...given,
  };
}
