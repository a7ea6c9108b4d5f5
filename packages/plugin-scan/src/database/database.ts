import type { CoreEntry } from "../node/core-index.ts";
import type { Advisory } from "../osv/advisory.ts";

/** What is known of vulnerabilities, to ask by package. */
export interface Database {
  /** Where it comes from, for people. */
  readonly source: string;
  /** The newest time at which a record of it was changed, RFC 3339; undefined where no record tells. */
  readonly date: string | undefined;
  /** OSV records in it. */
  readonly records: number;
  /** What is known of Node.js itself; undefined where there is no index of it. */
  readonly core: readonly CoreEntry[] | undefined;
  /** The ecosystems that it has something of: `npm`, `Go`, `Debian:12`. */
  readonly ecosystems: readonly string[];
  /** The advisories that name a package; the key is that of `packageKey`, of npm the name. */
  advisoriesOf(key: string): readonly Advisory[];
  close(): void;
}
