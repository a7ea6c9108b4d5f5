import { Box, render, Text } from "ink";
import React, { useEffect, useState } from "react";

function App() {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (count < 3) setCount(count + 1);
  }, [count]);
  return (
    <Box borderStyle="round" width={20}>
      <Text>counted {count}</Text>
    </Box>
  );
}

const { unmount, waitUntilExit } = render(<App />, { debug: false, patchConsole: false });
setTimeout(unmount, 200);
await waitUntilExit();
void React;
