import { concatBytes } from '../base/bytes.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import { ammagextKey, umKey } from './key.ts';
import { sameMac } from './mac.ts';
import { obfuscate } from './stream.ts';

// BOLT 4 §Initialization of attribution_data: "The size of the field is based on the maximum number of hops in a
// route (20) and the truncated HMAC size (4 bytes)."
const MAX_HOPS = 20;
const HMAC_LENGTH = 4;
const HOLD_TIMES_LENGTH = 4 * MAX_HOPS;
const HMACS = (MAX_HOPS * (MAX_HOPS + 1)) / 2;
/** `htlc_hold_times` (20 u32) and `truncated_hmacs` (210 of 4 bytes), as update_fail_htlc carries them. */
export const ATTRIBUTION_LENGTH = HOLD_TIMES_LENGTH + HMAC_LENGTH * HMACS;
const LONGEST_HOLD = 0xffff_ffff;

/** Where hmac_x_y starts: "hmac_0_2 | hmac_0_1 | hmac_0_0 | hmac_1_1 | hmac_1_0 | hmac_2_0", for twenty hops. */
const hmacAt = (x: number, y: number): number =>
  HOLD_TIMES_LENGTH + HMAC_LENGTH * (x * MAX_HOPS - (x * (x - 1)) / 2 + (MAX_HOPS - 1 - x - y));

/** BOLT 4: return packet, "the first y+1 hold times", "y downstream hmacs that correspond to … positions relative to x". */
function hmacOf(um: Uint8Array, packet: Uint8Array, data: Uint8Array, y: number): Uint8Array {
  const parts = [packet, data.subarray(0, 4 * (y + 1))];
  for (let x = 1; x <= y; x++) {
    const at = hmacAt(x, y - x);
    parts.push(data.subarray(at, at + HMAC_LENGTH));
  }
  return hmacSha256(um, concatBytes(...parts)).subarray(0, HMAC_LENGTH);
}

/** Moves every hop one place away from us; BOLT 4: "The left-most HMAC for each hop is discarded." */
function shiftedRight(data: Uint8Array): Uint8Array {
  const shifted = new Uint8Array(ATTRIBUTION_LENGTH);
  shifted.set(data.subarray(0, HOLD_TIMES_LENGTH - 4), 4);
  for (let x = 1; x < MAX_HOPS; x++) {
    const from = hmacAt(x - 1, MAX_HOPS - 1 - x);
    shifted.set(data.subarray(from, from + HMAC_LENGTH * (MAX_HOPS - x)), hmacAt(x, MAX_HOPS - 1 - x));
  }
  return shifted;
}

function shiftedLeft(data: Uint8Array): Uint8Array {
  const shifted = new Uint8Array(ATTRIBUTION_LENGTH);
  shifted.set(data.subarray(4, HOLD_TIMES_LENGTH));
  for (let x = 1; x < MAX_HOPS; x++) {
    const from = hmacAt(x, MAX_HOPS - 1 - x);
    shifted.set(data.subarray(from, from + HMAC_LENGTH * (MAX_HOPS - x)), hmacAt(x - 1, MAX_HOPS - 1 - x));
  }
  return shifted;
}

/**
 * BOLT 4 §Update of attribution_data, for the erring node, the recipient of a fulfilled payment, and each node on the
 * way back.
 * @param packet the return packet before this node's layer; empty for update_fulfill_htlc.
 * @param holdTime how long this node held the HTLC, in units of 100 milliseconds; 0 when it is not told.
 * @param downstream what the next node sent; null when it sent none, or there is none.
 */
export function attribute(
  sharedSecret: Uint8Array,
  packet: Uint8Array,
  holdTime: number,
  downstream: Uint8Array | null,
): Uint8Array {
  const data =
    downstream?.length === ATTRIBUTION_LENGTH ? shiftedRight(downstream) : new Uint8Array(ATTRIBUTION_LENGTH);
  new DataView(data.buffer).setUint32(0, Math.min(holdTime, LONGEST_HOLD));
  const um = umKey(sharedSecret);
  for (let y = 0; y < MAX_HOPS; y++) data.set(hmacOf(um, packet, data, y), hmacAt(0, y));
  return obfuscate(ammagextKey(sharedSecret), data);
}

export type Attribution = {
  /** Of each hop that could be verified, from our peer on, in units of 100 milliseconds. */
  readonly holdTimes: readonly number[];
  /** The first hop whose HMAC is wrong: it or the one before it changed the data, or does not support it. */
  readonly brokenAt: number | null;
};

/**
 * BOLT 4 §Origin node. Stops at the hop that made the failure when `last` is given.
 * @param packets the return packet as each hop saw it before its layer (`failureLayers`); empty ones for a fulfilled
 *   payment.
 */
export function readAttribution(
  sharedSecrets: readonly Uint8Array[],
  packets: readonly Uint8Array[],
  attributionData: Uint8Array,
  last = sharedSecrets.length - 1,
): Attribution {
  const holdTimes: number[] = [];
  if (attributionData.length !== ATTRIBUTION_LENGTH) return { holdTimes, brokenAt: 0 };
  let data = attributionData;
  for (let hop = 0; hop <= last; hop++) {
    const secret = sharedSecrets[hop];
    const packet = packets[hop];
    const y = sharedSecrets.length - 1 - hop;
    if (secret === undefined || packet === undefined || y >= MAX_HOPS) break;
    data = obfuscate(ammagextKey(secret), data);
    const at = hmacAt(0, y);
    if (!sameMac(hmacOf(umKey(secret), packet, data, y), data.subarray(at, at + HMAC_LENGTH)))
      return { holdTimes, brokenAt: hop };
    holdTimes.push(new DataView(data.buffer, data.byteOffset).getUint32(0));
    data = shiftedLeft(data);
  }
  return { holdTimes, brokenAt: null };
}
