import { longBytes, secretBytes, utf8 } from '../codec/bytes.ts';
import { bool, enumOf, option } from '../codec/choices.ts';
import type { Field } from '../codec/field.ts';
import { channelId, nodeId, paymentHash, paymentId } from '../codec/ids.ts';
import { u64 } from '../codec/integers.ts';
import { record } from '../codec/record.ts';
import { list } from '../codec/sequences.ts';
import { struct } from '../codec/struct.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { union, variant } from '../codec/union.ts';
import { blockHeight32, msatVar, scid, timestampVar } from '../codec/units.ts';
import type { IncomingPayment } from './incoming.ts';
import { blockDeltaVar, paymentFailure } from './outgoing-record.ts';

/** Table `invoice`, key: the payment hash. Enumerations are only ever appended to. */
export const incomingRecord: Field<IncomingPayment> = record(
  1,
  {
    id: paymentId,
    paymentHash,
    kind: enumOf(['bolt11', 'hold', 'spontaneous']),
    preimage: option(secretBytes(32)),
    paymentSecret: option(secretBytes(32)),
    paymentMetadata: option(longBytes),
    amount: option(msatVar),
    invoice: utf8,
    description: utf8,
    label: utf8,
    createdAt: timestampVar,
    expiresAt: timestampVar,
    minFinalCltvExpiryDelta: blockDeltaVar,
    status: union('tag', {
      open: variant(1, struct({})),
      claimable: variant(2, struct({ amount: msatVar, deadline: blockHeight32 })),
      received: variant(
        3,
        struct({
          preimage: secretBytes(32),
          amount: msatVar,
          at: timestampVar,
          parts: list(struct({ channelId, id: u64, amount: msatVar })),
        }),
      ),
      failed: variant(4, struct({ failure: paymentFailure, at: timestampVar })),
    }),
  },
  // Even: a program that knows nothing of LSPs would take less than was agreed for the whole, or refuse it.
  tlvs({
    opening: tlv(
      0,
      struct({
        lsp: nodeId,
        minFee: msatVar,
        proportional: u64,
        scid,
        unconfirmed: bool,
        blind: bool,
        mostFee: msatVar,
        taken: msatVar,
      }),
    ),
    // Odd: a program that does not know it shows money that is not there, and loses none.
    takenBack: tlv(1, list(struct({ channelId, id: u64 }))),
    // Odd: a program that does not know it lets the LSP have its fee over a channel that is there.
    channelsBefore: tlv(3, list(channelId)),
  }),
);
