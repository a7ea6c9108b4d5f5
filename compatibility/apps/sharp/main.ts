import sharp from "sharp";

const red = { create: { width: 40, height: 20, channels: 3, background: "#ff0000" } } as const;
const png = await sharp(red).png().toBuffer();
const { data, info } = await sharp(png).resize(10).rotate(90).raw().toBuffer({ resolveWithObject: true });
console.log(info.width, info.height, info.channels, data.subarray(0, 3).join());
console.log(
  (await sharp(png).webp().metadata()).format,
  (await sharp(await sharp(png).webp().toBuffer()).metadata()).format,
);
const svg = await sharp(
  Buffer.from('<svg width="4" height="4"><rect width="4" height="4" fill="#00f"/></svg>'),
)
  .raw()
  .toBuffer();
console.log(svg.subarray(0, 4).join(), typeof sharp.versions.vips);
