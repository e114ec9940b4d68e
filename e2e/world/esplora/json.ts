// Esplora's JSON, field by field as the real server writes it.
import type { ChainIndex } from './chain-index.ts';
import type { Faults } from './faults.ts';
import type { BlockRecord, OutputRecord, TxRecord } from './records.ts';
import { asm } from './asm.ts';

export const blockJson = (block: BlockRecord): object => ({
  id: block.hash,
  height: block.height,
  version: block.version,
  timestamp: block.time,
  tx_count: block.transactions.length,
  size: block.size,
  weight: block.weight,
  merkle_root: block.merkleRoot,
  previousblockhash: block.previous,
  mediantime: block.medianTime,
  nonce: block.nonce,
  bits: block.bits,
  difficulty: block.difficulty,
});

export type StatusJson =
  { confirmed: false } | { confirmed: true; block_height: number; block_hash: string; block_time: number };

/** What the server says about a transaction's confirmation; a fault may make it a lie. */
export function statusJson(index: ChainIndex, faults: Faults, txid: string): StatusJson {
  const lie = faults.lieAbout(txid);
  const block = lie === null ? index.placementOf(txid)?.block : index.blockAt(lie);
  if (block === undefined) return { confirmed: false };
  return {
    confirmed: true,
    block_height: block.height,
    block_hash: block.hash,
    block_time: block.time,
  };
}

const outputJson = (output: OutputRecord): object => ({
  scriptpubkey: output.script,
  scriptpubkey_asm: asm(output.script),
  scriptpubkey_type: output.type,
  ...(output.address !== null && { scriptpubkey_address: output.address }),
  value: output.valueSat,
});

export const txJson = (index: ChainIndex, faults: Faults, tx: TxRecord): object => ({
  txid: tx.txid,
  version: tx.version,
  locktime: tx.locktime,
  vin: tx.inputs.map((input) => ({
    txid: input.txid,
    vout: input.vout,
    prevout: input.prevout === null ? null : outputJson(input.prevout),
    scriptsig: input.scriptSig,
    scriptsig_asm: asm(input.scriptSig),
    ...(input.witness.length > 0 && { witness: input.witness }),
    is_coinbase: input.isCoinbase,
    sequence: input.sequence,
  })),
  vout: tx.outputs.map(outputJson),
  size: tx.size,
  weight: tx.weight,
  fee: tx.feeSat,
  status: statusJson(index, faults, tx.txid),
});
