/** An .ico file with one square of one colour, as a bitmap of 32 bits: what icotool and Windows call an icon. */
export function makeIcon(size = 16, colour = 0xff3366cc): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40, 0);
  header.writeInt32LE(size, 4);
  // Colours and mask together.
  header.writeInt32LE(2 * size, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const colours = Buffer.alloc(4 * size * size);
  for (let at = 0; at < colours.length; at += 4) colours.writeUInt32LE(colour, at);
  const image = Buffer.concat([header, colours, Buffer.alloc(4 * Math.ceil(size / 32) * size)]);
  const directory = Buffer.alloc(22);
  directory.set([0, 0, 1, 0, 1, 0, size, size, 0, 0, 1, 0, 32, 0]);
  directory.writeUInt32LE(image.length, 14);
  directory.writeUInt32LE(directory.length, 18);
  return Buffer.concat([directory, image]);
}
