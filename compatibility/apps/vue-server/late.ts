import { defineComponent, h } from "vue";

export default defineComponent({
  props: { name: { type: String, required: true } },
  setup: (props) => () => h("b", `Hello ${props.name}`),
});
