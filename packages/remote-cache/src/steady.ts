/** Less than this in a whole window is no progress worth waiting for; bytes. */
const leastBytes = 64 << 10;

/**
 * Passes on the chunks of a stream as long as they come in some numbers: a server that sends a byte now and then
 * would otherwise hold up a build for ever. The window is in milliseconds.
 */
export async function* steady(
  stream: AsyncIterable<Uint8Array>,
  window: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let start = performance.now();
  let received = 0;
  for await (const chunk of stream) {
    received += chunk.length;
    yield chunk;
    // Time that the reader takes for itself counts, too: far less than a window for so few bytes.
    if (performance.now() - start < window) continue;
    if (received < leastBytes) throw new Error(`it sent ${received} bytes in ${Math.round(window / 1000)} s`);
    start = performance.now();
    received = 0;
  }
}
