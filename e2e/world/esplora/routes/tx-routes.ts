import { merkleBranch } from '../merkle.ts';
import { statusJson, txJson } from '../json.ts';
import type { Placement } from '../chain-index.ts';
import type { TxRecord } from '../records.ts';
import {
  bytes,
  hash32,
  json,
  maxAgeAt,
  Refused,
  text,
  wholeNumber,
  type Context,
  type Route,
} from '../route.ts';

function knownTx({ index }: Context, txid: string | undefined): TxRecord {
  const tx = index.tx(hash32(txid));
  if (tx === undefined) throw new Refused(404, 'Transaction not found');
  return tx;
}

/** Where the transaction confirmed, or where we pretend that it did. */
function placement({ index, faults }: Context, txid: string): Placement {
  const lie = faults.lieAbout(txid);
  const pretended = lie === null ? undefined : index.blockAt(lie);
  const found = pretended === undefined ? index.placementOf(txid) : { block: pretended, index: 0 };
  if (found === undefined) throw new Refused(404, 'Transaction not found or is unconfirmed');
  return found;
}

const txMaxAge = (context: Context, txid: string): number =>
  maxAgeAt(context, context.index.placementOf(txid)?.block.height);

function outspend({ index, faults }: Context, txid: string, vout: number): object {
  const spender = index.spenderOf(txid, vout);
  if (spender === undefined) return { spent: false };
  return { spent: true, ...spender, status: statusJson(index, faults, spender.txid) };
}

export const txRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/tx/:txid',
    answer: (context, { txid }) => {
      const tx = knownTx(context, txid);
      return json(txJson(context.index, context.faults, tx), txMaxAge(context, tx.txid));
    },
  },
  {
    method: 'GET',
    path: '/tx/:txid/hex',
    answer: (context, { txid }) => {
      const tx = knownTx(context, txid);
      return text(tx.hex, txMaxAge(context, tx.txid));
    },
  },
  {
    method: 'GET',
    path: '/tx/:txid/raw',
    answer: (context, { txid }) => {
      const tx = knownTx(context, txid);
      return bytes(Buffer.from(tx.hex, 'hex'), txMaxAge(context, tx.txid));
    },
  },
  {
    method: 'GET',
    path: '/tx/:txid/status',
    // The real server says the same of a transaction that it never saw.
    answer: (context, { txid }) => {
      const id = hash32(txid);
      return json(statusJson(context.index, context.faults, id), txMaxAge(context, id));
    },
  },
  {
    method: 'GET',
    path: '/tx/:txid/merkle-proof',
    answer: (context, { txid }) => {
      const id = hash32(txid);
      const { block, index } = placement(context, id);
      const txids = block.transactions.map((tx) => tx.txid);
      return json(
        { block_height: block.height, merkle: merkleBranch(txids, index), pos: index },
        maxAgeAt(context, block.height),
      );
    },
  },
  {
    method: 'GET',
    path: '/tx/:txid/merkleblock-proof',
    answer: async (context, { txid }) => {
      const id = hash32(txid);
      const { block } = placement(context, id);
      const proof = await context.rpc.call<string>('gettxoutproof', [id], block.hash);
      return text(proof, maxAgeAt(context, block.height));
    },
  },
  {
    method: 'GET',
    path: '/tx/:txid/outspend/:index',
    // Likewise of an output that never existed: not spent.
    answer: (context, { txid, index }) => json(outspend(context, hash32(txid), wholeNumber(index))),
  },
  {
    method: 'GET',
    path: '/tx/:txid/outspends',
    answer: (context, { txid }) => {
      const tx = knownTx(context, txid);
      return json(tx.outputs.map((_output, vout) => outspend(context, tx.txid, vout)));
    },
  },
];
