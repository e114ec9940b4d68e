import { headerBytes } from '../bytes.ts';
import { blockJson } from '../json.ts';
import type { BlockRecord } from '../records.ts';
import { hash32, json, maxAgeAt, Refused, text, wholeNumber, type Context, type Route } from '../route.ts';

function knownBlock({ index }: Context, hash: string | undefined): BlockRecord {
  const block = index.block(hash32(hash));
  if (block === undefined) throw new Refused(404, 'Block not found');
  return block;
}

/** As Blockstream's server has it. */
const BLOCKS_A_PAGE = 10;

export const blockRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/blocks/tip/height',
    answer: ({ index }) => text(String(index.tip.height)),
  },
  {
    method: 'GET',
    path: '/blocks/tip/hash',
    answer: ({ index }) => text(index.tip.hash),
  },
  {
    method: 'GET',
    path: '/blocks/:height',
    answer: ({ index }, { height }) => {
      const from = wholeNumber(height);
      const heights = Array.from({ length: BLOCKS_A_PAGE }, (_, i) => from - i);
      return json(heights.flatMap((at) => index.blockAt(at) ?? []).map((block) => blockJson(block)));
    },
  },
  {
    method: 'GET',
    path: '/block-height/:height',
    answer: (context, { height }) => {
      const block = context.index.blockAt(wholeNumber(height));
      if (block === undefined) throw new Refused(404, 'Block not found');
      return text(block.hash, maxAgeAt(context, block.height));
    },
  },
  {
    method: 'GET',
    path: '/block/:hash',
    answer: (context, { hash }) => {
      const block = knownBlock(context, hash);
      return json(blockJson(block), maxAgeAt(context, block.height));
    },
  },
  {
    method: 'GET',
    path: '/block/:hash/header',
    answer: (context, { hash }) => {
      const block = knownBlock(context, hash);
      return text(headerBytes(block).toString('hex'), maxAgeAt(context, block.height));
    },
  },
  {
    method: 'GET',
    path: '/block/:hash/status',
    answer: (context, { hash }) => {
      const block = context.index.block(hash32(hash));
      if (block === undefined || !context.index.isBest(block)) {
        return json({ in_best_chain: false, height: null, next_best: null });
      }
      const next = context.index.blockAt(block.height + 1);
      return json(
        { in_best_chain: true, height: block.height, next_best: next?.hash ?? null },
        maxAgeAt(context, block.height),
      );
    },
  },
  {
    method: 'GET',
    path: '/block/:hash/txids',
    answer: (context, { hash }) => {
      const block = knownBlock(context, hash);
      return json(
        block.transactions.map(({ txid }) => txid),
        maxAgeAt(context, block.height),
      );
    },
  },
  {
    method: 'GET',
    path: '/block/:hash/txid/:index',
    answer: (context, { hash, index }) => {
      const block = knownBlock(context, hash);
      const tx = block.transactions[wholeNumber(index)];
      if (tx === undefined) throw new Refused(404, 'tx index out of range');
      return text(tx.txid, maxAgeAt(context, block.height));
    },
  },
];
