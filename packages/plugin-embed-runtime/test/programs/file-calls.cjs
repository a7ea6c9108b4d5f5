// Calls many functions of node:fs on the tree that this file lies in, and prints what came of each. The same under node
// and in an executable; with WRITES also what would change the tree.
const { once } = require("node:events");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { promisify } = require("node:util");

const root = path.join(__dirname, "..");
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "sbp-calls-"));
const at = (...names) => path.join(root, ...names);
const out = (name) => path.join(temporary, name);

const plain = (value) => {
  if (typeof value === "string") return value.replaceAll(root, "<root>").replaceAll(temporary, "<temporary>");
  if (Buffer.isBuffer(value)) return `bytes ${value}`;
  if (value instanceof fs.Dirent)
    return `${value.isDirectory() ? "folder" : "file"} ${plain(value.parentPath)} ${value.name}`;
  return Array.isArray(value) ? value.map(plain) : value;
};
const facts = (stats) =>
  stats && {
    kinds: [stats.isFile(), stats.isDirectory(), stats.isSymbolicLink()],
    size: stats.isFile() ? String(stats.size) : 0,
    type: typeof stats.size,
    time: stats.mtime instanceof Date,
    executable: Number(stats.mode) & 0o111,
  };
const print = (name, value) => console.log(`${name}\t${JSON.stringify(plain(value))}`);
const failed = (name, error) => console.log(`${name}\t${error.code ?? error.message}`);
const now = (name, call) => {
  try {
    print(name, call());
  } catch (error) {
    failed(name, error);
  }
};
const later = async (name, call) => {
  try {
    print(name, await call());
  } catch (error) {
    failed(name, error);
  }
};
const callback = (call) =>
  new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
const promises = fs.promises;

