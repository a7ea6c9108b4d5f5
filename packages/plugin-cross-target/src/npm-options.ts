import { join } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";

/** The user's npm configuration in the form that npm's own libraries take. Holds secrets: never log it. */
export type NpmOptions = {
  readonly [key: string]: unknown;
  /** The registry that npm takes for granted: tarball addresses of that host mean "the configured registry". */
  readonly defaultRegistry: string;
};

/** What npm's configuration library changes in the environment of the process while it loads. */
const touchedVariables = ["NODE_ENV", "npm_config_user_agent"] as const;

/**
 * The npm configuration as npm itself would see it in the project: environment, .npmrc of project, user and
 * machine. It decides registry, credentials, proxies and certificates. Throws SBP_NPM_CONFIG.
 */
export async function loadNpmOptions(projectDir: string, env = process.env): Promise<NpmOptions> {
  const [{ default: Config }, { default: npm }] = await Promise.all([
    import("@npmcli/config"),
    import("@npmcli/config/lib/definitions/index.js"),
  ]);
  const settings = {
    definitions: npm.definitions,
    shorthands: npm.shorthands,
    nerfDarts: npm.nerfDarts,
    flatten: npm.flatten,
    // A copy, because loading writes to it; and no arguments, because those of sbp are none of npm's.
    env: { ...env },
    argv: [process.execPath, "sbp"],
    cwd: projectDir,
    // Only says where a configuration that comes with npm would lie.
    npmPath: join(projectDir, "node_modules", "npm"),
    warn: false,
  };
  const before = touchedVariables.map((name) => [name, process.env[name]] as const);
  try {
    const config = new Config(settings);
    await config.load();
    config.validate();
    return { ...config.flat, defaultRegistry: npm.definitions.registry.default };
  } catch (error) {
    throw new SbpError("SBP_NPM_CONFIG", `npm's configuration cannot be used: ${(error as Error).message}`, {
      hint: "Correct it (`npm config list` shows where it comes from, `npm config fix` repairs credentials).",
      exitCode: exitCodes.badUsage,
    });
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
