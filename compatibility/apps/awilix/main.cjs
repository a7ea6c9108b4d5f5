const { createContainer } = require("awilix");
const c = createContainer();
c.loadModules(["services/*.js"], { cwd: __dirname, formatName: "camelCase" });
console.log(Object.keys(c.registrations), c.cradle.mailer.send());
