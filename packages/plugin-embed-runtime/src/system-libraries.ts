import { SbpError, type Target } from "@sbp/core";

/*
 * Executables for Linux carry their libraries. For macOS and Windows that is neither possible nor needed: the systems have theirs,
 * at fixed places, and a program cannot do without them. What has to be made sure of is that a runtime needs no others.
 */

/** What macOS keeps its own libraries in; nobody else can write there. */
const ofMacos = /^\/(?:usr\/lib|System\/Library)\/(?!.*\.\.)/;

/**
 * Libraries that every Windows 10 and newer has, Server Core among them, by the names before ".dll". The Visual C++ runtime
 * (vcruntime140, msvcp140) is none of them: it comes with an installer.
 */
const ofWindows = new Set(
  `advapi32 authz bcrypt bcryptprimitives cfgmgr32 combase comctl32 comdlg32 crypt32 cryptbase cryptui dbgcore dbghelp dnsapi
  fwpuclnt gdi32 imm32 iphlpapi kernel32 kernelbase mpr msvcrt mswsock ncrypt netapi32 normaliz ntdll ole32 oleaut32 pdh powrprof
  propsys psapi rpcrt4 secur32 setupapi shell32 shlwapi sspicli tdh ucrtbase user32 userenv version wevtapi winhttp wininet winmm
  wintrust wldap32 ws2_32 wtsapi32`.split(/\s+/),
);

/** API sets: names that Windows itself leads to whichever of its libraries has the functions. */
const apiSet = /^(?:api|ext)-ms-win-[\w-]+$/;

/**
 * Refuses a runtime for macOS or Windows that would need a library which the system does not have.
 *
 * @throws SbpError SBP_RUNTIME_NOT_SELF_CONTAINED
 */
export function checkSystemLibraries(target: Target, needed: readonly string[]): void {
  const [system, isOwn] = target.startsWith("win32-")
    ? (["Windows", isOfWindows] as const)
    : (["macOS", (name: string) => ofMacos.test(name)] as const);
  const others = needed.filter((name) => !isOwn(name));
  if (others.length === 0) return;
  throw new SbpError(
    "SBP_RUNTIME_NOT_SELF_CONTAINED",
    `the runtime needs what is no library of ${system}: ${others.join(", ")}`,
    {
      hint: 'Use an official build of Node, or set "selfContained": false in the step embed-runtime: then the executable needs these on the machine.',
    },
  );
}

function isOfWindows(library: string): boolean {
  const name = /^(.+)\.dll$/i.exec(library)?.[1]?.toLowerCase();
  return name !== undefined && (ofWindows.has(name) || apiSet.test(name));
}
