/**
 * Stands in for absolute paths in generated code while it is hashed, so that two clones of a project get the same
 * hash; then gives way to the paths.
 */
export class PathMarkers {
  readonly #values = new Map<string, string>();

  /** The marker for `value`; `id` tells the same thing without saying where it lies. */
  mark(id: string, value: string): string {
    const marker = `sbp:${encodeURI(id)}`;
    this.#values.set(marker, value);
    return marker;
  }

  /** The code with every string literal that is a marker replaced by its value. */
  restore(code: string): string {
    return code.replace(/"(sbp:[^"\\\s]+)"/g, (literal, marker: string) => {
      const value = this.#values.get(marker);
      return value === undefined ? literal : JSON.stringify(value);
    });
  }
}
