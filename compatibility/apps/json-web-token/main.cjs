require("dotenv").config({ path: require("node:path").join(__dirname, "settings.env"), quiet: true });
const jwt = require("jsonwebtoken");

const token = jwt.sign({ name: "Ada", iat: 1 }, process.env.SECRET);
console.log(token);
console.log(jwt.verify(token, process.env.SECRET).name);
try {
  jwt.verify(token, "other");
} catch (error) {
  console.log(error.name);
}
