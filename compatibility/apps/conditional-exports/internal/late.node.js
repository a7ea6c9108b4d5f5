export const kind = "found late";
