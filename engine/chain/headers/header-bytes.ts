import { fromHex, reversed } from '../../base/bytes.ts';
import { blockHash, blockHashToBytes } from '../../base/ids.ts';
import type { BlockHeader } from '../../bitcoin/header.ts';
import type { BlockSummary } from '../esplora/questions.ts';

const ZERO_HASH = blockHash('00'.repeat(32));

/** The 80 bytes that are hashed. */
export function headerBytes(header: Omit<BlockHeader, 'hash'>): Uint8Array {
  const bytes = new Uint8Array(80);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, header.version, true);
  bytes.set(blockHashToBytes(header.previous), 4);
  bytes.set(header.merkleRoot, 36);
  view.setUint32(68, header.time, true);
  view.setUint32(72, header.bits, true);
  view.setUint32(76, header.nonce, true);
  return bytes;
}

/** The header that Esplora's JSON is made from. */
export const summaryBytes = (summary: BlockSummary): Uint8Array =>
  headerBytes({
    version: summary.version,
    previous: summary.previousblockhash === null ? ZERO_HASH : blockHash(summary.previousblockhash),
    merkleRoot: reversed(fromHex(summary.merkle_root)),
    time: summary.timestamp as BlockHeader['time'],
    bits: summary.bits,
    nonce: summary.nonce,
  });
