import { signature } from '../../codec/bytes.ts';
import { bool, option } from '../../codec/choices.ts';
import { u32 } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { struct } from '../../codec/struct.ts';
import { tlv, tlvs } from '../../codec/tlv.ts';
import { blockDelta16, msatVar, scid, timestamp32 } from '../../codec/units.ts';

const relay = { feeBase: msatVar, feeProportionalMillionths: u32, cltvDelta: blockDelta16 };

/** `<id>/gossip`: how others know the channel. Changes rarely. */
export const gossipRecord = record(
  1,
  {
    remoteAlias: option(scid),
    announcement: option(struct({ nodeSignature: signature, bitcoinSignature: signature })),
    relay: struct(relay),
    remotePolicy: option(
      struct({ ...relay, timestamp: u32, htlcMinimum: msatVar, htlcMaximum: msatVar, disabled: bool }),
    ),
  },
  // An older program drops it, and says the same again with a newer time.
  tlvs({ updatedAt: tlv(1, timestamp32) }),
);
