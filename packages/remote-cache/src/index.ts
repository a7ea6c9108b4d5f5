export { FolderStorage } from "./folder-storage.ts";
export { HttpStorage, type HttpStorageOptions } from "./http-storage.ts";
export { openStorage, type StorageEnvironment } from "./open-storage.ts";
export { S3Storage, type S3StorageOptions } from "./s3-storage.ts";
