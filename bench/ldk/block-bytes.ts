import { concatBytes } from '../../engine/base/bytes.ts';
import { serializeTx } from '../../engine/bitcoin/tx.ts';
import { headerBytes } from '../../engine/chain/headers/header-bytes.ts';
import type { FakeBlock } from '../../engine/testkit/fake-chain.ts';

/** A block as peers send it. At most 252 transactions. */
export const blockBytes = ({ header, txs }: FakeBlock): Uint8Array =>
  concatBytes(headerBytes(header), Uint8Array.of(txs.length), ...txs.map(serializeTx));
