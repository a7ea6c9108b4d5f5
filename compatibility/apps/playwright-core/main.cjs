const { chromium, devices, firefox } = require("playwright-core");
const { version } = require("playwright-core/package.json");

console.log(/^1\./.test(version), Object.keys(devices).length > 50, devices["iPhone 13"].viewport.width);
for (const browser of [chromium, firefox])
  console.log(
    browser.name(),
    browser
      .executablePath()
      .split(/[\\/]/)
      .some((part) => part.startsWith(browser.name())),
  );
chromium
  .launch({ executablePath: "/none/chromium" })
  .catch((error) => console.log(error.message.split("\n")[0].includes("Failed to launch")));
