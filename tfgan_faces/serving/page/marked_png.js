// PNGs that say in their metadata that they are generated.

const START = 33; // bytes before the first chunk after the header: signature and IHDR
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

// Returns the bytes of a PNG with an iTXt chunk of the given content, a string, in front.
export function withText(png, content) {
  const data = new TextEncoder().encode(`iTXt${content}`);
  const chunk = new Uint8Array(data.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length - 4);
  chunk.set(data, 4);
  view.setUint32(data.length + 4, checksum(data));
  const marked = new Uint8Array(png.length + chunk.length);
  marked.set(png.subarray(0, START));
  marked.set(chunk, START);
  marked.set(png.subarray(START), START + chunk.length);
  return marked;
}

function checksum(data) {
  let value = 0xffffffff;
  for (const byte of data) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
