export const kind = "another's kind";
