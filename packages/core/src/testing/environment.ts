/** Variables to set; undefined takes one away. */
export type EnvironmentChanges = Readonly<Record<string, string | undefined>>;

/** Runs with these variables changed, and puts them back. Two at once would see each other's. */
export async function withEnvironment<T>(changes: EnvironmentChanges, work: () => Promise<T>): Promise<T> {
  const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(changes)) put(name, value);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) put(name, value);
  }
}

function put(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/**
 * Runs and tells the variables that were read one by one. Those that go to a child are not among them: for a child all
 * are listed first.
 */
export async function readVariables<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly names: ReadonlySet<string> }> {
  const names = new Set<string>();
  const real = process.env;
  let isListed = false;
  process.env = new Proxy(real, {
    get(target, name) {
      if (typeof name === "string" && !isListed) names.add(name);
      return Reflect.get(target, name);
    },
    has(target, name) {
      if (typeof name === "string") names.add(name);
      return Reflect.has(target, name);
    },
    // Only the real one takes a value as it comes.
    set: (target, name, value) => Reflect.set(target, name, value),
    ownKeys(target) {
      isListed = true;
      // Whoever lists them reads them at once.
      queueMicrotask(() => {
        isListed = false;
      });
      return Reflect.ownKeys(target);
    },
  });
  try {
    return { result: await work(), names };
  } finally {
    process.env = real;
  }
}

/**
 * Says where things are or how to reach them, or belongs to what runs the tests, and changes no result by itself: plugins
 * may read it without a word.
 */
const free =
  /^(PATH|PATHEXT|HOME|HOMEDRIVE|HOMEPATH|USERPROFILE|APPDATA|LOCALAPPDATA|TMPDIR|TEMP|TMP|PWD|SHELL|COMSPEC|SYSTEMROOT|WINDIR|XDG_\w+|npm_\w+|\w+_proxy|SSL_CERT_\w+|NODE_(OPTIONS|PATH|EXTRA_CA_CERTS|V8_COVERAGE|COMPILE_CACHE|DEBUG|CHANNEL_\w+|UNIQUE_ID|TEST_CONTEXT)|SBP_CACHE_DIR|VITEST\w*|TEST|toString|toJSON|then|constructor)$/i;

/** Whether a variable has to be declared by who reads it. */
export function mustBeDeclared(name: string): boolean {
  return !free.test(name);
}

/** What differs between machines that build the same: a result must not. */
export const elsewhere: EnvironmentChanges = {
  TZ: "Pacific/Kiritimati",
  LANG: "tr_TR.UTF-8",
  LC_ALL: "C",
  USER: "somebody",
  LOGNAME: "somebody",
  HOSTNAME: "elsewhere",
  NODE_ENV: "sbp-contract",
  CI: "sbp-contract",
  DEBUG: undefined,
  COLUMNS: "31",
  NO_COLOR: "1",
  FORCE_COLOR: undefined,
  SOURCE_DATE_EPOCH: "86400",
  EDITOR: "sbp-contract",
};
