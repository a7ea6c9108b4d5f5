/** The part of hash-wasm that is loaded; its types are those of the whole. */
declare module "hash-wasm/dist/sha256.umd.min.js" {
  const exported: Pick<typeof import("hash-wasm"), "createSHA256">;
  export default exported;
}
