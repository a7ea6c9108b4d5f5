import { codeToHtml, codeToTokens } from "shiki";

// By default it gives up after half a second, which a slow machine needs for its first line.
const tokenizeTimeLimit = 0;
const html = await codeToHtml("const a: number = 1", {
  lang: "typescript",
  theme: "nord",
  tokenizeTimeLimit,
});
console.log(html.match(/<span style="[^"]*">const<\/span>/)?.[0]);
const { tokens } = await codeToTokens("a: [1]", { lang: "yaml", theme: "vitesse-dark", tokenizeTimeLimit });
console.log(tokens[0].map(({ content }) => content).join("|"));
