import { toHex } from '../base/bytes.ts';
import { channelId, txIdToBytes, type ChannelId, type OutPoint } from '../base/ids.ts';

/**
 * BOLT 2 §channel_id: "combining the `funding_txid` and the `funding_output_index`, using big-endian exclusive-OR
 * (i.e. `funding_output_index` alters the last 2 bytes)."
 */
export function channelIdOfFunding({ txId, index }: OutPoint): ChannelId {
  // The id is the hash in the order in which it is sent.
  const bytes = txIdToBytes(txId);
  bytes[30] = (bytes[30] ?? 0) ^ (index >> 8);
  bytes[31] = (bytes[31] ?? 0) ^ (index & 0xff);
  return channelId(toHex(bytes));
}
