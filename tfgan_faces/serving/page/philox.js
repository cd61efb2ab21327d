// The noise of a seed, the same as that of tfgan_faces/latents/philox.py.
// Philox4x32-10: Salmon et al., 2011; normal numbers: Box and Muller, 1958.

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57];
const WEYL = [0x9e3779b9, 0xbb67ae85]; // added to the key in each round
const ROUNDS = 10;
const SCRAMBLING_KEY = [0x3ec8f720, 0x02461e29];
const MIN_UNIFORM = 1e-7; // keeps the logarithm finite
const MASK = 0x7fffff; // the bits of a uniform number

// Returns standard normal numbers of a seed, as a Float32Array.
export function standardNormals(seed, count) {
  const wide = BigInt.asUintN(64, BigInt(seed));
  const halves = [Number(wide & 0xffffffffn), Number(wide >> 32n)];
  const scrambled = philox([...halves, 0, 0], SCRAMBLING_KEY);
  const numbers = new Float32Array(4 * Math.ceil(count / 4));
  for (let block = 0; 4 * block < count; block += 1) {
    const words = philox([block, 0, scrambled[2], scrambled[3]], scrambled);
    const uniform = words.map((word) => (word & MASK) * 2 ** -23);
    numbers.set([...boxMuller(uniform[0], uniform[1]), ...boxMuller(uniform[2], uniform[3])], 4 * block);
  }
  return numbers.subarray(0, count);
}

function philox(counter, key) {
  let [zero, one, two, three] = counter;
  let [first, second] = key;
  for (let round = 0; round < ROUNDS; round += 1) {
    [zero, one, two, three] = [
      (high(two, MULTIPLIERS[1]) ^ one ^ first) >>> 0,
      Math.imul(two, MULTIPLIERS[1]) >>> 0,
      (high(zero, MULTIPLIERS[0]) ^ three ^ second) >>> 0,
      Math.imul(zero, MULTIPLIERS[0]) >>> 0,
    ];
    first = (first + WEYL[0]) >>> 0;
    second = (second + WEYL[1]) >>> 0;
  }
  return [zero, one, two, three];
}

// Returns the upper 32 bits of the product of two 32-bit numbers.
function high(a, b) {
  const [al, ah, bl, bh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const [low, left, right] = [al * bl, ah * bl, al * bh];
  const middle = (low >>> 16) + (left & 0xffff) + (right & 0xffff);
  return (ah * bh + (left >>> 16) + (right >>> 16) + (middle >>> 16)) >>> 0;
}

function boxMuller(one, other) {
  const radius = Math.sqrt(-2 * Math.log(Math.max(one, MIN_UNIFORM)));
  return [Math.sin(2 * Math.PI * other) * radius, Math.cos(2 * Math.PI * other) * radius];
}
