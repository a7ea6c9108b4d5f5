export interface Position {
  /** As the map names it. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** What the line and column are of where `source` is what was made of that (input-of-source.ts). */
  readonly written?: string;
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** Where a line of the code begins, there and in the mappings, and what the fields of the mappings add up to before it. */
interface LineStart {
  readonly offset: number;
  readonly at: number;
  readonly source: number;
  readonly line: number;
  readonly column: number;
}

/** Lines between those whose start is kept: the map of a large app has millions of segments, of which none is. */
const step = 64;

/** Of maps that are asked more than once. */
const known = new WeakMap<SourceMap, readonly LineStart[]>();

/**
 * Where places of the generated code come from, by its source map (ECMA-426, "Mappings"). `offsets` are in UTF-16
 * units; one that no source made has no position. Of one map, the code may change, but not its lines.
 */
export function originalPositions(
  code: string,
  offsets: readonly number[],
  map: SourceMap,
): ReadonlyMap<number, Position> {
  const starts = known.get(map) ?? lineStarts(code, map);
  known.set(map, starts);
  const positions = new Map<number, Position>();
  let next = 0;
  let start = starts[0]!;
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    while (next < starts.length && starts[next]!.offset <= offset) {
      const kept = starts[next++]!;
      if (kept.offset > start.offset) start = kept;
    }
    for (
      let end = code.indexOf("\n", start.offset);
      end >= 0 && end < offset;
      end = code.indexOf("\n", start.offset)
    )
      start = lineAfter(start, end + 1, map.mappings);
    const position = inLine(start, offset - start.offset, map);
    if (position) positions.set(offset, position);
  }
  return positions;
}

/** Every so many lines, the first among them. */
function lineStarts(code: string, { mappings }: SourceMap): LineStart[] {
  let start: LineStart = { offset: 0, at: 0, source: 0, line: 0, column: 0 };
  const starts = [start];
  let count = 0;
  for (let end = code.indexOf("\n"); end >= 0; end = code.indexOf("\n", end + 1)) {
    start = lineAfter(start, end + 1, mappings);
    if (++count % step === 0) starts.push(start);
  }
  return starts;
}

const comma = 44;
const semicolon = 59;

/** Adds up what the segments of a line say. */
function lineAfter(start: LineStart, offset: number, mappings: string): LineStart {
  let { at, source, line, column } = start;
  let field = 0;
  let value = 0;
  let shift = 0;
  while (at < mappings.length) {
    const character = mappings.charCodeAt(at++);
    if (character === semicolon) break;
    if (character === comma) {
      field = 0;
      continue;
    }
    const digit = digits[character]!;
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    const number = value & 1 ? -(value >>> 1) : value >>> 1;
    if (field === 1) source += number;
    else if (field === 2) line += number;
    else if (field === 3) column += number;
    field++;
    value = 0;
    shift = 0;
  }
  return { offset, at, source, line, column };
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
    const character = mappings.charCodeAt(at);
    if (character === comma || character === semicolon) {
      end();
      continue;
    }
    const digit = digits[character]!;
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

/** The position of a column by the last segment of the line that begins at it or before. */
function inLine(start: LineStart, wanted: number, { mappings, sources }: SourceMap): Position | undefined {
  let { at, source, line, column } = start;
  let generated = 0;
  let found: Position | undefined;
  while (at < mappings.length && mappings.charCodeAt(at) !== semicolon) {
    const numbers: number[] = [];
    for (; at < mappings.length; at++) {
      const character = mappings.charCodeAt(at);
      if (character === semicolon) break;
      if (character === comma) {
        at++;
        break;
      }
      let value = 0;
      for (let shift = 0; ; shift += 5, at++) {
        const digit = digits[mappings.charCodeAt(at)] ?? 0;
        value += (digit & 31) << shift;
        if ((digit & 32) === 0) break;
      }
      numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    }
    const [ahead = 0, ofSource, ofLine = 0, ofColumn = 0] = numbers;
    generated += ahead;
    if (generated > wanted) break;
    found = undefined;
    if (ofSource === undefined) continue;
    source += ofSource;
    line += ofLine;
    column += ofColumn;
    found = { source: sources[source] ?? "", line: line + 1, column: column + 1 };
  }
  return found;
}

/** Value of a Base64 digit by its character code; 0 for what is none. */
const digits = (() => {
  const values = new Uint8Array(65_536);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const [value, character] of [...alphabet].entries()) values[character.charCodeAt(0)] = value;
  return values;
})();
