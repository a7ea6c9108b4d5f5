import { once } from "node:events";
import { createServer } from "node:net";
import pg from "pg";

// Enough of a server for one query with a parameter.
const message = (type: string, ...parts: (Buffer | string)[]) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const int16 = (...values: number[]) =>
  Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 255])));
const int32 = (value: number) => Buffer.concat([int16(value >>> 16), int16(value & 65535)]);
const column = (name: string, type: number) =>
  Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(type), int16(4), int32(-1), int16(0)]);
const value = (text: string) => Buffer.concat([int32(text.length), Buffer.from(text)]);
const ready = message("Z", "I");
const server = createServer((socket) => {
  let isStarted = false;
  socket.on("error", () => {});
  socket.on("data", (data) => {
    if (!isStarted) {
      isStarted = true;
      socket.write(
        Buffer.concat([message("R", int32(0)), message("S", "server_version\0", "18.0\0"), ready]),
      );
    } else if (data[0] === 80) {
      const rows = message("D", int16(2), value("42"), value('{"a":[1]}'));
      socket.write(
        Buffer.concat([
          message("1"),
          message("2"),
          message("T", int16(2), column("answer", 23), column("data", 3802)),
          rows,
          message("C", "SELECT 1\0"),
          ready,
        ]),
      );
    }
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const pool = new pg.Pool({ host: "127.0.0.1", port: server.address().port, user: "ada", database: "shop" });
const { rows, rowCount } = await pool.query("SELECT $1::int AS answer, data FROM t", [42]);
console.log(rowCount, rows[0].answer + 1, rows[0].data.a.length);
await pool.end();
server.close();

const refused = new pg.Client({ host: "127.0.0.1", port: 1, user: "ada" });
await refused.connect().catch((error) => console.log(error.code));
console.log(pg.escapeIdentifier('a"b'));
