exports.from = "require";
