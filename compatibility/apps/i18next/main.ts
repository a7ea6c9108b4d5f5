import { readdirSync } from "node:fs";
import path from "node:path";
import i18next from "i18next";
import Backend from "i18next-fs-backend";

const locales = path.join(import.meta.dirname, "locales");
await i18next.use(Backend).init({
  lng: "de",
  fallbackLng: "en",
  preload: readdirSync(locales),
  ns: ["shop"],
  defaultNS: "shop",
  backend: { loadPath: path.join(locales, "{{lng}}/{{ns}}.json") },
  showSupportNotice: false,
});
console.log(i18next.t("items", { count: 1 }), "|", i18next.t("items", { count: 3 }), "|", i18next.t("only"));
await i18next.changeLanguage("en");
console.log(i18next.t("items", { count: 3 }));
