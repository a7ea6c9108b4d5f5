import prettyBytes from "pretty-bytes";

/** `112.3 MB`. */
export function formatBytes(bytes: number): string {
  return bytes < 1000
    ? `${bytes} B`
    : prettyBytes(bytes, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
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
