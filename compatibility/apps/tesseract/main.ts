import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createWorker } from "tesseract.js";

const require = createRequire(import.meta.url);
const data = join(dirname(require.resolve("@tesseract.js-data/eng/package.json")), "4.0.0_best_int");
const worker = await createWorker("eng", 1, { langPath: data, cacheMethod: "none" });

/** A picture in BMP: letters of five by seven cells, black on white. */
function picture(letters: readonly (readonly string[])[], cell: number): Buffer {
  const [width, height] = [(letters.length * 6 + 4) * cell, 11 * cell];
  const stride = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * height, 255);
  file.fill(0, 0, 54).write("BM");
  file.writeUInt32LE(file.length, 2);
  for (const [at, value] of [
    [10, 54],
    [14, 40],
    [18, width],
    [22, height],
    [34, stride * height],
  ] as const)
    file.writeUInt32LE(value, at);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (const [index, rows] of letters.entries())
    for (const [y, row] of rows.entries())
      for (const [x, dot] of [...row].entries())
        for (let line = 0; dot === "#" && line < cell; line++) {
          const start = 54 + (height - 1 - (y + 2) * cell - line) * stride + (index * 6 + 2 + x) * cell * 3;
          file.fill(0, start, start + cell * 3);
        }
  return file;
}

const H = ["#...#", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"];
const E = ["#####", "#....", "#....", "####.", "#....", "#....", "#####"];
const L = ["#....", "#....", "#....", "#....", "#....", "#....", "#####"];
const { data: found } = await worker.recognize(picture([H, E, L, L], 8));
console.log(found.text.trim(), found.confidence > 20);
await worker.terminate();
