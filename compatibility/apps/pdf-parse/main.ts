import { buffer } from "node:stream/consumers";
import { PDFParse } from "pdf-parse";
import PDFDocument from "pdfkit";

const document = new PDFDocument({ info: { Title: "Greeting" } });
document.text("Hello from page one").addPage().text("and two");
document.end();

const parser = new PDFParse({ data: new Uint8Array(await buffer(document)) });
const { pages, total } = await parser.getText();
console.log(total, pages.map(({ text }) => text.trim()).join(" | "));
const { info } = await parser.getInfo();
console.log(info.Title);
const shots = await parser.getScreenshot({ scale: 0.5, first: 1 });
const [shot] = shots.pages;
console.log(shot?.width, shot?.height, Buffer.from(shot?.data ?? []).toString("latin1", 1, 4));
await parser.destroy();
