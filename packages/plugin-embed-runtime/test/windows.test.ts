import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describePe, fromBytes, type PeDescription, readPe } from "@sbp/executable";
import { beforeAll, describe, expect, test } from "vitest";
import { readobj } from "../../executable/test/pe-tools.ts";
import { run as runTool } from "../../executable/test/tools.ts";
import { type AppBuilder, appBuilder, scratchFolder } from "./app.ts";
import { makeIcon } from "./icon.ts";

let builder: AppBuilder;
beforeAll(async () => {
  builder = await appBuilder("22.23.2", "win32-x64");
});

const build = (options: Parameters<AppBuilder["build"]>[2] = {}) =>
  builder.build("main.cjs", "console.log(1)", options);
const described = async (path: string): Promise<PeDescription> =>
  describePe(await readPe(fromBytes(await readFile(path))));

describe("an executable for Windows", () => {
  test("is the app, not Node.js, where nothing is said", async () => {
    const { path, artifact, reported, files } = await build({
      app: { name: "@acme/health", version: "1.2.3-beta.4+5" },
    });
    const { version, subsystem } = await described(path);
    expect(version).toEqual({
      fileVersion: "1.2.3.0",
      productVersion: "1.2.3.0",
      strings: {
        FileDescription: "health",
        FileVersion: "1.2.3-beta.4+5",
        InternalName: "health",
        OriginalFilename: "health.exe",
        ProductName: "health",
        ProductVersion: "1.2.3-beta.4+5",
      },
    });
    expect(subsystem).toBe("console");
    expect(artifact.meta).not.toHaveProperty("signature");
    expect({ reported, files }).toEqual({ reported: [], files: [] });
  });

  test("says what the options say", async () => {
    const { path } = await build({
      name: "tool",
      windows: {
        productName: "Héalth",
        fileDescription: "Watches 例",
        companyName: "Example & Söhne",
        legalCopyright: "© 2026 Example",
        fileVersion: "4.3.2.1",
        productVersion: "2026",
        subsystem: "gui",
      },
    });
    const { version } = await described(path);
    expect(version).toEqual({
      fileVersion: "4.3.2.1",
      productVersion: "2026.0.0.0",
      strings: {
        CompanyName: "Example & Söhne",
        FileDescription: "Watches 例",
        FileVersion: "4.3.2.1",
        InternalName: "app",
        LegalCopyright: "© 2026 Example",
        OriginalFilename: "tool.exe",
        ProductName: "Héalth",
        ProductVersion: "2026",
      },
    });
    expect(await readobj(path, "--file-headers")).toContain("Subsystem: IMAGE_SUBSYSTEM_WINDOWS_GUI ");
  });

  test("has the icon, which is an input", async () => {
    const icon = makeIcon();
    await writeFile(join(builder.folder, "app.ico"), icon);
    const { path, files } = await build({ windows: { icon: "app.ico" } });
    expect(files).toEqual(["app.ico"]);
    const again = join(await scratchFolder(), "again.ico");
    await runTool("wrestool", ["--extract", "--type=14", `--output=${again}`, path]);
    const bytes = await readFile(again);
    expect(bytes.subarray(0, icon.length).equals(icon)).toBe(true);
    // wrestool writes some zeros more.
    expect(bytes.subarray(icon.length).every((byte) => byte === 0)).toBe(true);
  });

  test("is built although Windows has no such version, with a warning", async () => {
    for (const version of ["20261123.1.0", "1.2.70000", "nightly", `1.${"0".repeat(2000)}`]) {
      const { path, reported } = await build({ app: { name: "app", version } });
      expect(reported).toMatchObject([{ severity: "warning", code: "SBP_WINDOWS_VERSION_UNKNOWN" }]);
      expect((await described(path)).version).toMatchObject({ fileVersion: "0.0.0.0" });
    }
    const { path, reported } = await build({
      app: { name: "app", version: "nightly" },
      windows: { fileVersion: "7" },
    });
    expect(reported).toEqual([]);
    expect((await described(path)).version).toMatchObject({
      fileVersion: "7.0.0.0",
      productVersion: "7.0.0.0",
    });
  });
});

describe("refused is", () => {
  test("a version that is none", async () => {
    for (const version of ["v1", "1.65536", "70000", "1.2.123456"])
      for (const key of ["fileVersion", "productVersion"])
        await expect(build({ windows: { [key]: version } })).rejects.toMatchObject({
          code: "SBP_WINDOWS_VERSION_INVALID",
          message: `"windows.${key}" is "${version}", which is no version for Windows`,
          exitCode: 2,
        });
  });

  test("an icon that is none, or not there", async () => {
    const write = (name: string, content: string | Uint8Array) =>
      writeFile(join(builder.folder, name), content);
    await write("wrong.ico", "\x89PNG\r\n\x1a\n");
    await write("cut.ico", makeIcon().subarray(0, 100));
    const icon = (path: string) => expect(build({ windows: { icon: path } })).rejects;
    await icon("wrong.ico").toMatchObject({
      code: "SBP_ICON_INVALID",
      message: '"wrong.ico", which "windows.icon" names: this is no icon: it is not in the format .ico',
      exitCode: 2,
    });
    await icon("cut.ico").toMatchObject({ code: "SBP_ICON_INVALID" });
    await icon("missing/none.ico").toMatchObject({
      code: "SBP_OPTION_FILE",
      message: '"missing/none.ico", which "windows.icon" names, does not exist',
      exitCode: 2,
    });
    await icon(".").toMatchObject({
      code: "SBP_OPTION_FILE",
      message: expect.stringContaining("not a file"),
    });
    await write("huge.ico", Buffer.alloc(16 * 1024 * 1024 + 1));
    await icon("huge.ico").toMatchObject({
      code: "SBP_OPTION_FILE",
      message: expect.stringContaining("16777216"),
    });
  });
});
