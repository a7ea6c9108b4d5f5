import { realpathSync } from "node:fs";
import { canonicalJson, type JsonObject, type RunContext, SbpError } from "@sbp/core";
import { build } from "./build.ts";
import { toWarnings } from "./diagnostic.ts";
import { findEntry } from "./entry.ts";
import { leftImports } from "./external.ts";
import { declaredInputs } from "./inputs.ts";
import type { BundleOptions } from "./options.ts";
import { bundledPackages } from "./packages.ts";

/** The run of the plugin: builds, declares what was read, and writes the artifact. */
export async function bundle(context: RunContext<BundleOptions>): Promise<void> {
  const { options, signal } = context;
  // esbuild names files by their real paths: seen from a symlink, relative paths would tell where it lies.
  const projectDir = realpathSync(context.projectDir);
  const entry = await findEntry(projectDir, options.entry);
  const name = fileName(context.app?.name ?? "app");

  context.progress(`bundling ${entry.path}`);
  const { format, main, code, map, missing, metafile, warnings } = await build(
    { projectDir, entry, name, options },
    signal,
  );

  for (const diagnostic of toWarnings(warnings)) context.report(diagnostic);
  for (const diagnostic of missing) context.report(diagnostic);
  const left = leftImports({ projectDir, metafile, main, external: options.external ?? [] });
  const refused = left.filter((diagnostic) => diagnostic.severity === "error");
  if (refused[0])
    throw new SbpError(refused[0].code, refused[0].message, { ...refused[0], diagnostics: refused });
  for (const diagnostic of left) context.report(diagnostic);

  context.dependOn(
    ...declaredInputs({
      projectDir,
      givenDir: context.projectDir,
      entry: entry.path,
      metafile,
      ...(options.tsconfig && { tsconfig: options.tsconfig }),
    }),
  );
  const packages = bundledPackages(projectDir, metafile, main);
  context.log.debug(
    `${main}: ${code.byteLength} bytes, ${format}, ${Object.keys(metafile.inputs).length} files, ${packages.length} packages`,
  );

  const meta = {
    format,
    main,
    entry: entry.path,
    packages: packages.length,
    bytes: code.byteLength,
    // Names are pinned in the code: a later minification need not do it again.
    keepNames: options.keepNames,
  };
  await context.write("bundle", meta, async (out) => {
    await out.file(main, code);
    if (map) await out.file(`${main}.map`, map);
    await out.file("metafile.json", canonicalJson(metafile as unknown as JsonObject));
    await out.file("packages.json", `${JSON.stringify(packages, null, 2)}\n`);
  });
}

/** A file name from the app's name: without the scope, and without what file systems take amiss. */
function fileName(appName: string): string {
  const plain = appName.replace(/^@[^/]*\//, "").replace(/[^A-Za-z0-9._-]+/g, "-");
  return plain.replace(/^[.-]+/, "") || "app";
}
