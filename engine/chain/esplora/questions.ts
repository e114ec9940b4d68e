import { parseHex, toHex } from '../../base/bytes.ts';
import type { BlockHash, TxId } from '../../base/ids.ts';
import type { HttpResponse } from '../../base/ports.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import { sha256 } from '../../crypto/hash.ts';
import {
  boolean,
  entries,
  hash32,
  list,
  maybe,
  object,
  parseJson,
  positive,
  whole,
  type Decoder,
} from './json.ts';
import type { Question } from './server-pool.ts';

const SHORT = 1_000;
const MAX_HEIGHT = 0xff_ffff;
/** Consensus allows 4,000,000 weight; the encoding of a transaction is never longer than its weight. */
const MAX_TX_BYTES = 4_000_000;
const MAX_JSON_BYTES = 16_000_000;

/** The body when the status is 200, null when it is 404: not known there. */
const found = <T>(response: HttpResponse, read: (body: Uint8Array) => T | undefined): T | null | undefined =>
  response.status === 404 ? null : response.status === 200 ? read(response.body) : undefined;

const json =
  <T>(decoder: Decoder<T>) =>
  (body: Uint8Array): T | undefined =>
    decoder(parseJson(body));

const hashText = (body: Uint8Array): string | undefined => hash32(decodeUtf8(body)?.trim());

export const tipHash: Question<BlockHash> = {
  path: '/blocks/tip/hash',
  maxBytes: SHORT,
  read: ({ status, body }) => (status === 200 ? (hashText(body) as BlockHash | undefined) : undefined),
};

/** Null when the server's chain is not that long. */
export const blockHashAt = (height: number): Question<BlockHash | null> => ({
  path: `/block-height/${height}`,
  maxBytes: SHORT,
  read: (response) => found(response, hashText) as BlockHash | null | undefined,
});

/** 80 bytes, not checked. Null when the block is not known. */
export const blockHeader = (hash: BlockHash): Question<Uint8Array | null> => ({
  path: `/block/${hash}/header`,
  maxBytes: SHORT,
  read: (response) =>
    found(response, (body) => {
      const header = parseHex(decodeUtf8(body)?.trim() ?? '-');
      return header?.length === 80 ? header : undefined;
    }),
});

/** The id of a transaction by its place in a block. Null when there is no such block or place. */
export const txIdAt = (block: BlockHash, index: number): Question<TxId | null> => ({
  path: `/block/${block}/txid/${index}`,
  maxBytes: SHORT,
  read: (response) => found(response, hashText) as TxId | null | undefined,
});

const U32 = 0xffff_ffff;
const blockSummary = object({
  id: hash32,
  height: whole(MAX_HEIGHT),
  // Signed on some servers.
  version: whole(U32, -0x8000_0000),
  previousblockhash: maybe(hash32),
  merkle_root: hash32,
  timestamp: whole(U32),
  bits: whole(U32),
  nonce: whole(U32),
});
/** A block as Esplora's JSON has it: all that its header is made of, and the height that the server claims. */
export type BlockSummary = NonNullable<ReturnType<typeof blockSummary>>;

export const block = (hash: BlockHash): Question<BlockSummary | null> => ({
  path: `/block/${hash}`,
  maxBytes: 64_000,
  read: (response) => found(response, json(blockSummary)),
});

/** The block at `height` and those below it, newest first; how many is the server's choice (10 or 15). */
export const blocksDownFrom = (height: number): Question<readonly BlockSummary[] | null> => ({
  path: `/blocks/${height}`,
  maxBytes: 1_000_000,
  read: (response) => found(response, json(list(blockSummary, 100))),
});

/** The bytes of a transaction, not checked. Null when it is not known. */
export const rawTx = (id: TxId): Question<Uint8Array | null> => ({
  path: `/tx/${id}/raw`,
  maxBytes: MAX_TX_BYTES,
  read: (response) => found(response, (body) => body),
});

const merkleProof = object({
  block_height: whole(MAX_HEIGHT),
  // A block of 4,000,000 weight has fewer than 2^17 transactions.
  merkle: list(hash32, 17),
  pos: whole(0x1_ffff),
});
export type MerkleProof = NonNullable<ReturnType<typeof merkleProof>>;

/** Null when the transaction is unconfirmed or not known: Esplora does not tell these apart. */
export const txMerkleProof = (id: TxId): Question<MerkleProof | null> => ({
  path: `/tx/${id}/merkle-proof`,
  maxBytes: 16_000,
  read: (response) => found(response, json(merkleProof)),
});

const outspend = object({
  spent: boolean,
  txid: maybe(hash32),
  status: maybe(object({ confirmed: boolean })),
});
export type Outspend = NonNullable<ReturnType<typeof outspend>>;

/** One entry per output of the transaction, in order. Null when the transaction is not known. */
export const txOutspends = (id: TxId): Question<readonly Outspend[] | null> => ({
  path: `/tx/${id}/outspends`,
  maxBytes: 4_000_000,
  read: (response) => found(response, json(list(outspend, 100_000))),
});

/** The path element for a scriptPubKey: SHA-256, in the order in which it is computed. */
const scriptPath = (script: Uint8Array): string => `/scripthash/${toHex(sha256(script))}`;

const counted = object({ tx_count: whole(Number.MAX_SAFE_INTEGER) });
const scriptStats = object({ chain_stats: counted, mempool_stats: counted });
export type ScriptCounts = { readonly confirmed: number; readonly mempool: number };

/** How many transactions touch a script. */
export const scriptCounts = (script: Uint8Array): Question<ScriptCounts> => ({
  path: scriptPath(script),
  maxBytes: 16_000,
  read: ({ status, body }) => {
    const stats = status === 200 ? json(scriptStats)(body) : undefined;
    return stats && { confirmed: stats.chain_stats.tx_count, mempool: stats.mempool_stats.tx_count };
  },
});

const historyItem = object({ txid: hash32, status: object({ confirmed: boolean }) });
export type HistoryItem = { readonly txId: TxId; readonly confirmed: boolean };

/** A page of the transactions that touch a script, newest first; `after` is the last confirmed one of the page before. */
export const scriptTxs = (script: Uint8Array, after: TxId | null): Question<readonly HistoryItem[]> => ({
  path: scriptPath(script) + (after === null ? '/txs' : `/txs/chain/${after}`),
  maxBytes: MAX_JSON_BYTES,
  read: ({ status, body }) =>
    status === 200
      ? json(list(historyItem, 1_000))(body)?.map(({ txid, status: { confirmed } }) => ({
          txId: txid as TxId,
          confirmed,
        }))
      : undefined,
});

/** sat/vB by confirmation target in blocks. Empty on a chain without history. */
export const feeEstimates: Question<ReadonlyMap<string, number>> = {
  path: '/fee-estimates',
  maxBytes: 16_000,
  read: ({ status, body }) => (status === 200 ? json(entries(positive))(body) : undefined),
};
