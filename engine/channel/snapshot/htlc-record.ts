import { bytes, longBytes, point, secretBytes } from '../../codec/bytes.ts';
import { enumOf } from '../../codec/choices.ts';
import { mapped, type Field } from '../../codec/field.ts';
import { paymentHash, paymentId } from '../../codec/ids.ts';
import { bigsize, u16, varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import { tlv, tlvs } from '../../codec/tlv.ts';
import { union, variant } from '../../codec/union.ts';
import { blockHeight32, msatVar } from '../../codec/units.ts';
import { ATTRIBUTION_LENGTH, ONION_LENGTH } from '../../wire/htlc-update.ts';
import type { Removal } from '../ledger.ts';
import type { Outcome } from '../state.ts';

const origin = struct({ paymentId, attempt: varInt });
const direction = enumOf(['incoming', 'outgoing']);

/** htlc `<id>/<direction>/<n>`: written once, deleted when the HTLC is gone. */
export const addRecord = record(
  1,
  {
    direction,
    id: bigsize,
    amount: msatVar,
    paymentHash,
    cltvExpiry: blockHeight32,
    onion: bytes(ONION_LENGTH),
  },
  tlvs({ pathKey: tlv(1, point), origin: tlv(3, origin), skimmedFee: tlv(5, msatVar) }),
);

/** For the payer alone: without it a payment ends the same. */
const attribution = tlvs({ attributionData: tlv(1, bytes(ATTRIBUTION_LENGTH)) });

/** htlc `<id>/<direction>/<n>/removal`. */
export const removalRecord: Field<Removal> = union('tag', {
  fulfill: variant(1, record(1, { preimage: secretBytes(32) }, attribution)),
  fail: variant(2, record(1, { reason: longBytes }, attribution)),
  malformed: variant(3, record(1, { onionHash: bytes(32), failureCode: u16 })),
});

const writtenOutcome = record(
  1,
  {
    origin,
    result: union('tag', {
      fulfilled: variant(1, struct({ preimage: secretBytes(32) })),
      failed: variant(2, struct({ reason: longBytes })),
      malformed: variant(3, struct({ failureCode: u16, onionHash: bytes(32) })),
      abandoned: variant(
        4,
        struct({ cause: enumOf(['not-sent', 'timed-out-on-chain', 'channel-closed', 'state-lost']) }),
      ),
    }),
  },
  // Of a failed one.
  attribution,
);

/** htlc `<id>/outcome/<n>`: until whoever pays has written it down. */
export const outcomeRecord: Field<Outcome> = mapped(
  writtenOutcome,
  ({ origin: of, result, attributionData }): Outcome | null =>
    attributionData === undefined
      ? { origin: of, result }
      : result.tag === 'failed'
        ? { origin: of, result: { ...result, attributionData } }
        : null,
  ({ origin: of, result }: Outcome) =>
    result.tag === 'failed' && result.attributionData !== undefined
      ? { origin: of, result, attributionData: result.attributionData }
      : { origin: of, result },
);

/**
 * monitor `<id>/<direction>/<n>`: what must be known of an HTLC that is gone to take it from a revoked commitment.
 * Outputs are known by their scripts, so one record serves every commitment that had it; the payment hash and the
 * expiry make the script.
 */
export const monitorRecord = record(1, { paymentHash, cltvExpiry: blockHeight32 });

/**
 * monitor `<id>/past/<direction>/<n>`: the same of many of them, whose own records are gone; `<direction>` and `<n>` are those
 * of one of them. Never changed: HTLCs that end later get records of their own, or another of these.
 */
export const pastRecord = record(1, {
  htlcs: list(struct({ direction, id: bigsize, paymentHash, cltvExpiry: blockHeight32 })),
});
