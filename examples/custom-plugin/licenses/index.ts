import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { definePlugin, exitCodes, SbpError } from "@sbp/core";
import { options } from "./options.ts";

interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

export default definePlugin({
  name: "licenses",
  options,
  consumes: ["bundle"],
  produces: ["report"],
  scope: "project",
  async run({ options, artifacts, projectDir, dependOn, write }) {
    const packages: BundledPackage[] = JSON.parse(`${await artifacts.bundle.read("packages.json")}`);

    // What is read beyond artifacts and options is declared: a change of it runs the step again.
    dependOn({ file: options.exceptions });
    const exceptions = await readFile(join(projectDir, options.exceptions), "utf8").catch(() => "");

    const { allow } = options;
    const refused = packages.filter(
      ({ name, license }) => allow && !allow.includes(license) && !exceptions.split(/\r?\n/).includes(name),
    );
    if (refused.length > 0) {
      throw new SbpError("LICENSE_REFUSED", `${refused.length} packages have licences that are not allowed`, {
        diagnostics: refused.map(({ name, version, license }) => ({
          severity: "error",
          code: "LICENSE_REFUSED",
          message: `${name} ${version} is under ${license}`,
          hint: `Replace it, allow ${license}, or add ${name} to ${options.exceptions}.`,
        })),
        exitCode: exitCodes.policy,
      });
    }
    const lines = packages.map(({ name, version, license }) => `${name} ${version}: ${license}\n`);
    await write("report", { packages: packages.length }, (out) => out.file("licenses.txt", lines.join("")));
  },
});
