import { Box, renderToString, Text } from "ink";
import React from "react";

const App = ({ names }: { names: string[] }) => (
  <Box borderStyle="round" width={20} justifyContent="space-between">
    {names.map((name) => (
      <Text key={name}>{name}</Text>
    ))}
  </Box>
);

console.log(renderToString(<App names={["left", "right"]} />));
void React;
