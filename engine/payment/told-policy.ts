import type { BlockHash, NodeId } from '../base/ids.ts';
import { msat, type Scid } from '../base/units.ts';
import { decode } from '../codec/field.ts';
import { isSignedUpdate } from '../gossip/verify-gossip.ts';
import type { Failure } from '../onion/failure.ts';
import { relayFee } from '../onion/htlc-check.ts';
import type { ToldPolicy } from '../routing/route.ts';
import { channelUpdate, DIRECTION, DISABLE, type ChannelUpdate } from '../wire/gossip.ts';
import type { Attempt } from './outgoing.ts';

/**
 * The policy in a failure of hop `hop`, if the node signed it for the channel in question and it says why the HTLC was
 * refused. BOLT 4 §Receiving Failure Codes: "MAY consider the channel_update when calculating routes to retry the
 * payment which failed", and "MUST NOT expose the channel_update to third-parties in any other context, including
 * applying the channel_update to the local network graph": a node could know us again by a policy that it told nobody
 * else.
 */
export function toldPolicy(
  failure: Failure,
  hop: number,
  { hops }: Pick<Attempt, 'hops'>,
  chainHash: BlockHash,
): ToldPolicy | null {
  const [arrived, sent] = [hops[hop], hops[hop + 1]];
  if (!('channelUpdate' in failure) || arrived === undefined || sent === undefined || sent.scid === null)
    return null;
  const update = readUpdate(failure.channelUpdate, arrived.nodeId);
  if (update === null || update.chainHash !== chainHash || update.scid !== sent.scid) return null;
  // BOLT 7 §The channel_update Message: "If the origin node is node_id_1 in the message: MUST set the direction bit of
  // channel_flags to 0."
  const direction = arrived.nodeId < sent.nodeId ? 0 : 1;
  if ((update.channelFlags & DIRECTION) !== direction || (update.channelFlags & DISABLE) !== 0) return null;
  const policy: ToldPolicy = {
    scid: update.scid,
    from: arrived.nodeId,
    to: sent.nodeId,
    feeBase: msat(update.feeBase),
    feeProportionalMillionths: update.feeProportionalMillionths,
    cltvDelta: update.cltvExpiryDelta,
    htlcMinimum: update.htlcMinimum,
    htlcMaximum: update.htlcMaximum,
  };
  return explains(policy, failure.name, hop, hops) ? policy : null;
}

/** What the map has of a channel now, from the node `from` on: it may have changed since an HTLC was offered. */
export type TermsNow = (scid: Scid, from: NodeId, to: NodeId) => ToldPolicy | null;

/** The map's terms, where they tell meanwhile why hop `hop` refused. */
export function explanationOfMap(
  { name }: Failure,
  hop: number,
  { hops }: Pick<Attempt, 'hops'>,
  termsNow: TermsNow,
): ToldPolicy | null {
  const [arrived, sent] = [hops[hop], hops[hop + 1]];
  if (arrived === undefined || sent === undefined || sent.scid === null) return null;
  const policy = termsNow(sent.scid, arrived.nodeId, sent.nodeId);
  return policy !== null && explains(policy, name, hop, hops) ? policy : null;
}

/** Whether hop `hop` refused because the HTLC did not keep to `policy`, which is of its channel. */
export const explainsRefusal = (
  policy: ToldPolicy,
  { name }: Failure,
  hop: number,
  { hops }: Pick<Attempt, 'hops'>,
): boolean => explains(policy, name, hop, hops);

/** A policy that the HTLC kept to is no reason, and no way to get it through. */
function explains(policy: ToldPolicy, failure: Failure['name'], hop: number, hops: Attempt['hops']): boolean {
  const [arrived, sent] = [hops[hop] ?? hops[0], hops[hop + 1] ?? hops[0]];
  switch (failure) {
    case 'fee_insufficient':
      return relayFee(policy, sent.amount) > arrived.amount - sent.amount;
    case 'incorrect_cltv_expiry':
      return policy.cltvDelta > arrived.cltvExpiry - sent.cltvExpiry;
    case 'amount_below_minimum':
      return policy.htlcMinimum > sent.amount;
    case 'temporary_channel_failure':
      return policy.htlcMaximum < sent.amount;
    default:
      return false;
  }
}

/** Nodes send it with its message type in front, or without. */
function readUpdate(bytes: Uint8Array, node: NodeId): ChannelUpdate | null {
  const hasType = bytes[0] === channelUpdate.type >> 8 && bytes[1] === (channelUpdate.type & 0xff);
  for (const from of hasType ? [2, 0] : [0]) {
    const update = decode(channelUpdate, bytes.subarray(from));
    if (update.ok && isSignedUpdate(update.value, node)) return update.value;
  }
  return null;
}
