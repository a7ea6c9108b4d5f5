const fs = require("node:fs");
const path = require("node:path");

const folder = path.join(__dirname, "data");
const walk = (at) =>
  fs
    .readdirSync(at, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory()
        ? walk(path.join(at, entry.name))
        : [path.relative(folder, path.join(at, entry.name)).replaceAll("\\", "/")],
    );
console.log(walk(folder).sort().join());
console.log(
  fs
    .readdirSync(folder, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .sort()
    .join(),
);
console.log(JSON.parse(fs.readFileSync(require.resolve("./data/config.json"), "utf8")).port);
(async () => {
  const names = [];
  for await (const entry of await fs.promises.opendir(folder)) names.push(entry.name);
  console.log(names.sort().join());
  console.log(
    fs
      .globSync("**/*.txt", { cwd: folder })
      .map((name) => name.replaceAll("\\", "/"))
      .sort()
      .join(),
  );
  fs.accessSync(path.join(folder, "config.json"), fs.constants.R_OK);
  console.log(fs.realpathSync(path.join(folder, "deep", "..", "config.json")).endsWith("config.json"));
  const binary = fs.readFileSync(path.join(folder, "deep", "bytes.bin"));
  console.log(binary.length, binary[0], fs.lstatSync(folder).isDirectory());
  fs.readFile(path.join(folder, "deep"), (error) => console.log(error.code));
})();
