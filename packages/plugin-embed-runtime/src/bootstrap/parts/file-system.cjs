// @ts-check
"use strict";

/*
 * The embedded file system: what the app carries, mounted for node:fs and the module loaders by node:vfs. It is read
 * only. Contents are read where the kernel has mapped the executable; what is asked for is looked up in the pack's index,
 * of which nothing is unpacked at the start.
 *
 * Paths of the provider begin with a slash and are normalized; node:vfs takes care of that.
 */

/** @type {any} */
const fs = process.getBuiltinModule("node:fs");
// Not yet in the types.
/** @type {any} */
const vfs = process.getBuiltinModule(/** @type {any} */ ("node:vfs"));
const os = process.getBuiltinModule("node:os");
const { getSystemErrorMap } = process.getBuiltinModule("node:util");

const { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY, UV_DIRENT_DIR, UV_DIRENT_FILE, UV_DIRENT_LINK } = fs.constants;
const directoryBit = 0o40000;
const linkBit = 0o20000;
/** A module beside any other, whose `import.meta` resolves as its does; in no listing. */
const metaName = ".sbp-meta.mjs";
const metaText = "export default import.meta;";
const ownName = ".sbp";

/**
 * Mounts the pack.
 *
 * @param {any} pack as the bootstrap has opened it
 * @param {(name: string) => any} loadPart
 * @returns {string} the mount point, with a separator behind it
 */
