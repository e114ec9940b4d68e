import { concatBytes } from '../base/bytes.ts';
import { hmacSha256 } from '../crypto/hash.ts';
import { ammagKey, umKey } from './key.ts';
import { sameMac } from './mac.ts';
import { HMAC_LENGTH } from './sphinx.ts';
import { obfuscate } from './stream.ts';

// BOLT 4 §Returning Errors: "SHOULD set pad such that the failure_len plus pad_len is equal to 256."
const PADDED_LENGTH = 256;
// BOLT 4 §Returning Errors: "SHOULD continue decrypting, until the loop has been repeated 27 times"
const ROUNDS = 27;

const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

/**
 * BOLT 4 §Erring node: the return packet before it is obfuscated, which attribution data covers.
 * @param message an encoded failure message (see failure.ts).
 */
export function failurePacket(
  sharedSecret: Uint8Array,
  message: Uint8Array,
  paddedLength: number = PADDED_LENGTH,
): Uint8Array {
  const pad = Math.max(0, paddedLength - message.length);
  const body = concatBytes(u16(message.length), message, u16(pad), new Uint8Array(pad));
  return concatBytes(hmacSha256(umKey(sharedSecret), body), body);
}

/** What each node does to a return packet on its way back, the erring one included: one more layer. */
export const wrapFailure = (sharedSecret: Uint8Array, packet: Uint8Array): Uint8Array =>
  obfuscate(ammagKey(sharedSecret), packet);

/** The `reason` of update_fail_htlc, by the node that refuses. */
export const buildFailure = (sharedSecret: Uint8Array, message: Uint8Array): Uint8Array =>
  wrapFailure(sharedSecret, failurePacket(sharedSecret, message));

export type OpenedFailure = {
  /** Which of `sharedSecrets` sent it; 0 is our peer. */
  readonly hop: number;
  readonly message: Uint8Array;
};

/** The failure message in an authentic packet; null when its length is a lie. */
function messageIn(packet: Uint8Array): Uint8Array | null {
  const length = ((packet[HMAC_LENGTH] ?? 0) << 8) | (packet[HMAC_LENGTH + 1] ?? 0);
  const from = HMAC_LENGTH + 2;
  return from + length <= packet.length ? packet.slice(from, from + length) : null;
}

/**
 * BOLT 4 §Origin node. Always as many rounds, so that nobody learns from our timing who failed.
 * @param sharedSecrets one per hop, as `buildOnion` gave them.
 * @returns null when nobody on the route made it: garbage, or changed on its way.
 */
export function openFailure(sharedSecrets: readonly Uint8Array[], reason: Uint8Array): OpenedFailure | null {
  const stand = sharedSecrets[0] ?? new Uint8Array(32);
  let packet = reason;
  let opened: OpenedFailure | null = null;
  for (let hop = 0; hop < Math.max(ROUNDS, sharedSecrets.length); hop++) {
    const secret = sharedSecrets[hop] ?? stand;
    packet = obfuscate(ammagKey(secret), packet);
    const authentic = sameMac(
      hmacSha256(umKey(secret), packet.subarray(HMAC_LENGTH)),
      packet.subarray(0, HMAC_LENGTH),
    );
    if (!authentic || opened !== null || hop >= sharedSecrets.length) continue;
    const message = messageIn(packet);
    if (message !== null) opened = { hop, message };
  }
  return opened;
}

/** The return packet as each hop saw it before it added its layer, our peer first: what attribution data covers. */
export function failureLayers(
  sharedSecrets: readonly Uint8Array[],
  reason: Uint8Array,
): readonly Uint8Array[] {
  let packet = reason;
  return sharedSecrets.map((secret) => (packet = obfuscate(ammagKey(secret), packet)));
}