async function read() {
  now("readFile", () => fs.readFileSync(at("views/a.txt"), "utf8"));
  now("readFile hex", () => fs.readFileSync(at("views/a.txt"), "hex"));
  now("readFile buf", () => fs.readFileSync(Buffer.from(at("views/a.txt"))));
  now("readFile js", () => fs.readFileSync(at("lib/x.cjs"), "utf8"));
  now("readFile missing", () => fs.readFileSync(at("nope")));
  now("readFile dir", () => fs.readFileSync(at("views")));
  now("readFile bad enc", () => fs.readFileSync(at("views/a.txt"), "nope"));
  now("exists", () => [
    fs.existsSync(at("views")),
    fs.existsSync(at("nope")),
    fs.existsSync(at(".sbp")),
    fs.existsSync(at(".sbp/modules.cjs")),
  ]);
  now("stat", () => [
    facts(fs.statSync(at("views"))),
    facts(fs.statSync(at("views/a.txt"))),
    facts(fs.statSync(at("bin/tool.sh"), { bigint: true })),
    fs.statSync(at("nope"), { throwIfNoEntry: false }),
  ]);
  now("stat missing", () => fs.statSync(at("nope")));
  now("lstat", () => facts(fs.lstatSync(at("views/a.txt"))));
  now("lstat missing", () => fs.lstatSync(at("nope")));
  await later("promises stat", async () => [
    facts(await promises.stat(at("views"))),
    facts(await promises.stat(at("views/a.txt"), { bigint: true })),
  ]);
  await later("promises stat missing", () => promises.stat(at("nope")));
  await later("callback stat", async () => facts(await callback((d) => fs.stat(at("views"), d))));
  now("readdir", () => fs.readdirSync(at("views")));
  now("readdir root", () => fs.readdirSync(root).sort());
  now("readdir types", () => fs.readdirSync(at("views"), { withFileTypes: true }));
  now("readdir rec", () => fs.readdirSync(at("views"), { recursive: true }).sort());
  now("readdir rec types", () =>
    fs.readdirSync(at("views"), { recursive: true, withFileTypes: true }).map(plain).sort(),
  );
  now("readdir buf", () => fs.readdirSync(at("views"), "buffer"));
  now("readdir file", () => fs.readdirSync(at("views/a.txt")));
  now("readdir missing", () => fs.readdirSync(at("nope")));
  await later("promises readdir", () => promises.readdir(at("views")));
  await later("promises readdir types", () => promises.readdir(at("views"), { withFileTypes: true }));
  await later("promises readdir rec types", async () =>
    (await promises.readdir(at("views"), { recursive: true, withFileTypes: true })).map(plain).sort(),
  );
  await later("callback readdir rec", async () =>
    (await callback((d) => fs.readdir(at("views"), { recursive: true }, d))).sort(),
  );
  now("opendir", () => {
    const d = fs.opendirSync(at("views"));
    const n = [];
    for (let e = d.readSync(); e; e = d.readSync()) n.push(e.name);
    d.closeSync();
    return n.sort();
  });
  await later("promises opendir", async () => {
    const n = [];
    for await (const e of await promises.opendir(at("views"), { recursive: true })) n.push(plain(e));
    return n.sort();
  });
  now("access", () => fs.accessSync(at("views/a.txt"), fs.constants.R_OK));
  now("access missing", () => fs.accessSync(at("nope")));
  now("access x", () => fs.accessSync(at("views/a.txt"), fs.constants.X_OK));
  now("access x ok", () => fs.accessSync(at("bin/tool.sh"), fs.constants.X_OK));
  await later("promises access missing", () => promises.access(at("nope")));
  now("realpath", () => fs.realpathSync(at("views/../views/a.txt")));
  now("realpath native", () => fs.realpathSync.native(at("views/a.txt")));
  now("realpath missing", () => fs.realpathSync(at("nope")));
  await later("promises realpath", () => promises.realpath(at("views")));
  now("readlink", () => fs.readlinkSync(at("views/a.txt")));
  now("fd", () => {
    const fd = fs.openSync(at("views/a.txt"));
    const b = Buffer.alloc(4);
    const n = fs.readSync(fd, b, 0, 4, 1);
    const s = facts(fs.fstatSync(fd));
    const all = fs.readFileSync(fd, "utf8");
    fs.closeSync(fd);
    return [n, b, s, all];
  });
  now("fd closed", () => {
    const fd = fs.openSync(at("views/a.txt"));
    fs.closeSync(fd);
    fs.readSync(fd, Buffer.alloc(1));
  });
  await later("callback fd", async () => {
    const fd = await callback((d) => fs.open(at("views/a.txt"), d));
    const b = Buffer.alloc(3);
    await callback((d) => fs.read(fd, b, 0, 3, 0, d));
    await callback((d) => fs.close(fd, d));
    return b;
  });
  await later("FileHandle", async () => {
    const h = await promises.open(at("views/a.txt"));
    const s = facts(await h.stat());
    const t = await h.readFile("utf8");
    await h.close();
    return [s, t];
  });
  await later("FileHandle lines", async () => {
    const h = await promises.open(at("views/a.txt"));
    const l = [];
    for await (const x of h.readLines()) l.push(x);
    return l;
  });
  await later("FileHandle stream", async () => {
    const h = await promises.open(at("views/a.txt"));
    let t = "";
    for await (const x of h.createReadStream({ encoding: "utf8" })) t += x;
    return t;
  });
  await later("FileHandle web", async () => {
    const h = await promises.open(at("views/a.txt"));
    let t = "";
    for await (const x of h.readableWebStream()) t += Buffer.from(x).toString();
    await h.close();
    return t;
  });
  await later("stream", async () => {
    let t = "";
    for await (const c of fs.createReadStream(at("views/a.txt"), { encoding: "utf8", start: 1, end: 3 }))
      t += c;
    return t;
  });
  await later("stream missing", async () => {
    await once(fs.createReadStream(at("nope")), "end");
  });
  await later("blob", async () => await (await fs.openAsBlob(at("views/a.txt"))).text());
  await later("readv", async () => {
    const fd = fs.openSync(at("views/a.txt"));
    const b = [Buffer.alloc(2), Buffer.alloc(2)];
    const n = fs.readvSync(fd, b, 0);
    fs.closeSync(fd);
    return [n, b];
  });
  await later("callback readv", () => readTwice(at("views/a.txt")));
}

