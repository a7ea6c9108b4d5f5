import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const root = await protobuf.load(fileURLToPath(new URL("./order.proto", import.meta.url)));
const Order = root.lookupType("shop.Order");
const bytes = Order.encode(
  Order.fromObject({ id: "9007199254740993", items: ["tea"], status: "PAID" }),
).finish();
console.log(Buffer.from(bytes).toString("hex"));
console.log(JSON.stringify(Order.toObject(Order.decode(bytes), { longs: String, enums: String })));
