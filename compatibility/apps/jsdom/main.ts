import { JSDOM } from "jsdom";

const { window } = new JSDOM(
  '<p id="a">one</p><script>document.getElementById("a").textContent = "two"; window.ran = getComputedStyle(document.body).display;</script>',
  {
    runScripts: "dangerously",
    url: "http://localhost/",
  },
);
console.log(window.document.querySelector("p").outerHTML, window.ran);
window.document.cookie = "a=1";
console.log(window.document.cookie, window.location.host);
const request = new window.XMLHttpRequest();
console.log(
  typeof request.open,
  new window.DOMParser().parseFromString("<a/>", "text/xml").documentElement.tagName,
);
window.close();
