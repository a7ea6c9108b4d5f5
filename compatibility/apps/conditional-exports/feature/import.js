export const from = "import";
