/** Those of the channels that are busy, and what passes by. */
const SLOTS = 512;
const POINT = 33;
const PARSED = 64;

/**
 * Each point that a compressed one stands for costs a square root, and those of a channel come again and again. So
 * each that is parsed stays in the module's memory until another takes its place.
 * @param parseAt writes the 64 bytes that the library keeps of a point; false when it is none
 * @returns the address of a point of 33 bytes, parsed, not to be written to; 0 when it is none
 */
export function rememberedPoints(
  malloc: (length: number) => number,
  parseAt: (at: number, point: Uint8Array) => boolean,
): (point: Uint8Array) => number {
  const parsedAt = malloc(SLOTS * PARSED);
  // All zeros where none is remembered: a compressed point begins with 2 or 3.
  const names = new Uint8Array(SLOTS * POINT);
  return (point) => {
    if (point[0] !== 2 && point[0] !== 3) return 0;
    // The x of a point that nobody chose is as good as a hash.
    const slot = (((point[31] ?? 0) << 8) | (point[32] ?? 0)) & (SLOTS - 1);
    const at = parsedAt + slot * PARSED;
    const nameAt = slot * POINT;
    let i = 0;
    while (i < POINT && names[nameAt + i] === point[i]) i++;
    if (i === POINT) return at;
    names[nameAt] = 0;
    if (!parseAt(at, point)) return 0;
    names.set(point, nameAt);
    return at;
  };
}
