/*
 * Draws docs/images/build.svg: what a terminal shows after examples/health-service was built, changed, built again and
 * run, with an empty cache. The packages must be built (npm run build), port 8080 must be free. Run by hand:
 *
 *   node --conditions=@sbp/source tools/terminal-picture.ts
 *
 *   session ─► script (util-linux): its output ─► Screen: rows of cells, as log-update leaves them ─► SVG
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const repository = join(import.meta.dirname, "..");
const example = join(repository, "examples/health-service");
const picture = join(repository, "docs/images/build.svg");
const size = { columns: 104, rows: 100 };

/** Typed at the prompt one after the other; `unseen` runs after it. */
const session = [
  { typed: "npx sbp build" },
  { typed: "sed -i 's/operational/up and running/' src/answer.ts && npx sbp build" },
  { typed: "mkdir ../empty && cp dist/linux-x64/health ../empty && cd ../empty && ls -A" },
  {
    typed: "./health &",
    unseen: "curl --silent --output /dev/null --retry 5 --retry-connrefused localhost:8080",
  },
  { typed: "curl localhost:8080/health", unseen: "kill $!; wait" },
];

/** Runs the session in a copy of the example. Returns every byte that the terminal got. */
function record(): string {
  const folder = mkdtempSync(join(tmpdir(), "terminal-picture-"));
  try {
    const project = join(folder, "examples", basename(example));
    const filter = (file: string) => !["dist", "node_modules"].includes(basename(file));
    cpSync(example, project, { recursive: true, filter });
    cpSync(join(repository, "tsconfig.base.json"), join(folder, "tsconfig.base.json"));
    symlinkSync(join(repository, "node_modules"), join(project, "node_modules"));
    const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
    const lines = session.flatMap(({ typed, unseen = "" }, index) => [
      `printf '${index > 0 ? "\\n" : ""}\\e[32m$\\e[39m \\e[1m%s\\e[22m\\n' ${quoted(typed)}`,
      typed,
      unseen,
    ]);
    const script = join(folder, "session.sh");
    writeFileSync(script, [`stty columns ${size.columns} rows ${size.rows}`, ...lines].join("\n"));
    const { CI, NO_COLOR, FORCE_COLOR, NODE_OPTIONS, PORT, ...environment } = process.env;
    return execFileSync("script", ["--quiet", "--return", "--command", `bash ${script}`, "/dev/null"], {
      cwd: project,
      encoding: "utf8",
      env: {
        ...environment,
        TERM: "xterm-256color",
        SBP_CACHE_DIR: join(folder, "cache"),
        npm_config_loglevel: "error",
        npm_config_update_notifier: "false",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Cell {
  readonly character: string;
  /** Classes of the picture's style sheet: `bold green`. */
  readonly style: string;
}

/** As much of a terminal as a build needs: colors, and moves and erasures within the screen. */
class Screen {
  readonly rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  readonly #style = { color: "", bold: false, dim: false };

  write(output: string): void {
    const token =
      /\u001b\[[?>=]?(?<numbers>[\d;]*)(?<command>[@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b.|[\s\S]/gu;
    for (const { 0: text, groups } of output.matchAll(token)) {
      if (groups?.["command"]) this.#control(groups["command"], groups["numbers"]!.split(";").map(Number));
      else if (text === "\n") this.#moveTo(this.#row + 1, this.#column);
      else if (text === "\r") this.#column = 0;
      else if (text === "\b") this.#column = Math.max(0, this.#column - 1);
      else if (!/^[\u0000-\u001f]/.test(text)) this.#put(text);
    }
  }

  #put(character: string): void {
    if (this.#column === size.columns) this.#moveTo(this.#row + 1, 0);
    const row = this.rows[this.#row]!;
    while (row.length < this.#column) row.push({ character: " ", style: "" });
    const { color, bold, dim } = this.#style;
    row[this.#column++] = {
      character,
      style: [bold && "bold", dim && "dim", color].filter(Boolean).join(" "),
    };
  }

  #moveTo(row: number, column: number): void {
    this.#row = Math.max(0, row);
    this.#column = Math.max(0, column);
    while (this.rows.length <= this.#row) this.rows.push([]);
  }

  /** ECMA-48; of what is not listed here nothing changes the picture. */
  #control(command: string, numbers: readonly number[]): void {
    const [first = 0] = numbers;
    const distance = first || 1;
    const row = this.rows[this.#row]!;
    if (command === "m") for (const number of numbers) this.#setStyle(number);
    else if (command === "A") this.#moveTo(this.#row - distance, this.#column);
    else if (command === "B") this.#moveTo(this.#row + distance, this.#column);
    else if (command === "C") this.#moveTo(this.#row, this.#column + distance);
    else if (command === "D") this.#moveTo(this.#row, this.#column - distance);
    else if (command === "G") this.#moveTo(this.#row, distance - 1);
    else if (command === "K") row.length = first === 2 ? 0 : Math.min(row.length, this.#column);
    else if (command === "J") {
      row.length = Math.min(row.length, this.#column);
      this.rows.length = this.#row + 1;
    }
  }

  #setStyle(number: number): void {
    const style = this.#style;
    if (number === 0) Object.assign(style, { color: "", bold: false, dim: false });
    else if (number === 1) style.bold = true;
    else if (number === 2) style.dim = true;
    else if (number === 22) Object.assign(style, { bold: false, dim: false });
    else if (number === 39) style.color = "";
    else style.color = colorNames[number - 30] ?? style.color;
  }
}

const colorNames = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** Pixels. */
const cell = { width: 8.4, height: 20 };
const margin = { side: 18, top: 50, bottom: 18 };

function draw(rows: readonly (readonly Cell[])[]): string {
  const width = Math.round(size.columns * cell.width + 2 * margin.side);
  const height = margin.top + rows.length * cell.height + margin.bottom;
  const texts = rows.flatMap((row, index) =>
    runsOf(row).map(({ column, text, style }) => {
      const x = (margin.side + column * cell.width).toFixed(1);
      const y = margin.top + index * cell.height + 14;
      // Whatever font there is: columns stay columns.
      const length = ([...text].length * cell.width).toFixed(1);
      return `<text x="${x}" y="${y}" textLength="${length}"${style && ` class="${style}"`}>${escapeXml(text)}</text>`;
    }),
  );
  const buttons = ["#ff5f57", "#febc2e", "#28c840"].map(
    (color, index) => `<circle cx="${24 + index * 20}" cy="18" r="6" fill="${color}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal: sbp build makes executables, which run">
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", "Liberation Mono", Consolas, monospace; fill: #e6edf3; white-space: pre }
.bold { font-weight: 600 } .dim { fill: #8b949e } .red { fill: #ff7b72 } .green { fill: #56d364 } .yellow { fill: #e3b341 }
.blue { fill: #79c0ff } .magenta { fill: #d2a8ff } .cyan { fill: #56d4dd }
</style>
<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>
<path d="M0 10a10 10 0 0 1 10-10h${width - 20}a10 10 0 0 1 10 10v26h-${width}z" fill="#21262d"/>
${buttons.join("")}
${texts.join("\n")}
</svg>
`;
}

/** Neighbours of one style, each at its column; a gap of two columns ends a run. */
function runsOf(row: readonly Cell[]): { column: number; text: string; style: string }[] {
  const line = row.map(({ character }) => character).join("");
  return [...line.matchAll(/\S+(?: \S+)*/gu)].flatMap(({ index, 0: words }) => {
    const runs: { column: number; text: string; style: string }[] = [];
    for (let column = index; column < index + words.length; column++) {
      const { character, style } = row[column]!;
      const last = runs.at(-1);
      if (last?.style === style) last.text += character;
      else runs.push({ column, text: character, style });
    }
    // White space at the ends of a text is not drawn: without it, the text's length is right.
    return runs
      .map(({ column, text, style }) => ({ column: column + text.search(/\S|$/), text: text.trim(), style }))
      .filter(({ text }) => text !== "");
  });
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const screen = new Screen();
screen.write(record());
const last = screen.rows.findLastIndex((row) => row.some(({ character }) => character !== " "));
const svg = draw(screen.rows.slice(0, last + 1));
writeFileSync(picture, svg);
console.log(`docs/images/build.svg: ${last + 1} lines, ${(svg.length / 1000).toFixed(1)} kB`);
