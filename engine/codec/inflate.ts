import { unzlibSync } from 'fflate';

/** The largest sum of 16 bits that Adler-32 works with (RFC 1950 §8.2). */
const BASE = 65_521;

/**
 * What zlib (RFC 1950 over RFC 1951) made smaller; null when that is not what it is, or when it comes to more than
 * `most` bytes. fflate does not look at the sum behind the data: that is done here.
 */
export function inflateZlib(bytes: Uint8Array, most: number): Uint8Array | null {
  // One byte of room too many tells a result that is too large: what has no room is not written.
  const room = new Uint8Array(most + 1);
  const inflated = unzlib(bytes, room);
  if (inflated === null || inflated.length > most) return null;
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4);
  return adler32(inflated) === sum ? inflated.slice() : null;
}

/** fflate throws an error of its own at anything that is not zlib's. */
function unzlib(bytes: Uint8Array, room: Uint8Array): Uint8Array | null {
  try {
    return unzlibSync(bytes, { out: room });
  } catch {
    return null;
  }
}

/** RFC 1950 §8.2. The sums of so many bytes stay below 2^32: they are brought back into range once for all of them. */
const AT_ONCE = 3_800;

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    for (const byte of bytes.subarray(at, at + AT_ONCE)) {
      a += byte;
      b += a;
    }
    a %= BASE;
    b %= BASE;
  }
  return b * 0x1_0000 + a;
}
