import { type AddressInfo, createServer } from "node:net";
import { Aedes } from "aedes";
import mqtt from "mqtt";

const broker = await Aedes.createBroker();
const server = createServer(broker.handle);
await new Promise<void>((resolve) => server.listen(0, resolve));
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`);
await client.subscribeAsync("rooms/+/light");
const received = new Promise((resolve) =>
  client.once("message", (...message) => resolve(message.slice(0, 2).join(": "))),
);
await client.publishAsync("rooms/kitchen/light", "on");
console.log(await received);
await client.endAsync();
broker.close();
server.close();
