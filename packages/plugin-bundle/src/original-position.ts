export interface Position {
  /** As the map names it. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/**
 * Where places of the generated code come from, by its source map (ECMA-426, "Mappings"). `offsets` are in UTF-16
 * units; one that no source made has no position. Reads the mappings once and keeps none: the
 * map of a large app has millions of them.
 */
export function originalPositions(
  code: string,
  offsets: readonly number[],
  map: { readonly sources: readonly string[]; readonly mappings: string },
): ReadonlyMap<number, Position> {
  const positions = new Map<number, Position>();
  const { mappings, sources } = map;
  let at = 0;
  let lineStart = 0;
  let source = 0;
  let line = 0;
  let column = 0;
  let found: Position | undefined;
  let generated = 0;

  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 5) {
      const digit = digits[mappings.charCodeAt(at++)] ?? 0;
      value += (digit & 31) << shift;
      if ((digit & 32) === 0) return value & 1 ? -(value >>> 1) : value >>> 1;
    }
  };

  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    // The lines before this offset's: their segments still move the source's place.
    for (
      let end = code.indexOf("\n", lineStart);
      end >= 0 && end < offset;
      end = code.indexOf("\n", lineStart)
    ) {
      while (at < mappings.length && mappings[at] !== ";") segment();
      at++;
      lineStart = end + 1;
      generated = 0;
      found = undefined;
    }
    while (at < mappings.length && mappings[at] !== ";") {
      const before = { at, generated, source, line, column, found };
      segment();
      if (generated <= offset - lineStart) continue;
      ({ at, generated, source, line, column, found } = before);
      break;
    }
    if (found) positions.set(offset, found);
  }
  return positions;

  function segment(): void {
    if (mappings[at] === ",") at++;
    generated += number();
    found = undefined;
    if (isSegmentEnd(mappings[at])) return;
    source += number();
    line += number();
    column += number();
    found = { source: sources[source] ?? "", line: line + 1, column: column + 1 };
    if (!isSegmentEnd(mappings[at])) number();
  }
}

/** Calls back for each mapping that has a source, with that one's index and the line, from 1. */
export function eachMapping(
  { mappings }: { readonly mappings: string },
  found: (source: number, line: number) => void,
): void {
  /** Of a segment: the generated column, then source, line and column; a name may follow. */
  const state = [0, 0, 0, 0, 0];
  let field = 0;
  let value = 0;
  let shift = 0;
  const end = () => {
    if (field >= 4) found(state[1]!, state[2]! + 1);
    field = 0;
  };
  for (let at = 0; at < mappings.length; at++) {
    const code = mappings.charCodeAt(at);
    const digit = digits[code];
    if (digit === undefined) {
      end();
      continue;
    }
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    state[field]! += value & 1 ? -(value >>> 1) : value >>> 1;
    field++;
    value = 0;
    shift = 0;
  }
  end();
}

function isSegmentEnd(character: string | undefined): boolean {
  return character === undefined || character === "," || character === ";";
}

/** Value of a Base64 digit by its character code. */
const digits: readonly number[] = (() => {
  const values: number[] = [];
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const [value, character] of [...alphabet].entries()) values[character.charCodeAt(0)] = value;
  return values;
})();
