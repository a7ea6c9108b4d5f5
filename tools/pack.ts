/* Packs every publishable package as dist/npm/<name>-<version>.tgz. `npm run pack` has built them before. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const destination = join(root, "dist/npm");
rmSync(destination, { recursive: true, force: true });
mkdirSync(destination, { recursive: true });

const packages = readdirSync(join(root, "packages")).flatMap((name) => ["-w", `packages/${name}`]);
execFileSync("npm", ["pack", "--silent", "--pack-destination", destination, ...packages], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
});
for (const file of readdirSync(destination).sort()) {
  console.log(`dist/npm/${file}  ${(statSync(join(destination, file)).size / 1000).toFixed(0)} kB`);
}
