import { utf8 } from '../codec/bytes.ts';
import { bool, enumOf, option } from '../codec/choices.ts';
import { u16, u64, u8, varInt } from '../codec/integers.ts';
import { record } from '../codec/record.ts';
import { struct } from '../codec/struct.ts';
import { union, variant } from '../codec/union.ts';
import { mapped, type Field } from '../codec/field.ts';
import type { Alarm, QueuedEvent } from './api.ts';
import type { PaymentFailure } from './refusal.ts';

// Names are appended, never moved: their position is what stands on disk.
const failureCode = enumOf<PaymentFailure['code']>([
  'recipient-rejected',
  'unknown-to-recipient',
  'no-route',
  'peer-offline',
  'expired',
  'timed-out',
  'fee-above-limit',
  'temporary',
  'unreadable-error',
  'cancelled',
  'taken-back',
  'outcome-unknown',
]);
const closingKind = enumOf(['cooperative', 'local-force', 'remote-force', 'revoked', 'unknown']);
const alarm: Field<Alarm> = record(1, {
  code: enumOf([
    'bug',
    'frozen-channel',
    'storage',
    'data-loss',
    'storage-full',
    'double-spent',
    'turned-away',
    'unseen-funding',
    'runs-elsewhere',
    'claim-unpaid',
    'backup-from-later',
  ]),
  detail: utf8,
  at: varInt,
});

const failureRecord = record(1, { code: failureCode, detail: utf8, bolt4Code: option(u16), hop: option(u8) });
const failure: Field<PaymentFailure> = {
  shape: failureRecord.shape,
  read: (reader) => {
    const { code, detail, bolt4Code, hop } = failureRecord.read(reader);
    return { code, detail, ...(bolt4Code === null ? {} : { bolt4Code }), ...(hop === null ? {} : { hop }) };
  },
  write: (writer, value) =>
    failureRecord.write(writer, { ...value, bolt4Code: value.bolt4Code ?? null, hop: value.hop ?? null }),
};

/** After its version byte: an empty stream ends it. It did not say whether the money was only seen, or in a block. */
const receivedV1 = mapped(
  struct({ txId: utf8, amountSat: u64, end: u8 }),
  ({ txId, amountSat }) => ({ txId, amountSat, confirmed: false }),
  ({ txId, amountSat }) => ({ txId, amountSat, end: 0 }),
);

/** Table `event`, key: the cursor in 16 hex digits, so that keys sort as cursors do. */
export const queuedEventRecord: Field<QueuedEvent> = record(1, {
  cursor: varInt,
  at: varInt,
  event: union('tag', {
    'payment-received': variant(1, record(1, { paymentId: utf8, amountMsat: u64 })),
    'payment-claimable': variant(
      2,
      record(1, { paymentId: utf8, amountMsat: u64, claimDeadlineHeight: varInt }),
    ),
    'payment-sent': variant(3, record(1, { paymentId: utf8, amountMsat: u64, feeMsat: u64, preimage: utf8 })),
    'payment-failed': variant(4, record(1, { paymentId: utf8, failure })),
    'channel-pending': variant(5, record(1, { channelId: utf8, fundingTxId: utf8 })),
    'channel-ready': variant(6, record(1, { channelId: utf8 })),
    'channel-closed': variant(7, record(1, { channelId: utf8, kind: closingKind })),
    'onchain-received': variant(
      8,
      record(2, { txId: utf8, amountSat: u64, confirmed: bool }, undefined, { 1: receivedV1 }),
    ),
    alarm: variant(9, record(1, { alarm })),
    'channel-void': variant(10, record(1, { channelId: utf8 })),
  }),
});
