/** Matches these texts and no other, in Go's syntax as in JavaScript's. */
export function exactly(texts: Iterable<string>): RegExp {
  return new RegExp(`^(?:${[...texts].map((text) => text.replace(/[^\w@/-]/g, "\\$&")).join("|")})$`);
}
