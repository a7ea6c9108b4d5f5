export const kind = "node's kind";
