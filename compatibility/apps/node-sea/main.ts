import { getAsset, getAssetKeys, isSea } from "node:sea";

// An app may ask; what it gets must be what a plain program gets, or the truth.
console.log(typeof isSea());
try {
  getAsset("not there");
} catch (error) {
  console.log(
    [
      "ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION",
      "ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND",
    ].includes(error.code),
  );
}
console.log(typeof getAssetKeys);
