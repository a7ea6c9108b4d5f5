const ExcelJS = require("exceljs");

async function main() {
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet("Orders");
  sheet.columns = [
    { header: "Item", key: "item" },
    { header: "Price", key: "price" },
  ];
  sheet.addRow({ item: "tea", price: 2.5 });
  sheet.getCell("B3").value = { formula: "SUM(B2:B2)", result: 2.5 };
  const bytes = await book.xlsx.writeBuffer();
  const read = new ExcelJS.Workbook();
  await read.xlsx.load(bytes);
  console.log(
    Buffer.from(bytes).subarray(0, 2).toString(),
    read.getWorksheet("Orders").getCell("A2").value,
    read.getWorksheet("Orders").getCell("B3").result,
  );
}
main();
