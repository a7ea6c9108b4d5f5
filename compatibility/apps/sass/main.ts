import { fileURLToPath } from "node:url";
import * as sass from "sass";

const { css, loadedUrls } = sass.compile(fileURLToPath(new URL("./styles/main.scss", import.meta.url)), {
  style: "compressed",
});
console.log(css);
console.log(
  loadedUrls
    .map(({ pathname }) => pathname.split("/").at(-1))
    .sort()
    .join(),
);
