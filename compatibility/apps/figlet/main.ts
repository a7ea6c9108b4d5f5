import figlet from "figlet";

console.log(await figlet.text("sbp"));
console.log(figlet.textSync("Go", { font: "Slant" }));
console.log(
  (
    await new Promise<string[]>((resolve, reject) =>
      figlet.fonts((error, fonts) => (error ? reject(error) : resolve(fonts))),
    )
  ).length > 100,
);
