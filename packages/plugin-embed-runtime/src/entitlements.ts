import { exitCodes, SbpError } from "@sbp/core";
import type { Entitlements } from "@sbp/executable";
import { locationAt } from "./location.ts";

type Value = Entitlements[string];

/** What may stand between elements. */
const space = /(?:\s+|<!--[\s\S]*?-->)*/y;
const header = /(?:<\?xml[^<>]*\?>)?\s*(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE[^<>[\]]*>)?/y;
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Reads entitlements from an XML property list (Apple's PropertyList-1.0.dtd): a dictionary of true, false, texts and
 * lists of texts, as entitlements are. Throws SBP_ENTITLEMENTS_INVALID with the place.
 */
export function parseEntitlements(file: string, bytes: Uint8Array): Entitlements {
  if (Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "bplist")
    throw new SbpError("SBP_ENTITLEMENTS_INVALID", `"${file}" is a binary property list`, {
      hint: `Convert it: plutil -convert xml1 ${file}`,
      exitCode: exitCodes.badUsage,
    });
  return new PropertyList(
    file,
    Buffer.from(bytes)
      .toString("utf8")
      .replace(/^\uFEFF/, ""),
  ).read();
}

class PropertyList {
  readonly #file: string;
  readonly #text: string;
  #at = 0;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  read(): Entitlements {
    this.#take(header);
    this.#expect(/<plist(?:\s[^<>]*)?>/y, "<plist>");
    const entries = this.#dictionary();
    this.#expect(/<\/plist>/y, "</plist>");
    this.#take(space);
    if (this.#at < this.#text.length) throw this.#wrong("something follows </plist>");
    return Object.fromEntries(entries);
  }

  #dictionary(): ReadonlyMap<string, Value> {
    const entries = new Map<string, Value>();
    if (this.#next(/<dict\s*\/>/y)) return entries;
    this.#expect(/<dict>/y, "<dict>");
    while (!this.#next(/<\/dict>/y)) {
      const [, key] = this.#expect(/<key>([^<]*)<\/key>/y, "<key>");
      const name = this.#decoded(key!);
      if (entries.has(name)) throw this.#wrong(`"${name}" is there twice`);
      entries.set(name, this.#value());
    }
    return entries;
  }

  #value(): Value {
    const boolean = this.#next(/<(true|false)\s*\/>/y);
    if (boolean) return boolean[1] === "true";
    const text = this.#string();
    if (text !== undefined) return text;
    if (this.#next(/<array\s*\/>/y)) return [];
    this.#expect(/<array>/y, "<true/>, <false/>, <string> or <array>");
    const items: string[] = [];
    while (!this.#next(/<\/array>/y)) {
      const item = this.#string();
      if (item === undefined) throw this.#wrong("<string> or </array> is expected");
      items.push(item);
    }
    return items;
  }

  #string(): string | undefined {
    if (this.#next(/<string\s*\/>/y)) return "";
    const found = this.#next(/<string>([^<]*)<\/string>/y);
    return found ? this.#decoded(found[1]!) : undefined;
  }

  #decoded(text: string): string {
    return text.replace(/&([^;&]*);?/g, (_, name: string) => {
      const digits = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name);
      const code = digits ? Number.parseInt(digits[1] ?? digits[2]!, digits[1] ? 16 : 10) : 0;
      const meant = Object.hasOwn(entities, name) ? entities[name] : undefined;
      // Halves of a surrogate pair are no characters, and could not be written again.
      const isHalf = code >= 0xd800 && code <= 0xdfff;
      if (meant === undefined && (code === 0 || isHalf || code > 0x10ffff))
        throw this.#wrong(`"&${name.slice(0, 20)}" is no character`);
      return meant ?? String.fromCodePoint(code);
    });
  }

  #expect(element: RegExp, name: string): RegExpExecArray {
    const found = this.#next(element);
    if (!found) throw this.#wrong(`${name} is expected`);
    return found;
  }

  /** Takes an element, if it comes next. */
  #next(element: RegExp): RegExpExecArray | null {
    this.#take(space);
    return this.#take(element);
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #wrong(problem: string): SbpError {
    return new SbpError(
      "SBP_ENTITLEMENTS_INVALID",
      `"${this.#file}" is no property list of entitlements: ${problem}`,
      {
        location: locationAt(this.#file, this.#text, this.#at),
        hint: "Entitlements are a <dict> of <true/>, <false/>, <string> and <array> of <string>.",
        exitCode: exitCodes.badUsage,
      },
    );
  }
}
