import { Resvg } from "@resvg/resvg-js";

const image = new Resvg(
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><rect width="8" height="4" fill="#0f0"/></svg>',
  { fitTo: { mode: "zoom", value: 2 } },
).render();
console.log(
  image.width,
  image.height,
  image.pixels.subarray(0, 4).join(),
  image.asPng().subarray(1, 4).toString(),
);
