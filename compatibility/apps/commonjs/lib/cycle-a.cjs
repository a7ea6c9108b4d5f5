exports.name = "a";
const b = require("./cycle-b.cjs");
exports.first = () => b.second();