/** In each folder from here up, as who looks for a configuration does: each is there, and the file is not. */
async function lookUpwards() {
  const answers = { folders: new Set(), now: new Set(), later: new Set(), called: new Set() };
  const code = (error) => error.code;
  for (let folder = __dirname, last; folder !== last; last = folder, folder = path.dirname(folder)) {
    const file = path.join(folder, "no-such-file.json");
    answers.folders.add(await promises.stat(folder).then(() => "there", code));
    for (const name of ["stat", "lstat", "access", "readFile", "open", "realpath", "opendir"]) {
      try {
        fs[`${name}Sync`](file);
      } catch (error) {
        answers.now.add(`${error.code} ${error.errno} ${error.message.split(",")[0]}`);
      }
      answers.later.add(await promises[name](file).catch(code));
      answers.called.add(
        await callback((d) => (name === "open" ? fs.open(file, "r", d) : fs[name](file, d))).catch(code),
      );
    }
  }
  for (const [name, found] of Object.entries(answers)) print(`upwards ${name}`, [...found]);
  print(
    "upwards quietly",
    fs.statSync(path.join(root, "../no-such-file"), { throwIfNoEntry: false }) === undefined,
  );
}

/** By two buffers, of which the second is larger than what is left; then what lies behind the end. */
async function readTwice(file) {
  const readv = promisify(fs.readv);
  const fd = fs.openSync(file);
  const b = [new Uint8Array(2), Buffer.alloc(20, "-")];
  const first = await readv(fd, b, 1);
  const again = await readv(fd, [Buffer.alloc(4)], 100);
  fs.closeSync(fd);
  return [first.bytesRead, first.buffers === b, Buffer.from(b[0]), b[1], again.bytesRead];
}

/** Calls with several buffers on a file of the disk: many chunks that wait make a stream use them. */
async function several() {
  const file = out("several");
  await later("stream of several", async () => {
    const stream = fs.createWriteStream(file);
    for (const chunk of ["one ", "two ", "three"]) stream.write(chunk);
    await new Promise((ok, no) => stream.on("error", no).end(ok));
    return fs.readFileSync(file, "utf8");
  });
  await later("writev", async () => {
    const fd = fs.openSync(file, "r+");
    const b = [Buffer.from("O"), new DataView(new Uint8Array([0x4e, 0x45]).buffer)];
    const { bytesWritten, buffers } = await promisify(fs.writev)(fd, b, 0);
    const none = await promisify(fs.writev)(fd, []);
    fs.closeSync(fd);
    return [bytesWritten, buffers === b, none.bytesWritten, fs.readFileSync(file, "utf8")];
  });
  await later("readv of the disk", () => readTwice(file));
  now("writev of no buffers", () => fs.writev(1, "x", () => {}));
  now("readv without callback", () => fs.readv(1, []));
  await later("writev closed", () => callback((d) => fs.writev(999, [Buffer.from("x")], d)));
}

