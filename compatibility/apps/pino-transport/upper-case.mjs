import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { Writable } from "node:stream";

/** A transport of the app's own: runs in pino's worker. */
export default async function upperCase({ destination }) {
  const out = createWriteStream(destination);
  await once(out, "open");
  let rest = "";
  return new Writable({
    autoDestroy: true,
    write(chunk, _encoding, done) {
      rest += chunk;
      const lines = rest.split("\n");
      rest = lines.pop();
      for (const line of lines) out.write(`${JSON.parse(line).msg.toUpperCase()}\n`);
      done();
    },
    final(done) {
      out.end(done);
    },
  });
}
