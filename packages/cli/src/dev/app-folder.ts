import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Artifact, Project } from "@sbp/core";

/** A bundle that node can run. */
export interface RunnableBundle {
  /** The path under which the bundle runs: that of the entry. Absolute. */
  readonly main: string;
  /** Tells bootstrap/dev.cjs what stands for which source. */
  readonly overlay: string;
  /** The main file's code, where it lies, and whether it is a module. */
  readonly code: string;
  readonly format: string;
  readonly digest: string;
  /** Puts the source maps in their places, unless they are there, or the bundle is gone. Never rejects. */
  putMaps(): Promise<void>;
  /** No process needs it any more. */
  remove(): Promise<void>;
}

/** Beside the built command's one folder of files, or in the sources. */
const bootstrap = ["bootstrap/dev.cjs", "../bootstrap/dev.cjs"]
  .map((path) => join(import.meta.dirname, path))
  .find((path) => existsSync(path))!;
const scripts = /^files\/(?!(?:.*\/)?node_modules\/).*\.[cm]?[jt]sx?$/;

/**
 * Where an app's bundles are put for node. Files that executables carry are not: node reads those of the project, which
 * lie at the same places relative to the main file.
 */
export class AppFolder {
  readonly dir: string;
  #generation = 0;
  readonly #bundles = new Set<RunnableBundle>();

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** `dir` is empty, and the caller's to remove. */
  static async create(dir: string): Promise<AppFolder> {
    await copyFile(bootstrap, join(dir, "boot.cjs"));
    await copyFile(join(dirname(bootstrap), "source-maps.cjs"), join(dir, "source-maps.cjs"));
    await mkdir(join(dir, "node_modules"));
    // Stands for what a process loads while it waits.
    await writeFile(join(dir, "node_modules/warm.mjs"), "");
    return new AppFolder(dir);
  }

  /** What node's option --require takes. */
  get boot(): string {
    return join(this.dir, "boot.cjs");
  }

  /**
   * Puts a bundle there, with maps that lead to the project's sources: those follow with `putMaps` (see bootstrap/source-maps.cjs).
   * Few and small files, and somebody waits: written at once, they take a third of the time.
   */
  async put(bundle: Artifact, project: Project): Promise<RunnableBundle> {
    const dir = join(this.dir, `${++this.#generation}`);
    mkdirSync(dir);
    const projectDir = realpathSync(project.dir);
    const meta = bundle.meta as { readonly entry?: string; readonly place?: string; readonly main: string };
    const { place = meta.main } = meta;
    const main = resolve(projectDir, meta.entry ?? place);
    const isPlaced = main.split(sep).join("/").endsWith(`/${place}`);
    const root = isPlaced ? main.slice(0, -place.length) : projectDir;
    const codes = scriptsOf(bundle).map(({ path, map }) => ({
      path,
      map,
      source: join(root, path.slice("files/".length)),
    }));
    codes.push({ path: meta.main, map: `${meta.main}.map`, source: main });
    const maps: MapPlace[] = [];
    const overlay: Record<string, { readonly code: string; readonly format: string }> = {};
    for (const [index, { path, map, source }] of codes.entries()) {
      const code = join(dir, `${index}.js`);
      const text = (await bundle.read(path)).toString();
      overlay[source] = { code, format: formatOf(text, meta.main) };
      const hasMap = bundle.files.some((file) => file.path === map);
      if (hasMap) {
        maps.push({ map, file: `${code}.map` });
        writeFileSync(`${code}.map`, JSON.stringify(followedBy(`${code}.map`)));
      }
      writeFileSync(code, text.replace(mapComment, hasMap ? `//# sourceMappingURL=${code}.map\n` : ""));
    }
    const file = join(dir, "overlay.json");
    writeFileSync(file, JSON.stringify(overlay));
    // For workers and children, which know of no bundle.
    writeFileSync(join(this.dir, "overlay.json"), JSON.stringify(overlay));
    /** Whoever removes the folder waits for those who write into it. */
    let work: Promise<void> | undefined;
    const bundleInFolder: RunnableBundle = {
      main,
      overlay: file,
      ...overlay[main]!,
      digest: bundle.digest,
      putMaps: () => (work ??= putMaps(bundle, maps, projectDir)),
      remove: async () => {
        work ??= Promise.resolve();
        await work;
        this.#bundles.delete(bundleInFolder);
        await rm(dir, { recursive: true, force: true });
      },
    };
    this.#bundles.add(bundleInFolder);
    return bundleInFolder;
  }

  /** Removes all bundles. */
  async close(): Promise<void> {
    await Promise.all([...this.#bundles].map((bundle) => bundle.remove()));
  }
}

interface MapPlace {
  /** In the artifact. */
  readonly map: string;
  /** Absolute. */
  readonly file: string;
}

async function putMaps(bundle: Artifact, maps: readonly MapPlace[], projectDir: string): Promise<void> {
  for (const { map, file } of maps)
    try {
      await writeFile(`${file}.tmp`, withRoot((await bundle.read(map)).toString(), projectDir));
      await rename(`${file}.tmp`, file);
    } catch {
      // The cache was cleared: stack traces have the places in the bundle.
    }
}

const mapComment = /\/\/# sourceMappingURL=\S+\s*$/;

/** Scripts of workers and children: carried as what they were bundled to. */
function scriptsOf({ files }: Artifact): { path: string; map: string }[] {
  const maps = new Set(files.flatMap(({ path }) => (path.startsWith("maps/") ? [path] : [])));
  return files.flatMap(({ path }) => {
    const map = `maps/${path.slice("files/".length)}.map`;
    return scripts.test(path) && maps.has(map) ? [{ path, map }] : [];
  });
}

/** The comment at the end of a bundle names its map after it, `script.mjs.map`; without one it is of the main file's kind. */
function formatOf(code: string, main: string): string {
  const name = mapComment.exec(code)?.[0] ?? main;
  return /\.cjs(\.map)?\s*$/.test(name) ? "commonjs" : "module";
}

/** Stands for a map that is not there yet. */
function followedBy(file: string) {
  return { version: 3, sources: [], names: [], mappings: "", x_sbp_follows: file };
}

/** A map whose sources are relative to the project. */
function withRoot(map: string, projectDir: string): string {
  return map.replace("{", `{"sourceRoot":${JSON.stringify(`${pathToFileURL(projectDir).href}/`)},`);
}
