/*
 * What a database may be at most: far above what the whole of npm has today (a quarter of a million records in 200 MB), far below what hurts.
 */

/** Bytes of one record. */
export const largestRecord = 16 << 20;
/** Values of one record, about: a few bytes of JSON can take fifty in memory each. Records of real packages have some hundred. */
export const mostValues = 250_000;
/** Files in a folder, or entries in a zip. */
export const mostFiles = 2_000_000;
/** Bytes of all records together. */
export const largestDatabase = 8 * 2 ** 30;
/** Bytes that a zip may hold per byte of its own; text such as this packs to a fifth. */
export const highestRatio = 60;
/** A small zip may be all repetition. */
export const freeBytes = 64 << 20;
/** Folders within a folder. */
export const deepest = 6;
