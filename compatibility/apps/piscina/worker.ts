export function fibonacci({ number }: { number: number }): number {
  if (number < 0) throw new RangeError("negative");
  return number < 2 ? number : fibonacci({ number: number - 1 }) + fibonacci({ number: number - 2 });
}

export default (text: string): string => text.toUpperCase();
