import { Jimp, loadFont } from "jimp";
import { SANS_16_BLACK } from "jimp/fonts";

const image = new Jimp({ width: 60, height: 20, color: 0xffffffff });
image.print({ font: await loadFont(SANS_16_BLACK), x: 0, y: 0, text: "Hi" });
let dark = 0;
image.scan((_x, _y, index) => {
  if (image.bitmap.data[index] < 128) dark++;
});
const png = await image.getBuffer("image/png");
const read = await Jimp.read(png);
console.log(dark > 20, read.width, read.height);
