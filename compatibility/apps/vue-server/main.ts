import { createSSRApp, defineAsyncComponent, h } from "vue";
import { renderToString } from "vue/server-renderer";

const Late = defineAsyncComponent(() => import("./late.ts"));
const app = createSSRApp({
  data: () => ({ names: ["Ada", "Grace"] }),
  components: { Late },
  template: `<ul><li v-for="name in names" :key="name"><Late :name="name" /></li></ul>`,
});
console.log(await renderToString(app));
console.log(await renderToString(createSSRApp({ render: () => h("p", h(Late, { name: "Joan" })) })));
