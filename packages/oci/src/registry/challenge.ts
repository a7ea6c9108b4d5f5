/** What a registry asks for in `WWW-Authenticate`: RFC 9110, 11.3. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The challenges of a header. What does not follow the grammar ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
  const parameter = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;
  const gap = /[\s,]*/y;
  const take = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(header);
  };
  for (let at = 0; ; ) {
    at += take(gap, at)![0].length;
    const found = take(parameter, at);
    const current = challenges.at(-1);
    if (found && current) {
      current.parameters.set(found[1]!.toLowerCase(), found[2]?.replaceAll(/\\(.)/g, "$1") ?? found[3]!);
      at += found[0].length;
      continue;
    }
    const scheme = take(token, at);
    if (!scheme) return challenges;
    challenges.push({ scheme: scheme[0].toLowerCase(), parameters: new Map() });
    at += scheme[0].length;
  }
}
