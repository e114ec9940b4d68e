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
import type { Env } from '../../env.ts';
import { scidOf } from '../../scid.ts';
import { isLive, type Live } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';

/** Half of the two weeks after which others may forget the channel. */
const REFRESH_SECONDS = 7 * 86_400;

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
  const next = renewed({ ...durable, relay: { feeBase, feeProportionalMillionths, cltvDelta } }, work.env);
  work.durable = next;
  work.succeed(id);
  sayUpdate(work, next);
}

/** Follow-up: tells the peer our terms once on each connection. Private channels have no other way to be known. */
export function sayUpdateIfDue(work: Work): void {
  const { durable, session } = work;
  if (durable?.phase !== 'normal' || session.link !== 'ready' || session.updateSaid) return;
  work.session = { ...session, updateSaid: true };
  const { updatedAt } = durable;
  // BOLT 7 §channel_update: "SHOULD NOT create redundant `channel_update`s": the same bytes again, unless they grow old.
  const isOld = updatedAt === undefined || work.env.now - updatedAt > REFRESH_SECONDS;
  const next = isOld ? renewed(durable, work.env) : durable;
  work.durable = next;
  sayUpdate(work, next);
}

/** What our channel_update says has changed. */
export const renewed = <C extends Live>(channel: C, env: Env): C => ({
  ...channel,
  // BOLT 7 §channel_update: "MUST set `timestamp` to greater than 0, AND to greater than any previously-sent
  // `channel_update` for this `short_channel_id`."
  updatedAt: timestamp(Math.max(env.now, (channel.updatedAt ?? 0) + 1)),
});

export function sayUpdate(work: Work, channel: Live): void {
  const scid = nameForPeer(channel);
  if (channel.phase !== 'normal' || scid === null || work.session.link !== 'ready') return;
  work.send(signedUpdate(channel, scid, work.env));
}

/** Our terms for the channel, by the name `scid`. */
export function signedUpdate(channel: Live, scid: Scid, env: Env): ChannelUpdate {
  const { relay, params, announcement } = channel;
  const isPublic = announcement !== null;
  const update: ChannelUpdate = {
    name: 'channel_update',
    signature: new Uint8Array(64),
    chainHash: env.network.genesisHash,
    scid,
    timestamp: channel.updatedAt ?? timestamp(env.now),
    // BOLT 7 §channel_update: "even though the channel has not yet been announced (i.e. the `announce_channel` bit was
    // not set or the `channel_update` is sent before the peers exchanged announcement signatures). […] MUST set
    // `dont_forward` to 1 in `message_flags`"
    messageFlags: MUST_BE_ONE | (isPublic ? 0 : DONT_FORWARD),
    // What comes to us and is not for us fails: the network is told not to try.
    channelFlags: (env.nodeId < params.peerId ? 0 : DIRECTION) | (isPublic ? DISABLE : 0),
    cltvExpiryDelta: relay.cltvDelta,
    htlcMinimum: params.remote.htlcMinimum,
    feeBase: Number(relay.feeBase),
    feeProportionalMillionths: relay.feeProportionalMillionths,
    htlcMaximum: msat(least(params.remote.maxInFlight, channel.active[0].funding.amount * 1000n)),
    extension: new Uint8Array(),
  };
  return { ...update, signature: env.signAsNode(sha256d(signedBytes(update))) };
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
