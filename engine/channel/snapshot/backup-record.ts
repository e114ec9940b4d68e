import { bytes, point } from '../../codec/bytes.ts';
import { bool, enumOf, option } from '../../codec/choices.ts';
import { nodeId, outPoint, paymentHash } from '../../codec/ids.ts';
import { bigsize, u8, varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import { tlv, tlvs } from '../../codec/tlv.ts';
import { blockDelta16, blockHeight32, msatVar, satVar } from '../../codec/units.ts';
import { fundingRecord, signaturesRecord } from './funding-record.ts';
import { gossipRecord } from './gossip-record.ts';
import { headRecord } from './head-record.ts';
import { removalRecord } from './htlc-record.ts';
import { shachainRecord } from './shachain-record.ts';
import { staticRecord } from './static-record.ts';

/** All of an HTLC but its onion, which nobody needs any more once the channel is not used. */
const htlc = struct({
  direction: enumOf(['incoming', 'outgoing']),
  id: bigsize,
  amount: msatVar,
  paymentHash,
  cltvExpiry: blockHeight32,
  removal: option(removalRecord),
});

/** A channel in a backup: what the chain has to be asked and told until its money is back. */
export const backupRecord = record(1, {
  fixed: staticRecord,
  head: headRecord,
  gossip: gossipRecord,
  fundings: list(struct({ funding: fundingRecord, signatures: signaturesRecord })),
  htlcs: list(htlc),
  shachain: list(struct({ place: u8, entry: shachainRecord })),
});

/**
 * The least that brings a channel's money back: the peer is asked to close, and the output that pays us is ours to find.
 * Without it: payments in flight, and what an outdated commitment of the peer would let us take.
 * `own` finds what a commitment of ours holds for us, where this wallet published it before its disk was lost: left out
 * where there is no room for it.
 */
export const briefRecord = record(
  1,
  {
    keyId: bytes(32),
    peerId: nodeId,
    outPoint,
    amount: satVar,
    keyIndex: varInt,
    remoteFundingKey: point,
    remotePayment: point,
    opener: enumOf(['local', 'remote']),
    type: struct({ base: enumOf(['static_remotekey', 'anchors']), scidAlias: bool, zeroConf: bool }),
    local: msatVar,
    localNumber: varInt,
    remoteNumber: varInt,
    createdAt: blockHeight32,
  },
  // Odd: who does not know it asks the peer to close all the same.
  tlvs({ own: tlv(1, struct({ revocation: point, delay: blockDelta16 })) }),
);
