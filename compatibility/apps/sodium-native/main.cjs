const sodium = require("sodium-native");

const key = Buffer.alloc(sodium.crypto_secretbox_KEYBYTES, 1);
const nonce = Buffer.alloc(sodium.crypto_secretbox_NONCEBYTES, 2);
const message = Buffer.from("attack at dawn");
const box = Buffer.alloc(message.length + sodium.crypto_secretbox_MACBYTES);
sodium.crypto_secretbox_easy(box, message, nonce, key);
console.log(box.toString("hex"));
const opened = Buffer.alloc(message.length);
console.log(sodium.crypto_secretbox_open_easy(opened, box, nonce, key), opened.toString());
