import { concatBytes } from '../base/bytes.ts';
import type { Point } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { hmacSha256, sha256 } from '../crypto/hash.ts';
import { multiplyPoint } from '../crypto/secp256k1.ts';
import { blindedNodeIdKey, muKey, rhoKey } from './key.ts';
import { sameMac } from './mac.ts';
import { blindingFactor, type NodeEcdh } from './session.ts';
import { HEADER_LENGTH, HMAC_LENGTH, OVERHEAD, VERSION } from './sphinx.ts';
import { obfuscate, obfuscateHere } from './stream.ts';

export type PeeledOnion = {
  /** Our TLV stream, without the length in front. */
  readonly payload: Uint8Array;
  /** Shared with the sender: keep it beside the HTLC, failures are encrypted with it. */
  readonly sharedSecret: Uint8Array;
  /** What the next node gets, as long as the packet itself; null when the onion ends with us. */
  readonly next: Uint8Array | null;
};

export type PeelError =
  /** Not ours to answer with an encrypted failure: update_fail_malformed_htlc for a payment, silence for a message. */
  | {
      readonly tag: 'malformed';
      readonly name: 'invalid_onion_version' | 'invalid_onion_hmac' | 'invalid_onion_key';
      readonly sha256OfOnion: Uint8Array;
    }
  /** Authentic, but what it holds has no valid length: `invalid_onion_payload` under this secret. */
  | { readonly tag: 'bad-payload'; readonly sharedSecret: Uint8Array };

/** Length and payload start, or null. */
function payloadFrame(bytes: Uint8Array): { readonly from: number; readonly to: number } | null {
  const [head = 0, high = 0, low = 0] = bytes;
  // A canonical bigsize of five bytes or more is longer than any onion.
  if (head > 0xfd) return null;
  const length = head < 0xfd ? head : (high << 8) | low;
  if (head === 0xfd && length < 0xfd) return null;
  // BOLT 4 §Onion Decryption: "If the payload_length is less than two: MUST abort processing the packet and fail."
  if (length < 2) return null;
  const from = head < 0xfd ? 1 : 3;
  return { from, to: from + length };
}

/**
 * BOLT 4 §Onion Decryption.
 *
 * Replays: a node that forwards payments must store the last 32 bytes (the hmac) of each payment packet until the
 * HTLC's cltv_expiry has passed, and refuse a second one ("if hmac has previously been received … MUST abort"). A node
 * that only receives needs no such list: the onion binds the payment hash and the payment secret, so a replay can only
 * pay the same invoice again.
 *
 * @param associatedData the payment hash (32 bytes) for payments, empty for messages.
 * @param pathKey from the message that carried the onion, when it was sent to our blinded id.
 */
export function peelOnion(
  packet: Uint8Array,
  associatedData: Uint8Array,
  ecdh: NodeEcdh,
  pathKey?: Point,
): Result<PeeledOnion, PeelError> {
  const malformed = (name: Extract<PeelError, { tag: 'malformed' }>['name']) =>
    err<PeelError>({ tag: 'malformed', name, sha256OfOnion: sha256(packet) });

  // BOLT 4 §Onion Decryption: "if version is not 0: MUST abort processing the packet and fail."
  if (packet[0] !== VERSION) return malformed('invalid_onion_version');
  if (packet.length <= OVERHEAD) return malformed('invalid_onion_hmac');
  const publicKey = packet.subarray(1, HEADER_LENGTH);
  const payloads = packet.subarray(HEADER_LENGTH, packet.length - HMAC_LENGTH);

  let ours: Point | null = publicKey;
  if (pathKey !== undefined) {
    // BOLT 4: "Tweak public_key by multiplying by HMAC256("blinded_node_id", blinding_ss)."
    const blindingSecret = ecdh(pathKey);
    ours = blindingSecret === null ? null : multiplyPoint(publicKey, blindedNodeIdKey(blindingSecret));
  }
  const sharedSecret = ours === null ? null : ecdh(ours);
  if (sharedSecret === null) return malformed('invalid_onion_key');

  const authenticated = concatBytes(payloads, associatedData);
  const hmac = hmacSha256(muKey(sharedSecret), authenticated);
  // BOLT 4: "MUST use a constant time comparison of the computed HMAC and hmac."
  if (!sameMac(hmac, packet.subarray(packet.length - HMAC_LENGTH))) return malformed('invalid_onion_hmac');

  const rho = rhoKey(sharedSecret);
  // What is ours is in the first half of the stream; only what goes on to another node needs the second.
  const unwrapped = authenticated.subarray(0, payloads.length);
  obfuscateHere(rho, unwrapped);
  const frame = payloadFrame(unwrapped);
  // BOLT 4: "If unwrapped_payloads is smaller than hop_payloads: MUST abort processing the packet and fail."
  if (frame === null || frame.to + HMAC_LENGTH > payloads.length)
    return err({ tag: 'bad-payload', sharedSecret });
  const payload = unwrapped.slice(frame.from, frame.to);
  const nextHmac = unwrapped.subarray(frame.to, frame.to + HMAC_LENGTH);
  // BOLT 4: "Otherwise (all-zero next_hmac): This is the final destination of the onion."
  if (nextHmac.every((byte) => byte === 0)) return ok({ payload, sharedSecret, next: null });

  // BOLT 4: "Derive bytestream of twice the length of hop_payloads using rho"
  const padded = new Uint8Array(2 * payloads.length);
  padded.set(payloads);
  const start = frame.to + HMAC_LENGTH;
  const rest = obfuscate(rho, padded).subarray(start, start + payloads.length);
  // BOLT 4: "public_key set to the incoming public_key multiplied by blinding_tweak."
  const nextKey = multiplyPoint(publicKey, blindingFactor(publicKey, sharedSecret));
  if (nextKey === null) return err({ tag: 'bad-payload', sharedSecret });
  const next = new Uint8Array(packet.length);
  next[0] = VERSION;
  next.set(nextKey, 1);
  next.set(rest, HEADER_LENGTH);
  next.set(nextHmac, HEADER_LENGTH + payloads.length);
  return ok({ payload, sharedSecret, next });
}
