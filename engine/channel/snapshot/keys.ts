import type { ChannelId } from '../../base/ids.ts';
import type { Add } from '../ledger.ts';

type Name = Pick<Add, 'direction' | 'id'>;

/** The keys of a channel's records, in the tables 'channel', 'htlc', 'shachain' and 'monitor'. */
export const keysOf = (
  id: ChannelId,
): {
  readonly static: string;
  readonly head: string;
  readonly gossip: string;
  readonly funding: (n: number) => string;
  readonly signatures: (n: number) => string;
  readonly shachain: (place: number) => string;
  readonly htlc: (htlc: Name) => string;
  readonly removal: (htlc: Name) => string;
  readonly outcome: (htlcId: bigint) => string;
  readonly past: (htlc: Name) => string;
} => ({
  static: `${id}/static`,
  head: `${id}/head`,
  gossip: `${id}/gossip`,
  funding: (n) => `${id}/funding/${n}`,
  signatures: (n) => `${id}/signatures/${n}`,
  shachain: (place) => `${id}/${place}`,
  htlc: ({ direction, id: htlcId }) => `${id}/${direction}/${htlcId}`,
  removal: ({ direction, id: htlcId }) => `${id}/${direction}/${htlcId}/removal`,
  outcome: (htlcId) => `${id}/outcome/${htlcId}`,
  past: ({ direction, id: htlcId }) => `${id}/past/${direction}/${htlcId}`,
});
