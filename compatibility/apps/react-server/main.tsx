import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { Suspense, use } from "react";
import { renderToPipeableStream, renderToStaticMarkup } from "react-dom/server";

const later = new Promise<string>((resolve) => setImmediate(resolve, "loaded later"));
const Late = () => <p>{use(later)}</p>;
console.log(renderToStaticMarkup(<b title="x">static</b>));
const through = new PassThrough();
const { pipe } = renderToPipeableStream(
  <main>
    <Suspense fallback="waiting">
      <Late />
    </Suspense>
  </main>,
  {
    onAllReady: () => pipe(through),
  },
);
console.log((await text(through)).includes("loaded later"));
