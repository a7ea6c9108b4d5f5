import { createCanvas, GlobalFonts } from "@napi-rs/canvas";

const canvas = createCanvas(8, 8);
const context = canvas.getContext("2d");
context.fillStyle = "rgb(1, 2, 3)";
context.fillRect(0, 0, 8, 8);
console.log(
  [...context.getImageData(3, 3, 1, 1).data].join(),
  canvas.toBuffer("image/png").subarray(1, 4).toString(),
  typeof GlobalFonts.families,
);
