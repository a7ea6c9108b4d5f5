import pc from "picocolors";

console.log(pc.green("hello"));
