import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Point } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import { muKey, padKey, rhoKey } from './key.ts';
import { session } from './session.ts';
import { obfuscateHere, streamOf } from './stream.ts';

export const VERSION = 0;
export const HMAC_LENGTH = 32;
const KEY_LENGTH = 33;
/** Where hop_payloads starts in a packet: after version and public_key. */
export const HEADER_LENGTH = 1 + KEY_LENGTH;
/** hop_payloads of a payment; the packet is 1,366 bytes. */
export const PAYMENT_PAYLOADS_LENGTH = 1300;
/** onionmsg_payloads of a large message; the packet is 32,834 bytes. */
export const LARGE_MESSAGE_PAYLOADS_LENGTH = 32_768;
/** version, public_key and hmac: what a packet has beside its payloads. */
export const OVERHEAD = HEADER_LENGTH + HMAC_LENGTH;

export type OnionHop = {
  /** The node's id, or its blinded id. */
  readonly nodeId: Point;
  /** The TLV stream, without the length in front. */
  readonly payload: Uint8Array;
};
export type BuiltOnion = {
  readonly packet: Uint8Array;
  /** One per hop, in order: they open the failure that may come back. */
  readonly sharedSecrets: readonly Uint8Array[];
};
export type OnionTooLong = {
  readonly code: 'onion-too-long';
  readonly needed: number;
  readonly room: number;
};

function framed(payload: Uint8Array): Uint8Array {
  const { length } = payload;
  // BOLT 4 §Packet Structure: "length values of 0 and 1 are reserved"
  assert(length >= 2 && length <= 0xffff, 'payload length');
  return length < 0xfd
    ? concatBytes(Uint8Array.of(length), payload)
    : concatBytes(Uint8Array.of(0xfd, length >> 8, length & 0xff), payload);
}

/** The bytes that a payload takes in the packet: its length, itself and an HMAC. */
export const shiftSize = (payloadLength: number): number =>
  (payloadLength < 0xfd ? 1 : 3) + payloadLength + HMAC_LENGTH;

/**
 * BOLT 4 §Packet Construction. Deterministic in its arguments; `sessionKey` is 32 random bytes, never used twice.
 * @param payloadsLength 1,300 for payments; messages choose.
 * @throws {Bug} when a node id is not a point, or there is no hop.
 */
export function buildOnion(
  sessionKey: Uint8Array,
  hops: readonly OnionHop[],
  associatedData: Uint8Array,
  payloadsLength: number = PAYMENT_PAYLOADS_LENGTH,
): Result<BuiltOnion, OnionTooLong> {
  assert(hops.length > 0, 'an onion without hops');
  let needed = 0;
  for (const { payload } of hops) needed += shiftSize(payload.length);
  if (needed > payloadsLength) return err({ code: 'onion-too-long', needed, room: payloadsLength });

  const { hops: keys } = session(
    sessionKey,
    hops.map((hop) => hop.nodeId),
  );
  const first = keys[0];
  assert(first !== undefined, 'session without hops');
  const sharedSecrets = keys.map((key) => key.sharedSecret);
  const last = hops.length - 1;

  // A hop extends the payloads by what it takes off, so its stream is that much longer; the same stream gives the
  // filler here and the obfuscation below. The last hop extends nothing that anybody reads, and its stream gives no filler.
  const streams = hops.slice(0, last).map(({ payload }, i) => {
    const secret = sharedSecrets[i];
    assert(secret !== undefined, 'shared secret');
    return streamOf(rhoKey(secret), payloadsLength + shiftSize(payload.length));
  });

  // BOLT 4 §Filler Generation: "The last hop need not obfuscate the filler"
  const filler = new Uint8Array(needed - shiftSize(hops[last]?.payload.length ?? 0));
  let filled = 0;
  for (const stream of streams) {
    const from = payloadsLength - filled;
    filled = stream.length - from;
    for (let at = 0; at < filled; at++) filler[at] = (filler[at] ?? 0) ^ (stream[from + at] ?? 0);
  }

  const authenticated = new Uint8Array(payloadsLength + associatedData.length);
  authenticated.set(associatedData, payloadsLength);
  const payloads = authenticated.subarray(0, payloadsLength);
  obfuscateHere(padKey(sessionKey), payloads);
  let hmac: Uint8Array = new Uint8Array(HMAC_LENGTH);
  for (let i = last; i >= 0; i--) {
    const hop = hops[i];
    const stream = streams[i];
    const secret = sharedSecrets[i];
    assert(hop !== undefined && secret !== undefined, 'hop');
    const payload = framed(hop.payload);
    payloads.copyWithin(payload.length + HMAC_LENGTH, 0);
    payloads.set(payload);
    payloads.set(hmac, payload.length);
    if (stream === undefined) {
      obfuscateHere(rhoKey(secret), payloads);
      payloads.set(filler, payloadsLength - filler.length);
    } else for (let at = 0; at < payloadsLength; at++) payloads[at] = (payloads[at] ?? 0) ^ (stream[at] ?? 0);
    hmac = hmacSha256(muKey(secret), authenticated);
  }

  const packet = new Uint8Array(payloadsLength + OVERHEAD);
  packet[0] = VERSION;
  packet.set(first.ephemeralKey, 1);
  packet.set(payloads, HEADER_LENGTH);
  packet.set(hmac, HEADER_LENGTH + payloadsLength);
  return ok({ packet, sharedSecrets });
}
