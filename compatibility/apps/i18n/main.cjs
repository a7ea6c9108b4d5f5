const path = require("path");
const { I18n } = require("i18n");
const i18n = new I18n({
  locales: ["en", "de"],
  directory: path.join(__dirname, "locales"),
  updateFiles: false,
});
i18n.setLocale("de");
console.log(i18n.__("Hello"), i18n.__n("%s cat", 3), i18n.getLocales());
