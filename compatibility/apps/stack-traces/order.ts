export function parseOrder(text: string): unknown {
  return JSON.parse(text);
}
