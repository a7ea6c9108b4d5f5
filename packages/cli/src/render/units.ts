/** `112.3 MB`. By hand, because what the libraries and Intl offer costs 13 ms at the first call: half a start of Node. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  // 999,950 bytes round to 1.0 MB, not to 1000.0 kB.
  const power = bytes < 999_950 ? 1 : bytes < 999_950_000 ? 2 : bytes < 999_950_000_000 ? 3 : 4;
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** `0.21 s`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `now`, `5 min ago`, `3 h ago`, `12 d ago`: how long before `now` (both in ms). */
export function formatAge(then: number, now: number): string {
  const minutes = Math.floor(Math.max(0, now - then) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / (24 * 60))} d ago`;
}

/** `1 step`, `2 steps`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
