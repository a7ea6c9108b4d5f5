module.exports = { name: "square", run: (value) => value ** 2 };
