import { createHmac } from "node:crypto";
import { canonicalJson, type Json } from "../json.ts";
import type { RemoteValue } from "./remote-inputs.ts";

/** Changes when what is stored under a key changes its meaning. */
const format = "sbp remote 1";

/*
 * What an action reads beyond its fingerprint is known only once it has run, and what it reads may depend on what it
 * has read. So results hang on a chain: under the key of a fingerprint is either the result, or the names of inputs to look
 * at, whose present values give the key to go on with. Nothing that is stored has ever to be changed.
 *
 *     key(fingerprint) ──► look at: src/main.ts ──► key(…, value) ──► look at: src/a.ts ──► key(…, value) ──► result
 *
 * A result is right wherever its chain leads to it: the chain has all that it was made from. With a secret, keys and
 * signatures are those of its holders only, and tell nobody else anything of the values.
 */
export class RemoteKeys {
  readonly #secret: string;

  constructor(secret: string | undefined) {
    this.#secret = secret ?? "";
  }

  first(fingerprint: string): string {
    return this.#key(["action", fingerprint]);
  }

  next(key: string, inputs: readonly RemoteValue[]): string {
    return this.#key([
      "inputs",
      key,
      inputs.map(({ kind, name, versionArgs, value }) => [kind, name, versionArgs ?? [], value]),
    ]);
  }

  blob(sha256: string): string {
    return this.#key(["blob", sha256]);
  }

  /** 32 bytes that vouch for what is stored under a key. Without a secret they only tell damage. */
  signature(key: string, bytes: Uint8Array): Buffer {
    return createHmac("sha256", this.#secret).update(`${format}\n${key}\n`).update(bytes).digest();
  }

  #key(parts: Json): string {
    return createHmac("sha256", this.#secret)
      .update(`${format}\n${canonicalJson(parts)}`)
      .digest("hex");
  }
}
