module.exports = { name: "double", run: (value) => value * 2 };
