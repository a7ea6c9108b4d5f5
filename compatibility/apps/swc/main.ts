import { transform } from "@swc/core";

const { code } = await transform(
  "@sealed class A { constructor(readonly a: number) {} }\nfunction sealed(c: any) {}",
  {
    jsc: {
      parser: { syntax: "typescript", decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: "es2022",
    },
    swcrc: false,
  },
);
console.log(code.includes("design:paramtypes"), /constructor\(a\)/.test(code));
