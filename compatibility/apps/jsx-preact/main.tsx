import { renderToString } from "preact-render-to-string";

const Item = ({ name, price }: { name: string; price: number }) => (
  <li class="item">
    {name}: {price.toFixed(2)}
  </li>
);
const items = [
  { name: "tea", price: 2.5 },
  { name: "<milk>", price: 1 },
];
console.log(
  renderToString(
    <ul>
      {items.map((item) => (
        <Item key={item.name} {...item} />
      ))}
    </ul>,
  ),
);
