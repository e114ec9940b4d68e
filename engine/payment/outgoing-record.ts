import { longBytes, point, secretBytes, utf8 } from '../codec/bytes.ts';
import { bool, enumOf, option } from '../codec/choices.ts';
import { mapped, type Field } from '../codec/field.ts';
import { channelId, nodeId, paymentHash, paymentId } from '../codec/ids.ts';
import { u16, u32, u8, varInt } from '../codec/integers.ts';
import { record } from '../codec/record.ts';
import { list } from '../codec/sequences.ts';
import { struct } from '../codec/struct.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { union, variant } from '../codec/union.ts';
import { blockDelta16, blockHeight32, msatVar, scid, timestampVar } from '../codec/units.ts';
import { blockDelta } from '../base/units.ts';
import type { Attempt, OutgoingPayment } from './outgoing.ts';
import type { PaymentFailure } from './payment-refusal.ts';
import type { Route, RouteHop } from './route.ts';

// Names in an enumeration are appended, never moved: their position is what stands on disk.
export const paymentFailure: Field<PaymentFailure> = record(
  1,
  {
    code: enumOf([
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
    ]),
    detail: utf8,
  },
  tlvs({ bolt4Code: tlv(1, u16), hop: tlv(3, u8) }),
);

const hintHop = struct({
  nodeId,
  scid,
  feeBase: msatVar,
  feeProportionalMillionths: u32,
  cltvExpiryDelta: blockDelta16,
});
export const blockDeltaVar = mapped(varInt, blockDelta, (delta) => delta);

const blindedTail = struct({
  path: struct({
    firstNodeId: point,
    firstPathKey: point,
    hops: list(struct({ blindedNodeId: point, encryptedRecipientData: longBytes })),
  }),
  payInfo: struct({
    feeBase: msatVar,
    feeProportionalMillionths: u32,
    cltvExpiryDelta: blockDeltaVar,
    htlcMinimum: msatVar,
    htlcMaximum: msatVar,
  }),
});

const recipient = record(
  1,
  {
    nodeId,
    paymentSecret: option(secretBytes(32)),
    paymentMetadata: option(longBytes),
    routeHints: list(list(hintHop)),
    minFinalCltvExpiryDelta: blockDeltaVar,
    multiPart: bool,
    keysendPreimage: option(secretBytes(32)),
  },
  // Even: a program that does not know it would look for a node of that id.
  tlvs({ blindedTails: tlv(0, list(blindedTail)) }),
);

const hop: Field<RouteHop> = struct({
  nodeId,
  scid: option(scid),
  amount: msatVar,
  cltvExpiry: blockHeight32,
});
const hops: Field<Route['hops']> = mapped(
  list(hop),
  ([first, ...rest]) => (first === undefined ? null : ([first, ...rest] as const)),
  (value) => value,
);

const attempt: Field<Attempt> = record(
  1,
  {
    number: varInt,
    channelId,
    sessionKey: secretBytes(32),
    hops,
    outcome: union('tag', {
      'in-flight': variant(1, struct({})),
      fulfilled: variant(2, struct({})),
      failed: variant(
        3,
        struct({
          failure: paymentFailure,
          blame: enumOf(['nothing', 'channel', 'next-channel', 'node', 'route', 'amount']),
          hop: u8,
          isFinal: bool,
        }),
      ),
    }),
  },
  // An older program drops it: nothing depends on it.
  tlvs({ holdTimes: tlv(1, list(u32)) }),
);

/** Table `payment`, key: the payment's id. */
export const outgoingRecord: Field<OutgoingPayment> = record(1, {
  id: paymentId,
  paymentHash,
  kind: enumOf(['bolt11', 'spontaneous']),
  amount: msatVar,
  maxFee: msatVar,
  recipient,
  invoice: utf8,
  description: utf8,
  label: utf8,
  createdAt: timestampVar,
  retryUntil: timestampVar,
  status: union('tag', {
    pending: variant(1, struct({})),
    succeeded: variant(2, struct({ preimage: secretBytes(32), at: timestampVar })),
    failed: variant(3, struct({ failure: paymentFailure, at: timestampVar })),
  }),
  nextAttempt: varInt,
  attempts: list(attempt),
});
