import { once } from "node:events";
import { createServer } from "node:net";
import { BSON, MongoClient } from "mongodb";

// Enough of a server: it says hello, stores what is inserted and finds all of it.
const stored: BSON.Document[] = [];
const server = createServer((socket) => {
  let rest = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 16 && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0));
      rest = rest.subarray(message.length);
      const isOld = message.readInt32LE(12) === 2004;
      const command = isOld
        ? BSON.deserialize(message.subarray(message.indexOf(0, 20) + 9))
        : BSON.deserialize(message.subarray(21, 21 + message.readInt32LE(21)));
      const body = Buffer.from(BSON.serialize(answer(command)));
      const head = Buffer.alloc(isOld ? 36 : 21);
      head.writeInt32LE(head.length + body.length, 0);
      head.writeInt32LE(message.readInt32LE(4), 8);
      head.writeInt32LE(isOld ? 1 : 2013, 12);
      if (isOld) head.writeInt32LE(1, 32);
      socket.write(Buffer.concat([head, body]));
    }
  });
});

function answer(command: BSON.Document): BSON.Document {
  if (command.hello || command.ismaster || command.isMaster)
    return {
      ok: 1,
      helloOk: true,
      isWritablePrimary: true,
      ismaster: true,
      maxWireVersion: 25,
      minWireVersion: 0,
      maxBsonObjectSize: 16777216,
      maxMessageSizeBytes: 48000000,
      maxWriteBatchSize: 100000,
      localTime: new Date(0),
      readOnly: false,
    };
  if (command.insert) {
    stored.push(...command.documents);
    return { ok: 1, n: command.documents.length };
  }
  if (command.find)
    return { ok: 1, cursor: { id: BSON.Long.ZERO, ns: `test.${command.find}`, firstBatch: stored } };
  return { ok: 1 };
}

server.listen(0, "127.0.0.1");
await once(server, "listening");
const client = new MongoClient(`mongodb://127.0.0.1:${server.address().port}/?directConnection=true`, {
  forceServerObjectId: true,
});
const orders = client.db("test").collection<{ item: string; price: BSON.Decimal128 }>("orders");
console.log(
  (await orders.insertOne({ item: "tea", price: BSON.Decimal128.fromString("2.50") })).acknowledged,
);
for await (const { item, price } of orders.find({ item: "tea" })) console.log(item, price.toString());
await client.close();
server.close();
