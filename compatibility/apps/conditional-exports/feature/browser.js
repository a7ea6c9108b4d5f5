export const from = "browser";
