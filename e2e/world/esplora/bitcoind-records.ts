// bitcoind's verbose JSON as records of the index.
import { scriptHashOf } from './bytes.ts';
import type { BlockRecord, InputRecord, OutputRecord, TxRecord } from './records.ts';

type RpcScript = { hex: string; type: string; address?: string };
type RpcInput = {
  coinbase?: string;
  txid?: string;
  vout?: number;
  scriptSig?: { hex: string };
  txinwitness?: string[];
  sequence: number;
  prevout?: { value: number; scriptPubKey: RpcScript };
};
/** `getrawtransaction` at verbosity 2, and the transactions of `getblock` at verbosity 3. */
export type RpcTx = {
  txid: string;
  version: number;
  locktime: number;
  size: number;
  weight: number;
  hex: string;
  fee?: number;
  vin: RpcInput[];
  vout: { value: number; scriptPubKey: RpcScript }[];
};
/** `getblock` at verbosity 3. */
export type RpcBlock = {
  hash: string;
  height: number;
  version: number;
  time: number;
  mediantime: number;
  nonce: number;
  bits: string;
  difficulty: number;
  merkleroot: string;
  previousblockhash?: string;
  size: number;
  weight: number;
  tx: RpcTx[];
};

const SCRIPT_TYPES: Readonly<Record<string, string>> = {
  pubkey: 'p2pk',
  pubkeyhash: 'p2pkh',
  scripthash: 'p2sh',
  multisig: 'multisig',
  nulldata: 'op_return',
  witness_v0_keyhash: 'v0_p2wpkh',
  witness_v0_scripthash: 'v0_p2wsh',
  witness_v1_taproot: 'v1_p2tr',
  anchor: 'p2a',
};

const satOf = (bitcoin: number): number => Math.round(bitcoin * 1e8);

const outputRecord = (value: number, script: RpcScript): OutputRecord => ({
  script: script.hex,
  scriptHash: scriptHashOf(script.hex),
  address: script.address ?? null,
  type: SCRIPT_TYPES[script.type] ?? 'unknown',
  valueSat: satOf(value),
});

const inputRecord = (input: RpcInput): InputRecord => ({
  txid: input.txid ?? '00'.repeat(32),
  vout: input.vout ?? 0xffff_ffff,
  isCoinbase: input.coinbase !== undefined,
  scriptSig: input.coinbase ?? input.scriptSig?.hex ?? '',
  witness: input.txinwitness ?? [],
  sequence: input.sequence,
  prevout: input.prevout === undefined ? null : outputRecord(input.prevout.value, input.prevout.scriptPubKey),
});

export const txRecord = (tx: RpcTx): TxRecord => ({
  txid: tx.txid,
  version: tx.version,
  locktime: tx.locktime,
  size: tx.size,
  weight: tx.weight,
  feeSat: satOf(tx.fee ?? 0),
  hex: tx.hex,
  inputs: tx.vin.map(inputRecord),
  outputs: tx.vout.map(({ value, scriptPubKey }) => outputRecord(value, scriptPubKey)),
});

export const blockRecord = (block: RpcBlock): BlockRecord => ({
  hash: block.hash,
  height: block.height,
  version: block.version,
  time: block.time,
  medianTime: block.mediantime,
  nonce: block.nonce,
  bits: Number.parseInt(block.bits, 16),
  difficulty: block.difficulty,
  merkleRoot: block.merkleroot,
  previous: block.previousblockhash ?? null,
  size: block.size,
  weight: block.weight,
  transactions: block.tx.map(txRecord),
});
