/*
 * The order of Debian's versions, `[epoch:]upstream[-revision]`: deb-version(7), "Sorting algorithm". Texts and numbers take turns; a
 * tilde is before everything, even the end; letters are before other characters.
 */

/** Negative, 0 or positive. */
export function compareDebianVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return (
    left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

function split(version: string): {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
} {
  const [, epoch = "0", rest = ""] = /^(?:(\d{1,9}):)?(.*)$/s.exec(version) ?? [];
  const at = rest.lastIndexOf("-");
  return {
    epoch: Number(epoch),
    upstream: at < 0 ? rest : rest.slice(0, at),
    // No revision is the same as 0.
    revision: at < 0 ? "0" : rest.slice(at + 1),
  };
}

function compareParts(a: string, b: string): number {
  const [left, right] = [turns(a), turns(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [leftText, leftNumber] = left[index] ?? ["", "0"];
    const [rightText, rightNumber] = right[index] ?? ["", "0"];
    const difference = compareTexts(leftText, rightText) || compareNumbers(leftNumber, rightNumber);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `9+deb12u4` → ["", 9], ["+deb", 12], ["u", 4]. */
function turns(text: string): (readonly [text: string, number: string])[] {
  return [...text.matchAll(/(\D*)(\d*)/g)]
    .filter(([whole]) => whole !== "")
    .map(([, letters = "", digits = ""]) => [letters, digits || "0"]);
}

function compareTexts(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = weight(a[index]) - weight(b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === "~") return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

/** Of any length. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
