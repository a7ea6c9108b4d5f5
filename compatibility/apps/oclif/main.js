const { execute } = require("@oclif/core");
execute({ dir: __dirname, args: process.argv.slice(2) }).catch((e) => {
  console.log(e.message);
  process.exit(1);
});
