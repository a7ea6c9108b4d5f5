import * as prettier from "prettier";

const sources = {
  typescript: "const  a :number=1;export  {a}",
  markdown: "*  one\n*  two\n\n```js\nlet  x=1\n```\n",
  css: "a{color:red;b:c}",
  yaml: "a:   1\nb: [1,2]",
  html: "<p>x<b>y</b></p><script>let  a=1</script>",
  graphql: "{a,b}",
};
for (const [parser, source] of Object.entries(sources)) {
  console.log(`-- ${parser}`);
  console.log((await prettier.format(source, { parser })).trimEnd());
}
console.log((await prettier.getSupportInfo()).languages.length > 20);
