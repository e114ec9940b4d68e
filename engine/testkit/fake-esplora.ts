import { reversed, toHex } from '../base/bytes.ts';
import type { BlockHash, TxId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import type { Http, HttpFailure, HttpRequest, HttpResponse } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { parseTxHex } from '../bitcoin/tx-parse.ts';
import { serializeTx, txIdOf, type Tx } from '../bitcoin/tx.ts';
import { headerBytes } from '../chain/headers/header-bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { merkleLevels, type FakeChain } from './fake-chain.ts';

export type Reply = { readonly status: number; readonly body: string | Uint8Array };
const text = (body: string | Uint8Array, status = 200): Reply => ({ status, body });
const json = (value: unknown): Reply => text(JSON.stringify(value));
const notFound = (what: string): Reply => text(`${what} not found`, 404);

const hashes = new WeakMap<Uint8Array, string>();
/** As it asks for one script after another, each is hashed once. */
function hashOf(script: Uint8Array): string {
  const known = hashes.get(script) ?? toHex(sha256(script));
  hashes.set(script, known);
  return known;
}

/** An Esplora server over a fake chain: answers as the real one does, and on command otherwise. */
export class FakeEsplora {
  readonly url: string;
  chain: FakeChain;
  /** Requests, as `GET /path`. */
  readonly log: string[] = [];
  /** All that it was asked to take, taken or not. */
  readonly posted: Tx[] = [];
  /** Answers instead of the truth where it returns something; throws nothing. */
  fault: (path: string, truth: () => Reply) => Reply | HttpFailure | null = () => null;
  /** What a posted transaction is answered, instead of taking it. */
  refusal: string | null = null;
  /** Why it does not take these, told together; null: it does. */
  refuses: (txs: readonly Tx[]) => string | null = () => null;
  packages = true;
  estimates: Readonly<Record<string, number>> = {};
  /** What it says of the first block, which tells the network. */
  genesis: string = NETWORKS.regtest.genesisHash;

  constructor(url: string, chain: FakeChain) {
    this.url = url;
    this.chain = chain;
  }

  answer(request: HttpRequest): Result<HttpResponse, HttpFailure> {
    const path = request.url.slice(this.url.length);
    this.log.push(`${request.method} ${path}`);
    const truth = (): Reply =>
      request.method === 'POST' ? this.#post(path, String(request.body)) : this.#get(path);
    const reply = this.fault(path, truth) ?? truth();
    if ('code' in reply) return err(reply);
    const body = typeof reply.body === 'string' ? encodeUtf8(reply.body) : reply.body;
    if (body.length > request.maxBytes) return err({ code: 'too-large', detail: '' });
    return ok({ status: reply.status, body });
  }

  #get(path: string): Reply {
    const [, first = '', id = '', what = '', more = '', last = ''] = path.split('/');
    switch (first) {
      case 'blocks':
        if (id !== 'tip') return this.#blocks(Number(id));
        return text(what === 'hash' ? this.chain.tip.header.hash : String(this.chain.blocks.length - 1));
      case 'block-height': {
        // Its own first block is one of no network.
        if (Number(id) === 0) return text(this.genesis);
        const block = this.chain.blocks[Number(id)];
        return block === undefined ? notFound('Block') : text(block.header.hash);
      }
      case 'block': {
        const height = this.chain.heightOf(id as BlockHash);
        if (height === null) return notFound('Block');
        if (what === 'txid') {
          const tx = this.chain.blocks[height]!.txs[Number(more)];
          return tx === undefined ? notFound('Transaction') : text(txIdOf(tx));
        }
        return what === 'header'
          ? text(toHex(headerBytes(this.chain.blocks[height]!.header)))
          : json(this.#summary(height));
      }
      case 'tx':
        return this.#tx(id as TxId, what);
      case 'scripthash':
        return this.#script(id, [what, more, last]);
      case 'fee-estimates':
        return json(this.estimates);
      default:
        return text('', 404);
    }
  }

  #summary(height: number): unknown {
    const { header, txs } = this.chain.blocks[height]!;
    return {
      id: header.hash,
      height,
      version: header.version,
      timestamp: header.time,
      tx_count: txs.length,
      merkle_root: toHex(reversed(header.merkleRoot)),
      previousblockhash: height === 0 ? null : header.previous,
      bits: header.bits,
      nonce: header.nonce,
    };
  }

  #blocks(from: number): Reply {
    const heights = Array.from({ length: 10 }, (_, i) => from - i);
    return json(
      heights
        .filter((height) => height >= 0 && height < this.chain.blocks.length)
        .map((height) => this.#summary(height)),
    );
  }

  #tx(id: TxId, what: string): Reply {
    const found = this.chain.findTx(id);
    if (found === null) return what === 'status' ? json({ confirmed: false }) : notFound('Transaction');
    const { tx, height, index } = found;
    switch (what) {
      case 'raw':
        return text(serializeTx(tx));
      case 'merkle-proof': {
        if (height === null) return notFound('Transaction not found or is unconfirmed');
        const levels = merkleLevels(this.chain.blocks[height]!.txs).slice(0, -1);
        const merkle = levels.map((level, depth) => {
          const place = index >> depth;
          return toHex(reversed(level[place ^ 1] ?? level[place]!));
        });
        return json({ block_height: height, merkle, pos: index });
      }
      case 'outspends':
        return json(tx.outputs.map((_, vout) => this.#outspend({ txId: id, index: vout })));
      default:
        return text('', 404);
    }
  }

  #outspend(outPoint: Parameters<FakeChain['spenderOf']>[0]): unknown {
    const spender = this.chain.spenderOf(outPoint);
    if (spender === null) return { spent: false };
    return { spent: true, txid: txIdOf(spender), vin: 0, status: this.#status(spender) };
  }

  #status(tx: Tx): unknown {
    const { height } = this.chain.findTx(txIdOf(tx))!;
    return height === null ? { confirmed: false } : { confirmed: true, block_height: height };
  }

  #script(hash: string, [what, chain, after]: readonly string[]): Reply {
    const isIt = (script: Uint8Array | undefined): boolean => script !== undefined && hashOf(script) === hash;
    const all = this.chain.all();
    const byId = new Map(all.map((tx) => [txIdOf(tx), tx]));
    const touching = all.filter(
      ({ inputs, outputs }) =>
        outputs.some(({ script }) => isIt(script)) ||
        inputs.some(({ outPoint }) => isIt(byId.get(outPoint.txId)?.outputs[outPoint.index]?.script)),
    );
    const items = touching.toReversed().map((tx) => ({ txid: txIdOf(tx), status: this.#status(tx) }));
    const isConfirmed = ({ status }: { status: unknown }): boolean =>
      (status as { confirmed: boolean }).confirmed;
    const confirmed = items.filter(isConfirmed);
    if (what === '')
      return json({
        chain_stats: { tx_count: confirmed.length },
        mempool_stats: { tx_count: items.length - confirmed.length },
      });
    const start = chain === 'chain' ? confirmed.findIndex(({ txid }) => txid === after) + 1 : 0;
    const mempool = chain === 'chain' ? [] : items.filter((item) => !isConfirmed(item));
    return json([...mempool, ...confirmed.slice(start, start + 25)]);
  }

  #post(path: string, body: string): Reply {
    const isPackage = path === '/txs/package';
    if (isPackage && !this.packages) return text('', 404);
    const txs = (isPackage ? (JSON.parse(body) as string[]) : [body]).map((hex) => parseTxHex(hex));
    const parsed = txs.flatMap((tx) => (tx.ok ? [tx.value] : []));
    if (parsed.length < txs.length) return text('sendrawtransaction RPC error -22: TX decode failed', 400);
    this.posted.push(...parsed);
    const refusal = this.refusal ?? this.refuses(parsed);
    if (refusal !== null)
      return isPackage
        ? json({ package_msg: 'transaction failed', 'tx-results': { a: { error: refusal } } })
        : text(`sendrawtransaction RPC error -26: ${refusal}`, 400);
    for (const tx of parsed) {
      const found = this.chain.findTx(txIdOf(tx));
      if (found !== null && found.height !== null)
        return text('sendrawtransaction RPC error -27: Transaction already in block chain', 400);
      if (found === null) this.chain.add(tx);
    }
    return isPackage ? json({ package_msg: 'success', 'tx-results': {} }) : text(txIdOf(parsed.at(-1)!));
  }
}

/** One port to several servers, by the start of the URL. */
export const httpOver =
  (...servers: readonly Pick<FakeEsplora, 'url' | 'answer'>[]): Http =>
  async (request) => {
    const server = servers.find(({ url }) => request.url.startsWith(`${url}/`));
    return server?.answer(request) ?? err({ code: 'unreachable', detail: request.url });
  };
