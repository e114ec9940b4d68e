import type { NodeId } from '../base/ids.ts';
import { msat, type Msat, type Scid } from '../base/units.ts';
import type { RelayPolicy } from '../channel/env.ts';
import type { RouteHint } from '../invoice/bolt11.ts';
import type { RouteRefusal } from './payment-refusal.ts';

/** A channel of ours, as far as being paid is concerned: a `ChannelSummary` is one. */
export type ReceiveChannel = {
  readonly peerId: NodeId;
  readonly isUsable: boolean;
  readonly isAnnounced: boolean;
  readonly receivable: Msat;
  readonly type: { readonly scidAlias: boolean };
  /** The real one, once confirmed. */
  readonly scid: Scid | null;
  /** Under which the peer said that it forwards to us. */
  readonly remoteAlias: Scid | null;
  /** What the peer asks for forwarding to us; null until it has told. */
  readonly remotePolicy: RelayPolicy | null;
};

const MAX_HINTS = 3;

/**
 * BOLT 11 §Tagged Fields: "if there is NOT a public channel associated with its public key: MUST include at least one r
 * field". One hint per peer, the channels with the most room first; those that take the whole amount before others.
 */
export function hintsFor(channels: readonly ReceiveChannel[], amount: Msat | null): readonly RouteHint[] {
  if (channels.some(({ isAnnounced, isUsable }) => isAnnounced && isUsable)) return [];
  const fits = ({ receivable }: ReceiveChannel): boolean => amount === null || receivable >= amount;
  const ranked = channels
    .filter(({ isUsable }) => isUsable)
    .toSorted(
      (a, b) =>
        Number(fits(b)) - Number(fits(a)) ||
        (b.receivable > a.receivable ? 1 : b.receivable < a.receivable ? -1 : 0),
    );
  const hints = new Map<NodeId, RouteHint>();
  for (const channel of ranked) {
    const { peerId, remotePolicy } = channel;
    const scid = nameForPayers(channel);
    if (scid === null || remotePolicy === null || hints.has(peerId) || hints.size === MAX_HINTS) continue;
    const { feeBase, feeProportionalMillionths, cltvDelta } = remotePolicy;
    hints.set(peerId, [
      { nodeId: peerId, scid, feeBase, feeProportionalMillionths, cltvExpiryDelta: cltvDelta },
    ]);
  }
  return [...hints.values()];
}

/** Why so much cannot come in by that one channel; null where it can. Its peer would refuse it at the end of the way. */
export function noRoomIn(
  { receivable }: Pick<ReceiveChannel, 'receivable'>,
  amount: Msat,
): RouteRefusal | null {
  if (amount <= receivable) return null;
  return receivable <= msat(0)
    ? { code: 'no-path', reason: 'liquidity' }
    : { code: 'amount-too-large', maximum: receivable };
}

/**
 * bLIP 52 §6: "the client MUST use the `alias` for future invoices on the channel"; "Invoices issued after the channel open
 * MUST use the fee rates negotiated for the new channel." bLIP 52 §5: "Clients MUST NOT expect that `jit_channel_scid` is the
 * same as the `alias` SCID."; "Clients MUST NOT expect that `jit_channel_scid` is different from the `alias` SCID."
 * BOLT 2 §channel_ready: "MAY use any of the `alias` it received, in BOLT 11 `r` fields." It tells nobody which coin the
 * channel is. Without one, BOLT 2 §channel_ready: "if `channel_type` has `option_scid_alias` set: MUST NOT use the real
 * `short_channel_id` in BOLT 11 `r` fields."
 */
const nameForPayers = ({ remoteAlias, scid, type }: ReceiveChannel): Scid | null =>
  remoteAlias ?? (type.scidAlias ? null : scid);
