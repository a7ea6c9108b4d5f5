import { helper } from "./helper.ts";

process.once("message", ({ big, map }) => {
  process.send?.(helper(`${big} ${map.get("a")} ${process.argv.slice(2).join("|")} ${process.env.MARK}`));
  process.exitCode = 7;
  process.disconnect();
});
