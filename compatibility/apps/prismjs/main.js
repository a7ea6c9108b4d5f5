const Prism = require("prismjs");
const loadLanguages = require("prismjs/components/");

loadLanguages(["haml", "php"]);
console.log(["haml", "ruby", "php", "cobol"].map((name) => name in Prism.languages).join(" "));
console.log(Prism.highlight("%p= user.name", Prism.languages.haml, "haml"));
loadLanguages.silent = true;
loadLanguages("cobol");
console.log("cobol" in Prism.languages);
