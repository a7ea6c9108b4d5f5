import { hash, verify } from "@node-rs/argon2";

const hashed = await hash("secret", { salt: Buffer.alloc(16, 1), memoryCost: 4096, timeCost: 2 });
console.log(hashed);
console.log(await verify(hashed, "secret"), await verify(hashed, "other"));
