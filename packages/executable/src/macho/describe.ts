import { type MachoSignature, readMachoSignature } from "./code-signature.ts";
import type { MachoArchitecture, MachoType } from "./header.ts";
import { commandData, commandText, commandType, type MachoCommand, singleCommand } from "./load-command.ts";
import type { MachoFile } from "./macho-file.ts";

/** What a Mach-O file is and needs. */
export interface MachoDescription {
  readonly architecture: MachoArchitecture;
  readonly type: MachoType;
  /** The linker's identification of this build, in hex (LC_UUID). */
  readonly uuid: string | undefined;
  /** Number of the platform; 1 is macOS (LC_BUILD_VERSION). */
  readonly platform: number | undefined;
  /** The oldest system that it runs on, such as "13.5". */
  readonly minimumSystem: string | undefined;
  /** The SDK that it was built with, such as "15.5". */
  readonly sdk: string | undefined;
  /** Where the first instruction is in the file; undefined for libraries. */
  readonly entryOffset: number | undefined;
  /** The dynamic linker; undefined for libraries. */
  readonly interpreter: string | undefined;
  /** The libraries that the dynamic linker must find, in the file's order. */
  readonly needed: readonly string[];
  /** Where it also looks for them (LC_RPATH). */
  readonly runPaths: readonly string[];
  readonly signature: MachoSignature | undefined;
}

const libraryTypes: readonly number[] = [
  commandType.loadLibrary,
  commandType.loadWeakLibrary,
  commandType.reexportLibrary,
  commandType.lazyLibrary,
  commandType.upwardLibrary,
];

/**
 * Describes a file that `readMacho` read, with a few KB more of reading.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function describeMacho(macho: MachoFile): Promise<MachoDescription> {
  const { commands, header } = macho;
  const one = (type: number) => commands.find((command) => command.type === type);
  const all = (...types: number[]) => commands.filter(({ type }) => types.includes(type));
  const uuid = one(commandType.uuid);
  const main = one(commandType.main);
  const linker = one(commandType.loadLinker);
  return {
    architecture: header.architecture,
    type: header.type,
    uuid: uuid && Buffer.from(commandData(uuid, 24).buffer, uuid.bytes.byteOffset + 8, 16).toString("hex"),
    ...readVersions(commands),
    entryOffset: main && Number(commandData(main, 24).getBigUint64(8, true)),
    interpreter: linker && commandText(linker, 8),
    needed: all(...libraryTypes).map((command) => commandText(command, 8)),
    runPaths: all(commandType.runPath).map((command) => commandText(command, 8)),
    signature: await readMachoSignature(macho),
  };
}

/** The SDK's version as LC_BUILD_VERSION holds it, 0xf0500 for 15.5; 0 when the file does not say. */
export function sdkVersion(commands: readonly MachoCommand[]): number {
  const build = singleCommand(commands, commandType.buildVersion);
  if (build) return commandData(build, 24).getUint32(16, true);
  const minimum = singleCommand(commands, commandType.minimumMacos);
  return minimum ? commandData(minimum, 16).getUint32(12, true) : 0;
}

function readVersions(commands: readonly MachoCommand[]) {
  const build = commands.find(({ type }) => type === commandType.buildVersion);
  if (build) {
    const data = commandData(build, 24);
    const [platform, minimum, sdk] = [8, 12, 16].map((at) => data.getUint32(at, true));
    return { platform, minimumSystem: versionText(minimum!), sdk: versionText(sdk!) };
  }
  const minimum = commands.find(({ type }) => type === commandType.minimumMacos);
  if (!minimum) return { platform: undefined, minimumSystem: undefined, sdk: undefined };
  const data = commandData(minimum, 16);
  const [oldest, sdk] = [data.getUint32(8, true), data.getUint32(12, true)];
  return { platform: 1, minimumSystem: versionText(oldest), sdk: versionText(sdk) };
}

/** 0xf0501 is 15.5.1. */
function versionText(version: number): string {
  const [major, minor, patch] = [version >>> 16, (version >>> 8) & 0xff, version & 0xff];
  return patch === 0 ? `${major}.${minor}` : `${major}.${minor}.${patch}`;
}
