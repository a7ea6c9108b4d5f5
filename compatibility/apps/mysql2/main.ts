import { once } from "node:events";
import mysql from "mysql2";
import { createConnection } from "mysql2/promise";

// mysql2 brings a server's side of the protocol.
const server = mysql.createServer();
server.on("connection", (connection) => {
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: "8.0",
    connectionId: 1,
    statusFlags: 2,
    characterSet: 8,
    capabilityFlags: 0xffffff ^ 0x800,
    authCallback: (_login, done) => {
      done(null);
      connection._resetSequenceId();
    },
  });
  connection.on("query", (query) => {
    connection.writeTextResult(
      [{ query, name: "tea" }],
      [
        {
          catalog: "def",
          schema: "",
          table: "",
          orgTable: "",
          name: "query",
          orgName: "",
          characterSet: 33,
          columnLength: 200,
          columnType: 253,
          flags: 0,
          decimals: 0,
        },
        {
          catalog: "def",
          schema: "",
          table: "",
          orgTable: "",
          name: "name",
          orgName: "",
          characterSet: 33,
          columnLength: 200,
          columnType: 253,
          flags: 0,
          decimals: 0,
        },
      ],
    );
    connection._resetSequenceId();
  });
  connection.on("error", () => {});
});
server.listen(0, "127.0.0.1");
await once(server._server, "listening");
const connection = await createConnection({
  host: "127.0.0.1",
  port: server._server.address().port,
  user: "ada",
});
const [rows] = await connection.query("SELECT ? AS a, ?? FROM t", ["it's", "name"]);
console.log(rows[0].query, rows[0].name);
connection.destroy();
server._server.close();
await createConnection({ host: "127.0.0.1", port: 1 }).catch((error) => console.log(error.code));
