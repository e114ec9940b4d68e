import { assert } from '../../base/assert.ts';
import { longBytes, point } from '../../codec/bytes.ts';
import { bool, enumOf, option } from '../../codec/choices.ts';
import type { Infer } from '../../codec/field.ts';
import { paymentHash } from '../../codec/ids.ts';
import { bigsize, u8, varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list, map } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import { tlv, tlvs } from '../../codec/tlv.ts';
import { union, variant } from '../../codec/union.ts';
import { blockHeight32, feerate32, msatVar, satVar } from '../../codec/units.ts';
import { utf8 } from '../../codec/bytes.ts';
import type { UpdateStep } from '../ledger.ts';
import type { Field } from '../../codec/field.ts';
import { limited } from '../../codec/field.ts';
import { confirmation, txField } from './chain-fields.ts';

const step: Field<UpdateStep> = limited(u8, (value) => value <= 8, {
  kind: 'number',
  min: 0,
  max: 8,
}) as Field<UpdateStep>;

type HtlcStep = { readonly step: UpdateStep };

/** How far each HTLC has come, by its id; what it is stands in its own record. */
export const steps: Field<ReadonlyMap<bigint, HtlcStep>> = {
  ...map(bigsize, struct({ step })),
  // By hand, from the ledger's own: in a burst, all of them are written for each that comes.
  write: (writer, htlcs) => {
    writer.bigsize(htlcs.size);
    for (const [id, htlc] of htlcs) {
      writer.bigsize(id);
      assert(htlc.step <= 8, 'not a step');
      writer.u8(htlc.step);
    }
  },
};

const ledger = struct({
  local: msatVar,
  remote: msatVar,
  outgoing: steps,
  incoming: steps,
  nextOutgoingId: bigsize,
  nextIncomingId: bigsize,
  feerate: feerate32,
  feeUpdates: list(struct({ feerate: feerate32, step })),
  localNumber: varInt,
  remoteNumber: varInt,
  unacked: option(struct({ sentAtLocalNumber: varInt })),
  remotePoint: point,
  remoteNextPoint: option(point),
});

const spend = struct({
  kind: enumOf(['mutual', 'local', 'remote', 'remote-next', 'revoked', 'unknown']),
  tx: txField,
  at: option(confirmation),
});

/** What became of outputs and HTLCs. */
const found = {
  resolved: map(utf8, struct({ tx: txField, at: option(confirmation) })),
  settled: list(bigsize),
};

const nothing = struct({});

/** What each phase has of its own. */
export const phaseField = union('phase', {
  'funding-pending': variant(1, nothing),
  normal: variant(2, nothing),
  'shutting-down': variant(
    3,
    struct({
      localScript: longBytes,
      shutdownSent: bool,
      remoteScript: option(longBytes),
      closeFeerate: feerate32,
    }),
  ),
  negotiating: variant(
    4,
    struct({
      localScript: longBytes,
      remoteScript: longBytes,
      closeFeerate: feerate32,
      since: blockHeight32,
      mutual: option(txField),
    }),
  ),
  closing: variant(
    5,
    struct({ failure: option(utf8), mutual: option(txField), spend: option(spend), ...found }),
  ),
  'data-loss': variant(6, nothing),
  closed: variant(7, struct({ spend: option(spend) })),
});

const revokedHtlc = struct({
  direction: enumOf(['incoming', 'outgoing']),
  id: bigsize,
  paymentHash,
  cltvExpiry: blockHeight32,
});

const past = struct({
  failure: option(utf8),
  mutual: option(txField),
  ...found,
  history: option(list(revokedHtlc)),
  lostData: bool,
});

const closeTalk = struct({
  localScript: longBytes,
  remoteScript: longBytes,
  closeFeerate: feerate32,
  isAsked: bool,
  since: blockHeight32,
});

/** `<id>/head`: small, and written with nearly every change. */
export const headRecord = record(
  1,
  {
    phase: phaseField,
    ledger,
    readySent: bool,
    readyReceived: bool,
  },
  // `history`, `lostData`: closing only. Even: who does not know them would leave a thief unpunished, or publish what is revoked.
  // `isAsked`: before; `talk`: closing, and closed with a past. Odd: who does not know them may pay for a close that the peer asked for, or leave
  // its fee as it is.
  // `setAside`: as `talk`. Odd: who does not know it leaves a closing transaction that was given up to the servers.
  // `leftBehind`, `past`: closed only. Odd: who does not know them takes a close that is over for final.
  // `failedAt`: live only. Odd: who does not know it goes by the next error of the peer.
  // `overdueAt`: live only. Odd: who does not know it gives the peer its chance anew after each start.
  tlvs({
    history: tlv(2, list(revokedHtlc)),
    lostData: tlv(4, bool),
    leftBehind: tlv(5, satVar),
    past: tlv(7, past),
    isAsked: tlv(9, bool),
    talk: tlv(11, closeTalk),
    setAside: tlv(13, txField),
    failedAt: tlv(15, blockHeight32),
    overdueAt: tlv(17, blockHeight32),
  }),
);
export type Head = Infer<typeof headRecord>;
