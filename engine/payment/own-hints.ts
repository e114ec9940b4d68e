import type { NodeId } from '../base/ids.ts';
import type { Msat, Scid } from '../base/units.ts';
import type { RelayPolicy } from '../channel/env.ts';
import type { RouteHint } from '../invoice/bolt11.ts';

/** A channel of ours, as far as being paid is concerned: a `ChannelSummary` is one. */
export type ReceiveChannel = {
  readonly peerId: NodeId;
  readonly isUsable: boolean;
  readonly isAnnounced: boolean;
  readonly receivable: Msat;
  readonly localAlias: Scid;
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
  for (const { peerId, localAlias, remotePolicy } of ranked) {
    if (remotePolicy === null || hints.has(peerId) || hints.size === MAX_HINTS) continue;
    const { feeBase, feeProportionalMillionths, cltvDelta } = remotePolicy;
    // The alias, never the real short channel id: it tells nobody which coin the channel is.
    hints.set(peerId, [
      { nodeId: peerId, scid: localAlias, feeBase, feeProportionalMillionths, cltvExpiryDelta: cltvDelta },
    ]);
  }
  return [...hints.values()];
}
