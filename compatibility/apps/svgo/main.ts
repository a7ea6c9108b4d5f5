import { optimize } from "svgo";

const { data } = optimize(
  '<svg xmlns="http://www.w3.org/2000/svg" width="10px"><!-- c --><g><path d="M 0 0 L 10 10 L 20 10"/></g></svg>',
  { multipass: true },
);
console.log(data);
