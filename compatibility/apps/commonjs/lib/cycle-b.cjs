const a = require("./cycle-a.cjs");
exports.second = () => `from ${a.name}`;
