/** Text that begins with the numbers of a version, which the fixed part of Windows's version information holds. */
export function isWindowsVersion(text: string): boolean {
  const [digits] = /^\d+(\.\d+){0,3}/.exec(text) ?? [];
  if (digits === undefined || text.length > 1000 || /[\u0000-\u001f\u007f]/.test(text)) return false;
  return digits.split(".").every((number) => Number(number) < 65536);
}
