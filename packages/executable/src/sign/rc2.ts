/**
 * RC2 (RFC 2268) in CBC mode, decryption only: Keychain Access encrypts the certificates of its PKCS #12 files with
 * it, and the OpenSSL inside Node does not have it. It protects nothing that is secret here.
 */

const blockSize = 8;

// RFC 2268, section 2: PITABLE.
const permutation = Buffer.from(
  "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32" +
    "bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626" +
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a" +
    "961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e" +
    "c5f3db47e5a59c770aa62068fe7fc1ad",
  "hex",
);

/** The plain text with its padding; `data` is a multiple of 8 bytes, the effective key length is the key's. */
export function decryptRc2Cbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const words = expandKey(key);
  const output = Buffer.alloc(data.length);
  let previous = iv;
  for (let at = 0; at < data.length; at += blockSize) {
    const block = data.subarray(at, at + blockSize);
    const plain = decryptBlock(words, block);
    for (let index = 0; index < blockSize; index++) output[at + index] = plain[index]! ^ previous[index]!;
    previous = block;
  }
  return output;
}

/** Section 2: 64 words of 16 bits. */
function expandKey(key: Uint8Array): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  for (let at = key.length; at < 128; at++)
    bytes[at] = permutation[(bytes[at - 1]! + bytes[at - key.length]!) & 0xff]!;
  bytes[128 - key.length] = permutation[bytes[128 - key.length]!]!;
  for (let at = 127 - key.length; at >= 0; at--)
    bytes[at] = permutation[bytes[at + 1]! ^ bytes[at + key.length]!]!;
  return Uint16Array.from({ length: 64 }, (_, index) => bytes[2 * index]! + 256 * bytes[2 * index + 1]!);
}

/** Section 4: five rounds of mixing, a mash, six, a mash, five, all backwards. */
function decryptBlock(key: Uint16Array, block: Uint8Array): Uint8Array {
  const rotation = [1, 2, 3, 5];
  const words = Uint16Array.from(
    { length: 4 },
    (_, index) => block[2 * index]! + 256 * block[2 * index + 1]!,
  );
  const word = (index: number) => words[index & 3]!;
  let next = 63;
  const unmix = () => {
    for (let index = 3; index >= 0; index--) {
      const turn = rotation[index]!;
      const value = (word(index) >>> turn) | (word(index) << (16 - turn));
      words[index] =
        value - key[next--]! - (word(index + 3) & word(index + 2)) - (~word(index + 3) & word(index + 1));
    }
  };
  const unmash = () => {
    for (let index = 3; index >= 0; index--) words[index] = word(index) - key[word(index + 3) & 63]!;
  };
  for (const rounds of [5, 6, 5]) {
    for (let round = 0; round < rounds; round++) unmix();
    if (next > 0) unmash();
  }
  return new Uint8Array(words.buffer);
}
