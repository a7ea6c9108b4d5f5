import http from "node:http";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";

const s = http
  .createServer((q, r) => {
    r.setHeader("content-type", "application/xml");
    r.end(
      "<ListAllMyBucketsResult><Buckets><Bucket><Name>b1</Name></Bucket></Buckets></ListAllMyBucketsResult>",
    );
  })
  .listen(0);
const c = new S3Client({
  region: "us-east-1",
  endpoint: `http://127.0.0.1:${(s.address() as any).port}`,
  credentials: { accessKeyId: "a", secretAccessKey: "b" },
});
console.log((await c.send(new ListBucketsCommand({}))).Buckets);
s.close();
