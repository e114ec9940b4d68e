import { fromHex } from '../base/bytes.ts';
import type { PaymentHash, Point } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { BlockHeight, Msat, Scid } from '../base/units.ts';
import type { RawTlv } from '../codec/tlv.ts';
import { readBlinded } from './blinded-instruction.ts';
import { FAILURE_CODES } from './failure.ts';
import { decodePayload, invalidPayload } from './payload.ts';
import { peelOnion } from './peel.ts';
import { blindingOf, refuse, refuseInside, type HtlcRefusal, type Refusable } from './refusal.ts';
import type { NodeEcdh } from './session.ts';

/** The parts of update_add_htlc that the onion is read with. */
export type OnionHtlc = {
  readonly amount: Msat;
  readonly cltvExpiry: BlockHeight;
  readonly paymentHash: PaymentHash;
  readonly onion: Uint8Array;
  readonly pathKey?: Point;
};

export type Receive = Refusable & {
  readonly tag: 'receive';
  /** `amt_to_forward`: what the payer says this HTLC is to bring. */
  readonly amount: Msat;
  /** `total_msat`: what the whole set is to bring. */
  readonly total: Msat;
  /** `outgoing_cltv_value`. */
  readonly cltvExpiry: BlockHeight;
  readonly paymentSecret: Uint8Array | null;
  readonly paymentMetadata: Uint8Array | null;
  readonly keysendPreimage: Uint8Array | null;
  /** `path_id` of the blinded path that was used; null when none was. */
  readonly pathId: Uint8Array | null;
  readonly custom: readonly RawTlv[];
};
export type Forward = Refusable & {
  readonly tag: 'forward';
  readonly amount: Msat;
  readonly cltvExpiry: BlockHeight;
  readonly next:
    { readonly by: 'channel'; readonly scid: Scid } | { readonly by: 'node'; readonly nodeId: Point };
  readonly nextOnion: Uint8Array;
  /** For the outgoing update_add_htlc, inside a blinded path. */
  readonly nextPathKey: Point | null;
};
/** What the onion of an HTLC asks us to do. */
export type Instruction = Receive | Forward;

/**
 * Peels the onion of an HTLC and reads our instruction, by BOLT 4 §payload format, §Requirements, "The reader".
 * What depends on amounts and heights is checked by `finalFailure` and `forwardFailure`.
 */
export function openHtlc(htlc: OnionHtlc, ecdh: NodeEcdh): Result<Instruction, HtlcRefusal> {
  const { onion, pathKey } = htlc;
  // BOLT 2 §update_add_htlc: "MUST decrypt `onion_routing_packet` as described in Onion Decryption to extract a
  // `payload`. MUST use `path_key` (if specified). MUST use `payment_hash` as `associated_data`."
  const peeled = peelOnion(onion, fromHex(htlc.paymentHash), ecdh, pathKey);
  // BOLT 2 §update_add_htlc: "If decryption fails, the result is not a valid `payload` TLV, or it contains unknown even
  // types: MUST respond with an error"
  if (!peeled.ok) {
    if (pathKey !== undefined) return err(refuseInside(onion));
    const { error } = peeled;
    return error.tag === 'malformed'
      ? err({
          tag: 'malformed',
          failureCode: FAILURE_CODES[error.name],
          onionHash: error.sha256OfOnion,
        })
      : err({
          tag: 'failed',
          sharedSecret: error.sharedSecret,
          failure: { name: 'invalid_onion_payload', type: 0n, offset: 0 },
        });
  }

  const { payload: bytes, sharedSecret, next } = peeled.value;
  const isFinal = next === null;
  const unread: Refusable = { onion, sharedSecret, isFinal, blinding: blindingOf(pathKey, undefined) };
  // BOLT 2 §update_add_htlc: "Otherwise: MUST follow the requirements for the reader of `payload` in Payload Format"
  const decoded = decodePayload(bytes);
  if (!decoded.ok) return err(refuse(unread, decoded.error));
  const payload = decoded.value;
  const source: Refusable = { ...unread, blinding: blindingOf(pathKey, payload.currentPathKey) };

  if (payload.encryptedRecipientData !== undefined) {
    const read = readBlinded(htlc, payload, payload.encryptedRecipientData, source, next, ecdh);
    return read.ok ? read : err(refuse(source, read.error));
  }
  // "MUST return an error if path_key is set in the incoming update_add_htlc or current_path_key is present."
  if (source.blinding !== 'none') return err(refuse(source, invalidPayload('encryptedRecipientData')));
  // "MUST return an error if amt_to_forward or outgoing_cltv_value are not present."
  const { amtToForward: amount, outgoingCltvValue: cltvExpiry } = payload;
  if (amount === undefined) return err(refuse(source, invalidPayload('amtToForward')));
  if (cltvExpiry === undefined) return err(refuse(source, invalidPayload('outgoingCltvValue')));
  if (next === null)
    return ok({
      onion,
      sharedSecret,
      isFinal,
      blinding: source.blinding,
      tag: 'receive',
      amount,
      // "MUST treat total_msat as if it were equal to amt_to_forward if it is not present."
      total: payload.paymentData?.total ?? amount,
      cltvExpiry,
      paymentSecret: payload.paymentData?.paymentSecret ?? null,
      paymentMetadata: payload.paymentMetadata ?? null,
      keysendPreimage: payload.keysendPreimage ?? null,
      pathId: null,
      custom: payload.custom ?? [],
    });
  // "if it is not the final node: MUST return an error if: short_channel_id is not present"
  if (payload.shortChannelId === undefined) return err(refuse(source, invalidPayload('shortChannelId')));
  return ok({
    ...source,
    tag: 'forward',
    amount,
    cltvExpiry,
    next: { by: 'channel', scid: payload.shortChannelId },
    nextOnion: next,
    nextPathKey: null,
  });
}