async function write() {
  now("write writeFile", () => fs.writeFileSync(at("new"), ""));
  now("write writeFile existing", () => fs.writeFileSync(at("views/a.txt"), ""));
  now("write appendFile", () => fs.appendFileSync(at("views/a.txt"), ""));
  now("write open w", () => fs.openSync(at("views/a.txt"), "w"));
  now("write open r+", () => fs.openSync(at("views/a.txt"), "r+"));
  now("write open a", () => fs.openSync(at("new"), "a"));
  now("write open num", () => fs.openSync(at("views/a.txt"), fs.constants.O_RDWR));
  now("write mkdir", () => fs.mkdirSync(at("newdir")));
  now("write mkdir rec", () => fs.mkdirSync(at("newdir/a/b"), { recursive: true }));
  now("write mkdir existing", () => fs.mkdirSync(at("views")));
  now("write mkdir rec existing", () => fs.mkdirSync(at("views"), { recursive: true }) === undefined);
  now("write mkdtemp", () => fs.mkdtempSync(at("x-")));
  now("write rm", () => fs.rmSync(at("views/a.txt")));
  now("write rm rec", () => fs.rmSync(at("views"), { recursive: true }));
  now("write rm force missing", () => fs.rmSync(at("nope"), { force: true }));
  now("write rm missing", () => fs.rmSync(at("nope")));
  now("write unlink", () => fs.unlinkSync(at("views/a.txt")));
  now("write rmdir", () => fs.rmdirSync(at("views")));
  now("write rename", () => fs.renameSync(at("views/a.txt"), at("b")));
  now("write rename out", () => fs.renameSync(at("views/a.txt"), out("b")));
  now("write rename in", () => {
    fs.writeFileSync(out("in"), "");
    fs.renameSync(out("in"), at("in"));
  });
  now("write copy in", () => fs.copyFileSync(out("in"), at("in")));
  now("write link", () => fs.linkSync(at("views/a.txt"), at("b")));
  now("write symlink", () => fs.symlinkSync("a", at("b")));
  now("write chmod", () => fs.chmodSync(at("views/a.txt"), 0o600));
  now("write chown", () => fs.chownSync(at("views/a.txt"), 1, 1));
  now("write lchown", () => fs.lchownSync(at("views/a.txt"), 1, 1));
  now("write utimes", () => fs.utimesSync(at("views/a.txt"), 1, 1));
  now("write lutimes", () => fs.lutimesSync(at("views/a.txt"), 1, 1));
  now("write truncate", () => fs.truncateSync(at("views/a.txt")));
  now("write fchmod", () => {
    const fd = fs.openSync(at("views/a.txt"));
    fs.fchmodSync(fd, 0o600);
  });
  now("write futimes", () => {
    const fd = fs.openSync(at("views/a.txt"));
    fs.futimesSync(fd, 1, 1);
  });
  for (const [n, f] of Object.entries({
    writeFile: () => promises.writeFile(at("new"), ""),
    appendFile: () => promises.appendFile(at("new"), ""),
    mkdir: () => promises.mkdir(at("newdir")),
    mkdirExisting: () => promises.mkdir(at("views")),
    rm: () => promises.rm(at("views"), { recursive: true }),
    unlink: () => promises.unlink(at("views/a.txt")),
    chmod: () => promises.chmod(at("views/a.txt"), 0o600),
    utimes: () => promises.utimes(at("views/a.txt"), 1, 1),
    rename: () => promises.rename(at("views/a.txt"), at("b")),
    open: () => promises.open(at("new"), "w"),
    truncate: () => promises.truncate(at("views/a.txt")),
    chown: () => promises.chown(at("views/a.txt"), 1, 1),
    copyIn: () => promises.copyFile(out("in"), at("in")),
    symlink: () => promises.symlink("a", at("b")),
    C_writeFile: () => callback((d) => fs.writeFile(at("new"), "", d)),
    C_chmod: () => callback((d) => fs.chmod(at("views/a.txt"), 0o600, d)),
    C_utimes: () => callback((d) => fs.utimes(at("views/a.txt"), 1, 1, d)),
    stream: () =>
      new Promise((ok, no) => fs.createWriteStream(at("new")).on("error", no).on("finish", ok).end("x")),
  }))
    await later(`write ${n} later`, f);
}

