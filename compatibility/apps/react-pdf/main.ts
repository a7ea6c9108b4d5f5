import { Document, Page, renderToBuffer, Text } from "@react-pdf/renderer";
import React from "react";

const b = await renderToBuffer(
  React.createElement(
    Document,
    {},
    React.createElement(Page, {}, React.createElement(Text, {}, "Hi")),
  ) as any,
);
console.log(b.length > 500, b.subarray(0, 5).toString());
