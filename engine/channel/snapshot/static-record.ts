import { bytes, longBytes, point } from '../../codec/bytes.ts';
import { bool, enumOf } from '../../codec/choices.ts';
import { channelId, nodeId } from '../../codec/ids.ts';
import { u16, varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { struct } from '../../codec/struct.ts';
import { blockDelta16, blockHeight32, msatVar, satVar, scid } from '../../codec/units.ts';

const terms = struct({
  dustLimit: satVar,
  maxInFlight: msatVar,
  reserve: satVar,
  htlcMinimum: msatVar,
  toSelfDelay: blockDelta16,
  maxAcceptedHtlcs: u16,
  basepoints: struct({ payment: point, delayedPayment: point, htlc: point, revocation: point }),
  shutdownScript: longBytes,
});

/** `<id>/static`: written once. */
export const staticRecord = record(1, {
  params: struct({
    channelId,
    temporaryId: channelId,
    keyId: bytes(32),
    peerId: nodeId,
    opener: enumOf(['local', 'remote']),
    announce: bool,
    type: struct({ base: enumOf(['static_remotekey', 'anchors']), scidAlias: bool, zeroConf: bool }),
    local: terms,
    remote: terms,
    minimumDepth: varInt,
  }),
  createdAt: blockHeight32,
  localAlias: scid,
});
