import type { ByteSource } from "@sbp/executable";
import type { Inventory, Subject } from "./inventory.ts";

/** What can be known of an executable that sbp did not make. */
export async function inventoryOfForeign(
  _source: ByteSource,
  subject: Omit<Subject, "version" | "target">,
): Promise<Inventory> {
  return {
    subject: { ...subject, version: "", target: undefined },
    components: [],
    unknown: ["sbp did not make this file: what is in it cannot be told."],
  };
}
