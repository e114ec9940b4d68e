/** What says which channel is meant. */
export const NAMES: ReadonlySet<string> = new Set(['name', 'channelId']);

/** Another value of the same type; `how` from 0 to 5. */
export function bent(value: unknown, how: number): unknown {
  if (typeof value === 'bigint')
    return [value + 1n, value - 1n, 0n, value * 2n, 1n << 40n, 354_000n]
      .map((n) => BigInt.asUintN(64, n))
      .at(how);
  if (typeof value === 'number')
    return [value + 1, Math.max(0, value - 1), 0, 1, Math.min(value, 253), value > 255 ? 60_000 : 200].at(
      how,
    );
  if (Array.isArray(value)) return how % 2 === 0 ? value.slice(1) : value.concat(value.slice(0, 1));
  if (!(value instanceof Uint8Array)) return value;
  const at = (how * 7) % Math.max(1, value.length);
  const bytes = value.map((byte, i) => [0, 0xff].at(how) ?? (i === at ? byte ^ (1 << how) : byte));
  // The codec itself refuses what cannot be a compressed point.
  if (bytes.length === 33) bytes[0] = 2;
  return bytes;
}
