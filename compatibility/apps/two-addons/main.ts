import { hashSync } from "@node-rs/argon2";
import bcrypt from "bcrypt";
import bufferUtil from "bufferutil";

// The second addon from a mount may come back as the first.
console.log(hashSync("a", { salt: Buffer.alloc(16), memoryCost: 64, timeCost: 1 }).slice(0, 12));
console.log(bcrypt.hashSync("a", "$2b$04$abcdefghijklmnopqrstuu").slice(0, 7));
const text = Buffer.from("zz");
bufferUtil.unmask(text, Buffer.from([1, 0, 0, 0]));
console.log(text.toString());
