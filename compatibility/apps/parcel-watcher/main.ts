import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import watcher from "@parcel/watcher";

const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "watcher-")));
const snapshot = path.join(folder, ".snapshot");
await watcher.writeSnapshot(folder, snapshot);
const seen = Promise.withResolvers<void>();
const subscription = await watcher.subscribe(folder, (error, events) => {
  if (error) return seen.reject(error);
  for (const { type, path: file } of events) {
    if (!file.endsWith("new.txt")) continue;
    console.log(type, path.relative(folder, file));
    seen.resolve();
    break;
  }
});
await writeFile(path.join(folder, "new.txt"), "new");
await seen.promise;
await subscription.unsubscribe();
const since = await watcher.getEventsSince(folder, snapshot);
console.log(
  since
    .filter(({ path: file }) => file.endsWith("new.txt"))
    .map(({ type }) => type)
    .join(),
);
await rm(folder, { recursive: true });