exports.mount = function mount(pack, loadPart) {
  /** @type {string} */
  let root;
  const { bytes, entries, names, entryOf, fileAt } = pack;

  class PackProvider extends vfs.VirtualProvider {
    get readonly() {
      return true;
    }

    /** @param {string} path */
    existsSync(path) {
      return this.follow(path) !== undefined;
    }

    /**
     * @param {string} path
     * @param {any} [options]
     */
    statSync(path, options) {
      const entry = this.follow(path);
      if (entry !== undefined) return statsOf(entry, options);
      if (options?.throwIfNoEntry === false) return undefined;
      // The module loaders look for what is not there all the time, and nobody sees this stack.
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
      try {
        throw this.error("ENOENT", "stat", path);
      } finally {
        Error.stackTraceLimit = limit;
      }
    }

    /**
     * @param {string} path
     * @param {any} [options]
     */
    lstatSync(path, options) {
      const entry = this.find(path);
      if (entry !== undefined) return statsOf(entry, options);
      if (options?.throwIfNoEntry === false) return undefined;
      throw this.error("ENOENT", "lstat", path);
    }

    /**
     * In a recursive listing names are paths; node:vfs splits those of its own entries.
     *
     * @param {string} path
     * @param {any} [options]
     */
    readdirSync(path, options) {
      const listed = this.list(path, options?.recursive === true);
      if (options?.withFileTypes !== true) return listed.map(({ name }) => name);
      return listed.map(({ name, entry }) => new fs.Dirent(name, direntType(entry), path));
    }

    /**
     * @param {string} path
     * @param {any} [options]
     */
    async readdir(path, options) {
      const listed = this.list(path, options?.recursive === true);
      if (options?.withFileTypes !== true) return listed.map(({ name }) => name);
      return listed.map(({ name, entry }) => {
        const start = name.lastIndexOf("/") + 1;
        const folder = this.mounted(
          start === 0 ? path : `${path === "/" ? "" : path}/${name.slice(0, start - 1)}`,
        );
        return new fs.Dirent(name.slice(start), direntType(entry), folder);
      });
    }

    /**
     * @param {string} path
     * @param {any} [options]
     */
    readFileSync(path, options) {
      const flag = options?.flag;
      if (flag !== undefined && flag !== "r") this.checkReading(path, flag);
      const content = this.contentOf(path);
      const encoding = typeof options === "string" ? options : options?.encoding;
      // A copy, because the pack cannot be written to.
      return encoding && encoding !== "buffer" ? content.toString(encoding) : Buffer.from(content);
    }

    /**
     * @param {string} path
     * @param {string | number} [flags]
     */
    openSync(path, flags) {
      this.checkReading(path, flags);
      return new (packHandle())(this, path);
    }

    /** @param {string} path */
    realpathSync(path) {
      if (this.follow(path) === undefined) throw this.error("ENOENT", "realpath", path);
      if (pack.info.links === undefined) return path;
      for (let end = path.indexOf("/", 1); ; end = path.indexOf("/", end + 1)) {
        const start = end < 0 ? path : path.slice(0, end);
        const entry = this.find(start);
        if (entry !== undefined && isLink(entry))
          return this.realpathSync(`/${fileAt(entry).text()}${path.slice(start.length)}`);
        if (end < 0) return path;
      }
    }

    /** @param {string} path */
    readlinkSync(path) {
      const entry = this.find(path);
      if (entry !== undefined && isLink(entry)) return this.mounted(`/${fileAt(entry).text()}`);
      throw this.error(entry === undefined ? "ENOENT" : "EINVAL", "readlink", path);
    }

    /**
     * @param {string} path
     * @param {any} [options]
     */
    mkdirSync(path, options) {
      const entry = this.follow(path);
      if (entry === undefined) throw this.error("EROFS", "mkdir", path);
      if (options?.recursive === true && isDirectory(entry)) return undefined;
      throw this.error("EEXIST", "mkdir", path);
    }

    /**
     * @param {string} _path
     * @param {any} [options]
     */
    watch(_path, options) {
      return loadPart("file-system-calls").quietWatcher(options);
    }

    /**
     * @param {string} path
     * @param {any} options
     * @param {Function} [listener]
     */
    watchFile(path, options, listener) {
      return loadPart("file-system-calls").quietFileWatcher(path, options, listener);
    }

    /** @param {string} path */
    unwatchFile(path, /** @type {Function | undefined} */ listener) {
      loadPart("file-system-calls").endFileWatcher(path, listener);
    }

    /**
     * @param {string} _path
     * @param {any} [options]
     */
    watchAsync(_path, options) {
      return loadPart("file-system-calls").quietEvents(options);
    }

    /**
     * As `find`, and of a link the directory that it leads to.
     *
     * @param {string} path
     * @returns {number | undefined}
     */
    follow(path) {
      const entry = this.find(path);
      return entry !== undefined && isLink(entry) ? entryOf(fileAt(entry).text()) : entry;
    }

    /**
     * The offset of an entry, 0 for the module that only modules see.
     *
     * @param {string} path
     * @returns {number | undefined}
     */
    find(path) {
      const plain = path.charCodeAt(0) === 47 ? path.slice(1) : path;
      if (plain === ownName || plain.startsWith(`${ownName}/`)) return undefined;
      if (
        plain.endsWith(metaName) &&
        (plain.length === metaName.length || plain.at(-metaName.length - 1) === "/")
      )
        return 0;
      return entryOf(plain.endsWith("/") ? plain.slice(0, -1) : plain);
    }

    /**
     * @param {string} path
     * @returns {Buffer} in place
     */
    contentOf(path) {
      const entry = this.follow(path);
      if (entry === undefined) throw this.error("ENOENT", "open", path);
      if (entry === 0) return Buffer.from(metaText);
      if (isDirectory(entry)) throw this.error("EISDIR", "read");
      return fileAt(entry).content();
    }

    /**
     * @param {string} path
     * @param {boolean} isRecursive
     */
    list(path, isRecursive) {
      const directory = this.follow(path);
      if (directory === undefined || !isDirectory(directory))
        throw this.error(directory === undefined ? "ENOENT" : "ENOTDIR", "scandir", path);
      /** @type {{ name: string, entry: number }[]} */
      const listed = [];
      const walk = (/** @type {number} */ parent, /** @type {string} */ prefix) => {
        for (const { name, entry } of childrenOf(parent)) {
          listed.push({ name: prefix + name, entry });
          if (isRecursive && isDirectory(entry)) walk(entry, `${prefix}${name}/`);
        }
      };
      walk(directory, "");
      return listed;
    }

    /**
     * @param {string} path
     * @param {string | number} [flags]
     */
    checkReading(path, flags = "r") {
      const isReading =
        typeof flags === "number"
          ? (flags & (O_WRONLY | O_RDWR | O_TRUNC)) === 0 &&
            ((flags & O_CREAT) === 0 || this.existsSync(path))
          : flags === "r" || flags === "rs" || flags === "sr";
      if (!isReading) throw this.error("EROFS", "open", path);
    }

    /** @param {string} path */
    mounted(path) {
      const plain = path === "/" ? "" : path.slice(1);
      return plain === ""
        ? root.slice(0, -1)
        : root + (root.includes("\\") ? plain.replaceAll("/", "\\") : plain);
    }

    /**
     * An error as node:fs has it.
     *
     * @param {string} code
     * @param {string} syscall
     * @param {string} [path]
     */
    error(code, syscall, path) {
      const [errno, message] = systemErrors().get(code) ?? [];
      const mounted = path === undefined ? undefined : this.mounted(path);
      const where = mounted === undefined ? "" : ` '${mounted}'`;
      return Object.assign(new Error(`${code}: ${message}, ${syscall}${where}`), {
        errno,
        code,
        syscall,
        ...(mounted !== undefined && { path: mounted }),
      });
    }
  }

  /** Calls that write, with the system's name of each. */
  const writing = {
    appendFile: "open",
    chmod: "chmod",
    chown: "chown",
    lchmod: "lchmod",
    lchown: "lchown",
    link: "link",
    lutimes: "lutime",
    rename: "rename",
    rmdir: "rmdir",
    symlink: "symlink",
    unlink: "unlink",
    utimes: "utime",
    writeFile: "open",
  };
  for (const [name, syscall] of Object.entries(writing))
    PackProvider.prototype[`${name}Sync`] = function refuse(/** @type {string[]} */ ...paths) {
      throw this.error("EROFS", syscall, syscall === "symlink" ? paths[1] : paths[0]);
    };
  const reading = ["exists", "stat", "lstat", "readFile", "open", "realpath", "readlink", "mkdir"];
  for (const name of [...reading, ...Object.keys(writing)])
    PackProvider.prototype[name] = async function later(/** @type {unknown[]} */ ...args) {
      return this[`${name}Sync`](...args);
    };

  const system = new vfs.VirtualFileSystem(new PackProvider(), { emitExperimentalWarning: false });
  const mountPoint = mountInDrive(system);
  root = mountPoint + (mountPoint.includes("\\") ? "\\" : "/");
  const calls = loadPart("file-system-calls");
  loadPart("mount-point").showMountPoint(root, calls);
  calls.mendCalls(root);
  return root;

  /** @param {number} entry */
  function isDirectory(entry) {
    return entry !== 0 && (bytes.readUInt16LE(entry + 6) & directoryBit) !== 0;
  }

  /** @param {number} entry */
  function isLink(entry) {
    return entry !== 0 && (bytes.readUInt16LE(entry + 6) & linkBit) !== 0;
  }

  /** @param {number} entry */
  function direntType(entry) {
    return isDirectory(entry) ? UV_DIRENT_DIR : isLink(entry) ? UV_DIRENT_LINK : UV_DIRENT_FILE;
  }

  /** @param {number} directory */
  function* childrenOf(directory) {
    const first = bytes.readUInt32LE(directory + 8);
    for (let child = first; child < first + bytes.readUInt32LE(directory + 12); child++) {
      const entry = entries + 32 * child;
      const start = names + bytes.readUInt32LE(entry);
      const name = bytes.toString("utf8", start, start + bytes.readUInt16LE(entry + 4));
      if (directory !== entries || name !== ownName) yield { name, entry };
    }
  }

  /**
   * @param {number} entry
   * @param {{ bigint?: boolean }} [options]
   */
  function statsOf(entry, options) {
    const mode = entry === 0 ? 0o100444 : bytes.readUInt16LE(entry + 6);
    const size = entry === 0 ? metaText.length : isDirectory(entry) ? 4096 : fileAt(entry).content().length;
    return loadPart("file-stats").fileStats({ mode, size, entry }, options);
  }

  /** Node's class for open files, which it does not export. */
  function packHandle() {
    handleClass ??= class PackHandle extends new vfs.MemoryProvider().openSync("/x", "w").constructor {
      #provider;
      #path;

      /**
       * @param {PackProvider} provider
       * @param {string} path
       */
      constructor(provider, path) {
        super(path, "r", 0o444, provider.contentOf(path), undefined, undefined);
        this.#provider = provider;
        this.#path = path;
      }

      /** @param {any} [options] */
      statSync(options) {
        return this.#provider.statSync(this.#path, options);
      }

      chmodSync() {
        throw this.#provider.error("EROFS", "fchmod");
      }

      utimesSync() {
        throw this.#provider.error("EROFS", "futime");
      }
    };
    return handleClass;
  }
};

/**
 * Node mounts below its null device. On Windows that is a path that starts with "\\\\.\\", which packages take apart as they
 * do others, and put together wrongly ("/nul/vfs"). So there the device has another name while node asks for it: one in a
 * drive, which no folder can have. Where node should not ask, its own name is as good as it was.
 *
 * @param {any} system
 * @returns {string} the mount point
 */
function mountInDrive(system) {
  const device = Object.getOwnPropertyDescriptor(os, "devNull");
  if (process.platform !== "win32" || !device?.configurable) return system.mount();
  Object.defineProperty(os, "devNull", { ...device, value: "C:\\<sbp>" });
  try {
    return system.mount();
  } finally {
    Object.defineProperty(os, "devNull", device);
  }
}

/** @type {any} */
let handleClass;

/** @type {Map<string, [errno: number, message: string]> | undefined} */
let errors;
function systemErrors() {
  errors ??= new Map([...getSystemErrorMap()].map(([errno, [name, message]]) => [name, [errno, message]]));
  return errors;
}