async function takeOut() {
  now("copyFile", () => {
    fs.copyFileSync(at("views/a.txt"), out("c1"));
    return [fs.readFileSync(out("c1"), "utf8")];
  });
  now("copyFile excl", () => fs.copyFileSync(at("views/a.txt"), out("c1"), fs.constants.COPYFILE_EXCL));
  now("copyFile missing", () => fs.copyFileSync(at("nope"), out("c1")));
  now("copyFile mode", () => {
    fs.copyFileSync(at("bin/tool.sh"), out("c5"));
    return fs.statSync(out("c5")).mode & 0o111;
  });
  await later("promises copyFile", async () => {
    await promises.copyFile(at("views/a.txt"), out("c2"));
    return fs.readFileSync(out("c2"), "utf8");
  });
  await later("callback copyFile", async () => {
    await callback((d) => fs.copyFile(at("views/a.txt"), out("c3"), d));
    return fs.readFileSync(out("c3"), "utf8");
  });
  now("cp", () => {
    fs.cpSync(at("views"), out("d1"), { recursive: true });
    return fs.readdirSync(out("d1"), { recursive: true }).sort();
  });
  now("cp file", () => {
    fs.cpSync(at("views/a.txt"), out("d2"));
    return fs.readFileSync(out("d2"), "utf8");
  });
  now("cp no rec", () => fs.cpSync(at("views"), out("d9")));
  await later("promises cp", async () => {
    await promises.cp(at("views"), out("d3"), { recursive: true });
    return fs.readdirSync(out("d3"), { recursive: true }).sort();
  });
  await later("callback cp", async () => {
    await callback((d) => fs.cp(at("views"), out("d4"), { recursive: true }, d));
    return fs.readdirSync(out("d4"), { recursive: true }).sort();
  });
  await later("promises cp filter", async () => {
    await promises.cp(at("views"), out("d5"), { recursive: true, filter: (f) => !f.endsWith("a.txt") });
    return fs.readdirSync(out("d5"), { recursive: true }).sort();
  });
  now("cp writable", () => {
    fs.writeFileSync(out("d1/a.txt"), "x");
    fs.writeFileSync(out("c1"), "x");
    fs.rmSync(out("d1"), { recursive: true });
    return "ok";
  });
  now("glob abs", () => fs.globSync(at("views/**/*.txt")).sort());
  now("glob cwd", () => fs.globSync("**/*.txt", { cwd: root }).sort());
  now("glob types", () => fs.globSync("views/*", { cwd: root, withFileTypes: true }).map(plain).sort());
  await later("promises glob abs", async () => {
    const n = [];
    for await (const f of promises.glob(at("views/*.txt"))) n.push(f);
    return n.sort();
  });
  await later("callback glob", async () => (await callback((d) => fs.glob(at("views/*.txt"), d))).sort());
  await later("promises glob cwd", async () => {
    const n = [];
    for await (const f of promises.glob("views/*.txt", { cwd: root })) n.push(f);
    return n.sort();
  });
  now("statfs", () => {
    const s = fs.statfsSync(root);
    return [s.bsize > 0, s.blocks > 0n || s.blocks > 0];
  });
  await later("promises statfs", async () => {
    const s = await promises.statfs(root);
    return [s.bsize > 0, s.blocks > 0];
  });
  await later("watch", async () => {
    const w = fs.watch(at("views"), () => {});
    await new Promise((ok) => {
      w.on("close", ok);
      w.close();
    });
    return "closed";
  });
  now("watch missing", () => {
    fs.watch(at("nope"));
  });
  now("watchFile", () => {
    const l = () => {};
    fs.watchFile(at("views/a.txt"), l);
    fs.unwatchFile(at("views/a.txt"), l);
    return "ok";
  });
  await later("promises watch", async () => {
    const ac = new AbortController();
    setImmediate(() => ac.abort());
    await promises.watch(at("views"), { signal: ac.signal })[Symbol.asyncIterator]().next();
  });
  await later("exists cb", () => new Promise((ok) => fs.exists(at("views"), ok)));
}

read()
  .then(several)
  .then(lookUpwards)
  .then(() => (process.env.WRITES ? write() : undefined))
  .then(takeOut)
  .finally(() => fs.rmSync(temporary, { recursive: true }));
