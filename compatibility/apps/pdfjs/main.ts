import { buffer } from "node:stream/consumers";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import PDFDocument from "pdfkit";

const written = new PDFDocument();
written.text("Hello from a page");
written.end();
const { numPages, getPage } = await getDocument({ data: new Uint8Array(await buffer(written)) }).promise.then(
  (read) => ({
    numPages: read.numPages,
    getPage: read.getPage.bind(read),
  }),
);
const { items } = await (await getPage(1)).getTextContent();
console.log(numPages, items.map((item) => ("str" in item ? item.str : "")).join(""));
