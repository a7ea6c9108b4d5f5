import { createHash } from "node:crypto";
import PDFDocument from "pdfkit";

const document = new PDFDocument({ compress: false, info: { CreationDate: new Date(0) } });
const chunks: Buffer[] = [];
document.on("data", (chunk) => chunks.push(chunk));
const ended = new Promise((resolve) => document.on("end", resolve));
document.font("Times-Roman").fontSize(20).text("Invoice", { underline: true });
document.font("Helvetica-Bold").text("12.00 EUR");
console.log(document.widthOfString("Invoice").toFixed(3));
document.end();
await ended;
const pdf = Buffer.concat(chunks);
console.log(
  pdf.subarray(0, 8).toString(),
  pdf.includes("Times-Roman"),
  pdf.includes("Helvetica-Bold"),
  createHash("sha256").update(pdf).digest("hex").length,
);
