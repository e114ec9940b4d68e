import { fromHex } from '../../../base/bytes.ts';
import type { CommandId } from '../../../base/ids.ts';
import { blockDelta, msat, timestamp, type Scid } from '../../../base/units.ts';
import { sha256d } from '../../../crypto/hash.ts';
import { verifyEcdsa } from '../../../crypto/secp256k1.ts';
import {
  DIRECTION,
  DISABLE,
  DONT_FORWARD,
  MUST_BE_ONE,
  signedBytes,
  type ChannelUpdate,
} from '../../../wire/gossip.ts';
import type { ChannelCommand } from '../../command.ts';
import { scidOf } from '../../scid.ts';
import { isLive, type Live } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';

type UpdateRelay = ChannelCommand & { readonly tag: 'update-relay' };

/** The command `update-relay`. */
export function updateRelay(work: Work, id: CommandId, command: UpdateRelay): void {
  const { durable } = work;
  if (durable === null || !isLive(durable)) {
    work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
    return;
  }
  const { feeBase, feeProportionalMillionths, cltvDelta } = command;
  if (feeBase > 0xffff_ffffn || feeProportionalMillionths > 0xffff_ffff || cltvDelta > 0xffff) {
    work.refuse(id, { code: 'invalid-argument', field: 'relay', detail: 'more than channel_update can say' });
    return;
  }
  const next = { ...durable, relay: { feeBase, feeProportionalMillionths, cltvDelta } };
  work.durable = next;
  work.succeed(id);
  sayUpdate(work, next);
}

/** Follow-up: tells the peer our terms once on each connection. Private channels have no other way to be known. */
export function sayUpdateIfDue(work: Work): void {
  const { durable, session } = work;
  if (durable?.phase !== 'normal' || session.link !== 'ready' || session.updateSaid) return;
  work.session = { ...session, updateSaid: true };
  sayUpdate(work, durable);
}

function sayUpdate(work: Work, channel: Live): void {
  const { env } = work;
  const scid = nameForPeer(channel);
  if (channel.phase !== 'normal' || scid === null || work.session.link !== 'ready') return;
  const { relay, params } = channel;
  const update: ChannelUpdate = {
    name: 'channel_update',
    signature: new Uint8Array(64),
    chainHash: env.network.genesisHash,
    scid,
    timestamp: timestamp(env.now),
    messageFlags: MUST_BE_ONE | (params.announce ? 0 : DONT_FORWARD),
    channelFlags: env.nodeId < params.peerId ? 0 : DIRECTION,
    cltvExpiryDelta: relay.cltvDelta,
    htlcMinimum: params.remote.htlcMinimum,
    feeBase: Number(relay.feeBase),
    feeProportionalMillionths: relay.feeProportionalMillionths,
    htlcMaximum: msat(least(params.remote.maxInFlight, channel.active[0].funding.amount * 1000n)),
    extension: new Uint8Array(),
  };
  work.send({ ...update, signature: env.signAsNode(sha256d(signedBytes(update))) });
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** How both sides name the channel in channel_update: BOLT 7, "the `alias` it received from the peer". */
function nameForPeer({ params, remoteAlias, active: [{ confirmed, funding }] }: Live): Scid | null {
  if (params.type.scidAlias || confirmed === null) return remoteAlias;
  return params.announce
    ? scidOf(confirmed, funding.outPoint)
    : (remoteAlias ?? scidOf(confirmed, funding.outPoint));
}

/** The peer's terms for relaying towards us: they go into invoices. */
export function onChannelUpdate(work: Work, message: ChannelUpdate): void {
  const { durable, env } = work;
  if (durable === null || !isLive(durable)) return;
  const fromPeer =
    (message.channelFlags & DIRECTION) === (env.nodeId < durable.params.peerId ? DIRECTION : 0);
  const known = durable.remotePolicy?.timestamp ?? -1;
  if (!fromPeer || message.chainHash !== env.network.genesisHash || message.timestamp <= known) return;
  if (!verifyEcdsa(message.signature, sha256d(signedBytes(message)), fromHex(durable.params.peerId))) return;
  work.durable = {
    ...durable,
    remotePolicy: {
      timestamp: message.timestamp,
      feeBase: msat(message.feeBase),
      feeProportionalMillionths: message.feeProportionalMillionths,
      cltvDelta: blockDelta(message.cltvExpiryDelta),
      htlcMinimum: message.htlcMinimum,
      htlcMaximum: message.htlcMaximum,
      disabled: (message.channelFlags & DISABLE) !== 0,
    },
  };
}
