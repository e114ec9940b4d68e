import type { Point } from '../base/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { encodeFailure, FAILURE_CODES, type Failure } from './failure.ts';
import { attribute } from './attribution.ts';
import { failurePacket, wrapFailure } from './failure-onion.ts';

/** How an incoming HTLC is refused: by update_fail_malformed_htlc, or by update_fail_htlc. */
export type HtlcRefusal =
  | { readonly tag: 'malformed'; readonly failureCode: number; readonly onionHash: Uint8Array }
  | { readonly tag: 'failed'; readonly sharedSecret: Uint8Array; readonly failure: Failure };

/** Where in a blinded path we stand for an HTLC; `introduction` is its first node. */
export type Blinding = 'none' | 'introduction' | 'inside';

/** What is known of an HTLC whose onion is peeled: enough to refuse it in the right way. */
export type Refusable = {
  readonly onion: Uint8Array;
  readonly sharedSecret: Uint8Array;
  readonly blinding: Blinding;
  readonly isFinal: boolean;
};

/** BOLT 4 §Failure Messages, §Requirements: what the HTLC is answered with when `failure` is the reason. */
export function refuse(htlc: Refusable, failure: Failure): HtlcRefusal {
  // BOLT 2 §Removing an HTLC: "If `path_key` is set in the incoming `update_add_htlc`: MUST send an
  // `update_fail_malformed_htlc` error using the `invalid_onion_blinding` failure code for any local or downstream
  // errors."
  if (htlc.blinding === 'inside') return refuseInside(htlc.onion);
  // BOLT 2 §Removing an HTLC: "If `current_path_key` is set in the onion payload and it is not the final node: MUST
  // send an `update_fail_htlc` error using the `invalid_onion_blinding` failure code for any local or downstream
  // errors."
  if (htlc.blinding === 'introduction' && !htlc.isFinal)
    return {
      tag: 'failed',
      sharedSecret: htlc.sharedSecret,
      failure: { name: 'invalid_onion_blinding', sha256OfOnion: sha256(htlc.onion) },
    };
  return { tag: 'failed', sharedSecret: htlc.sharedSecret, failure };
}

/** The one answer of a node inside a blinded path, also when it could not peel the onion. */
export const refuseInside = (onion: Uint8Array): HtlcRefusal => ({
  tag: 'malformed',
  failureCode: FAILURE_CODES.invalid_onion_blinding,
  onionHash: sha256(onion),
});

export const blindingOf = (pathKey: Point | undefined, currentPathKey: Point | undefined): Blinding =>
  pathKey !== undefined ? 'inside' : currentPathKey !== undefined ? 'introduction' : 'none';

/**
 * `reason` and `attribution_data` of update_fail_htlc.
 * @param holdTime see `attribute`.
 */
export function failureOf(
  { sharedSecret, failure }: Extract<HtlcRefusal, { tag: 'failed' }>,
  holdTime = 0,
): { readonly reason: Uint8Array; readonly attributionData: Uint8Array } {
  const packet = failurePacket(sharedSecret, encodeFailure(failure));
  return {
    reason: wrapFailure(sharedSecret, packet),
    // BOLT 4 §Returning Errors: "if path_key is not set in the incoming update_add_htlc: MUST initialize
    // attribution_data and include it in update_fail_htlc". Where it is set the answer is update_fail_malformed_htlc.
    attributionData: attribute(sharedSecret, packet, holdTime, null),
  };
}
