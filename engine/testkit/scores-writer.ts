import { concatBytes, fromHex } from '../base/bytes.ts';

/** What is known of a channel: see `ExternalScores`. */
export type ToldScore = {
  readonly scid: bigint;
  readonly least: bigint;
  readonly lessThanAll: bigint;
  readonly at: number;
};

const bytesOf = (value: bigint, length: number): Uint8Array =>
  fromHex(value.toString(16).padStart(2 * length, '0'));

/** Of what is known of a channel. */
export const scoreField = (type: number, value: Uint8Array): Uint8Array =>
  Uint8Array.of(type, value.length, ...value);

const sized = (bytes: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0xfe), bytesOf(BigInt(bytes.length), 4), bytes);

/** As LDK's ProbabilisticScorer writes it, with `more` fields of each channel. */
export function writeScores(told: readonly ToldScore[], more: readonly Uint8Array[] = []): Uint8Array {
  const channels = told.map(({ scid, least, lessThanAll, at }) => {
    const fields = [
      scoreField(0, bytesOf(least, 8)),
      scoreField(2, bytesOf(lessThanAll, 8)),
      scoreField(4, concatBytes(bytesOf(BigInt(at), 8), new Uint8Array(4))),
      ...more,
    ];
    const stream = concatBytes(...fields);
    return concatBytes(bytesOf(scid, 8), Uint8Array.of(stream.length), stream);
  });
  const count =
    told.length < 0xffff
      ? bytesOf(BigInt(told.length), 2)
      : concatBytes(Uint8Array.of(0xff, 0xff), bytesOf(BigInt(told.length - 0xffff), 8));
  const map = concatBytes(count, ...channels);
  const inner = concatBytes(Uint8Array.of(0, 0xfe), bytesOf(BigInt(map.length), 4), map);
  // BigSize is minimal: what is short is said in one byte.
  return map.length < 200
    ? concatBytes(Uint8Array.of(map.length + 2, 0, map.length), map)
    : sized(inner).length < 0x1_0005
      ? concatBytes(
          Uint8Array.of(0xfd),
          bytesOf(BigInt(map.length + 4), 2),
          Uint8Array.of(0, 0xfd),
          bytesOf(BigInt(map.length), 2),
          map,
        )
      : sized(inner);
}
