import * as cheerio from "cheerio";

const $ = cheerio.load("<ul><li>a</li><li class=x>b</li></ul>");
$("li.x").text("changed").after("<li>new</li>");
console.log(
  $("ul").html(),
  $("li")
    .map((_index, element) => $(element).text())
    .get()
    .join(),
);
