import { codeToHtml, codeToTokens } from "shiki";

const html = await codeToHtml("const a: number = 1", { lang: "typescript", theme: "nord" });
console.log(html.match(/<span style="[^"]*">const<\/span>/)?.[0]);
const { tokens } = await codeToTokens("a: [1]", { lang: "yaml", theme: "vitesse-dark" });
console.log(tokens[0].map(({ content }) => content).join("|"));
