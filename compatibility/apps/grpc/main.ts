import path from "node:path";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

const definition = protoLoader.loadSync(path.join(import.meta.dirname, "protos/greeter.proto"), {
  includeDirs: [path.join(import.meta.dirname, "protos")],
  keepCase: true,
  longs: String,
});
const { greeter } = grpc.loadPackageDefinition(definition) as any;

const server = new grpc.Server();
server.addService(greeter.Greeter.service, {
  hello: (call, reply) =>
    reply(null, { text: `Hello ${call.request.name}`, at: { seconds: "12345678901234" } }),
  count: (call) => {
    for (let number = 1; number <= call.request.to; number++) call.write({ number });
    call.end();
  },
});
const port = await new Promise<number>((resolve, reject) =>
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  ),
);
const client = new greeter.Greeter(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
const answer = await new Promise<any>((resolve, reject) =>
  client.hello({ name: "Ada" }, (error, value) => (error ? reject(error) : resolve(value))),
);
console.log(answer.text, answer.at.seconds);
const numbers: number[] = [];
for await (const { number } of client.count({ to: 4 })) numbers.push(number);
console.log(numbers.join());
client.close();
server.forceShutdown();
