import { encode, decode } from '../codec/field.ts';
import { nodeId } from '../codec/ids.ts';
import { u32 } from '../codec/integers.ts';
import { mapped } from '../codec/field.ts';
import { restList } from '../codec/sequences.ts';
import { struct } from '../codec/struct.ts';
import { blockDelta16, scid } from '../codec/units.ts';
import { msat } from '../base/units.ts';
import type { RouteHint } from './bolt11.ts';
import { bytesOfWords, wordsOfBytes } from './words.ts';

/** BOLT 11 §Tagged Fields `r`: 51 bytes a hop. */
const hops = restList(
  struct({
    nodeId,
    scid,
    feeBase: mapped(
      u32,
      (amount) => msat(amount),
      (amount) => Number(amount),
    ),
    feeProportionalMillionths: u32,
    cltvExpiryDelta: blockDelta16,
  }),
);

/** Null when it is not one or more whole hops with keys that could be points (only their use tells if they are). */
export function routeHintOfWords(words: Uint8Array): RouteHint | null {
  const decoded = decode(hops, bytesOfWords(words));
  return decoded.ok && decoded.value.length > 0 ? decoded.value : null;
}

export const wordsOfRouteHint = (hint: RouteHint): Uint8Array => wordsOfBytes(encode(hops, hint));
