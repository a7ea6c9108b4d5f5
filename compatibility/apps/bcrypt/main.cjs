const bcrypt = require("bcrypt");

const salt = "$2b$06$abcdefghijklmnopqrstuu";
console.log(bcrypt.hashSync("secret", salt));
bcrypt.compare("secret", bcrypt.hashSync("secret", 4)).then(async (isSame) => {
  console.log(isSame, await bcrypt.compare("other", await bcrypt.hash("secret", 4)));
});
