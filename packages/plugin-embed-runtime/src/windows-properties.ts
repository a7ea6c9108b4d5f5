import { exitCodes, type RunContext, SbpError } from "@sbp/core";
import type { PeVersion } from "@sbp/executable";
import type { AppNames } from "./platform-properties.ts";
import { type ProjectFile, readProjectFile } from "./project-file.ts";
import { readSigner, type Signer } from "./signer.ts";
import type { WindowsOptions } from "./windows-options.ts";
import { isWindowsVersion } from "./windows-version.ts";

/** What an executable for Windows says of itself, and who signs it. */
export interface WindowsProperties {
  readonly icon: ProjectFile | undefined;
  readonly version: PeVersion;
  /** Undefined for the runtime's own. */
  readonly subsystem: "console" | "gui" | undefined;
  readonly signer: Signer | undefined;
  readonly url: string | undefined;
}

const maxIconBytes = 16 * 1024 * 1024;

/**
 * Reads what the options of an executable for Windows name. Without any it has the app's name and version: what runs
 * is the app, not Node.js. Throws SBP_OPTION_FILE, SBP_WINDOWS_VERSION_INVALID and what `readSigner` throws; reports
 * SBP_WINDOWS_VERSION_UNKNOWN.
 */
export async function windowsProperties(
  context: Pick<RunContext, "dependOn" | "projectDir" | "report">,
  options: WindowsOptions,
  names: AppNames,
): Promise<WindowsProperties> {
  const { icon, subsystem, url } = options;
  return {
    icon: icon === undefined ? undefined : await readProjectFile(context, "windows.icon", icon, maxIconBytes),
    version: versionInformation(context, options, names),
    subsystem,
    signer: await readSigner(context, "windows", options),
    url,
  };
}

function versionInformation(
  { report }: Pick<RunContext, "report">,
  options: WindowsOptions,
  names: AppNames,
): PeVersion {
  const { productName = names.app, companyName, legalCopyright } = options;
  for (const key of ["fileVersion", "productVersion"] as const) {
    const version = options[key];
    if (version === undefined || isWindowsVersion(version)) continue;
    throw new SbpError(
      "SBP_WINDOWS_VERSION_INVALID",
      `"windows.${key}" is "${version}", which is no version for Windows`,
      {
        hint: "It begins with up to four numbers, each below 65536, with dots between them: 1.2.3",
        exitCode: exitCodes.badUsage,
      },
    );
  }
  const ofApp = isWindowsVersion(names.version) ? names.version : undefined;
  const fileVersion = options.fileVersion ?? ofApp;
  const productVersion = options.productVersion ?? ofApp ?? fileVersion;
  if (fileVersion === undefined)
    report({
      severity: "warning",
      code: "SBP_WINDOWS_VERSION_UNKNOWN",
      message: `The app's version "${names.version.slice(0, 100)}" is none for Windows: the executable says 0.0.0.0`,
      hint: 'Set "windows.fileVersion" to up to four numbers, each below 65536.',
    });
  return {
    productName,
    fileDescription: options.fileDescription ?? productName,
    internalName: names.app,
    originalFilename: names.fileName,
    ...(companyName === undefined ? {} : { companyName }),
    ...(legalCopyright === undefined ? {} : { legalCopyright }),
    ...(fileVersion === undefined ? {} : { fileVersion }),
    ...(productVersion === undefined ? {} : { productVersion }),
  };
}
