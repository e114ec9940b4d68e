import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bitcoind } from '../world/bitcoind.ts';
import { EsploraServer } from '../world/esplora/server.ts';

let chain: Bitcoind;
let server: EsploraServer;
let address: string;
let script: string;
/** Confirmed, pays 100,000 sat to `address`. */
let paid: string;
let vout: number;
let tip: string;

type Json = Record<string, unknown>;

const get = async (path: string) => {
  const response = await fetch(server.url + path);
  return { status: response.status, headers: response.headers, body: await response.text() };
};
const getJson = async <T = Json>(path: string): Promise<T> => {
  const { status, body } = await get(path);
  expect(status, body).toBe(200);
  return JSON.parse(body) as T;
};
const getText = async (path: string): Promise<string> => {
  const { status, headers, body } = await get(path);
  expect(status, body).toBe(200);
  expect(headers.get('content-type')).toBe('text/plain');
  return body;
};
const post = async (path: string, body: string) => {
  const response = await fetch(server.url + path, { method: 'POST', body });
  return { status: response.status, body: await response.text() };
};
const sha256d = (bytes: Buffer): Buffer =>
  createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
const flipped = (hex: string): Buffer => Buffer.from(hex, 'hex').reverse();
const UNKNOWN = 'ab'.repeat(32);

beforeAll(async () => {
  chain = await Bitcoind.start();
  address = await chain.newAddress();
  paid = await chain.fund(address, 100_000n);
  tip = await chain.rpc.call<string>('getbestblockhash');
  server = await EsploraServer.start(chain.rpc);
  const tx = await getJson<{ vout: { scriptpubkey: string; scriptpubkey_address: string }[] }>(`/tx/${paid}`);
  vout = tx.vout.findIndex((output) => output.scriptpubkey_address === address);
  script = tx.vout[vout]!.scriptpubkey;
});
afterAll(async () => {
  await server.stop();
  await chain.stop();
});

describe('blocks', () => {
  test('the tip and a block by height', async () => {
    expect(await getText('/blocks/tip/height')).toBe('111');
    expect(await getText('/blocks/tip/hash')).toBe(tip);
    expect(await getText('/block-height/111')).toBe(tip);
    expect(await get('/block-height/112')).toMatchObject({ status: 404, body: 'Block not found' });
    expect(await get('/block-height/x')).toMatchObject({ status: 400, body: 'Invalid number' });
  });

  test('a block, its header, its place and its transactions', async () => {
    const block = await getJson(`/block/${tip}`);
    expect(block).toMatchObject({ id: tip, height: 111, tx_count: 2 });
    const header = await getText(`/block/${tip}/header`);
    expect(header).toBe(await chain.rpc.call<string>('getblockheader', tip, false));
    expect(sha256d(Buffer.from(header, 'hex')).reverse().toString('hex')).toBe(tip);
    expect(await getJson(`/block/${tip}/status`)).toEqual({
      in_best_chain: true,
      height: 111,
      next_best: null,
    });
    const txids = await getJson<string[]>(`/block/${tip}/txids`);
    expect(txids).toContain(paid);
    expect(await getText(`/block/${tip}/txid/1`)).toBe(txids[1]);
  });

  test('an unknown block: 404, but its status is an answer', async () => {
    for (const suffix of ['', '/header', '/txids', '/txid/0']) {
      expect(await get(`/block/${UNKNOWN}${suffix}`)).toMatchObject({ status: 404, body: 'Block not found' });
    }
    expect(await getJson(`/block/${UNKNOWN}/status`)).toEqual({
      in_best_chain: false,
      height: null,
      next_best: null,
    });
    expect(await get('/block/zz')).toMatchObject({ status: 400, body: 'Invalid hex string' });
  });

  test('answers may be kept for years once ten blocks deep, else for seconds', async () => {
    expect((await get('/block-height/50')).headers.get('cache-control')).toBe('public, max-age=157784630');
    expect((await get('/block-height/111')).headers.get('cache-control')).toBe('public, max-age=10');
  });
});

describe('transactions', () => {
  test('whole, as hex, as bytes', async () => {
    const tx = await getJson<{ fee: number; vout: Json[]; vin: Json[]; status: Json }>(`/tx/${paid}`);
    expect(tx.status).toMatchObject({ confirmed: true, block_height: 111, block_hash: tip });
    expect(tx.fee).toBeGreaterThan(0);
    expect(tx.vout[vout]).toMatchObject({
      scriptpubkey_type: 'v0_p2wpkh',
      scriptpubkey_asm: `OP_0 OP_PUSHBYTES_20 ${script.slice(4)}`,
      value: 100_000,
    });
    expect(tx.vin[0]).toMatchObject({ is_coinbase: false, prevout: { value: 50_0000_0000 } });
    const hex = await getText(`/tx/${paid}/hex`);
    expect(hex).toBe(await chain.rpc.call<string>('getrawtransaction', paid));
    const raw = await fetch(`${server.url}/tx/${paid}/raw`);
    expect(raw.headers.get('content-type')).toBe('application/octet-stream');
    expect(Buffer.from(await raw.arrayBuffer()).toString('hex')).toBe(hex);
  });

  test('the merkle proof leads to the root in the header', async () => {
    type Proof = { block_height: number; merkle: string[]; pos: number };
    const proof = await getJson<Proof>(`/tx/${paid}/merkle-proof`);
    expect(proof).toMatchObject({ block_height: 111, pos: 1 });
    let hash = flipped(paid);
    let position = proof.pos;
    for (const sibling of proof.merkle.map(flipped)) {
      hash = sha256d(Buffer.concat(position % 2 === 1 ? [sibling, hash] : [hash, sibling]));
      position >>= 1;
    }
    const { merkle_root } = await getJson<{ merkle_root: string }>(`/block/${tip}`);
    expect(hash.reverse().toString('hex')).toBe(merkle_root);
    expect(await getText(`/tx/${paid}/merkleblock-proof`)).toBe(
      await chain.rpc.call<string>('gettxoutproof', [paid]),
    );
  });

  test('what spends an output', async () => {
    expect(await getJson(`/tx/${paid}/outspend/${vout}`)).toEqual({ spent: false });
    const { vin } = await getJson<{ vin: { txid: string; vout: number }[] }>(`/tx/${paid}`);
    const spent = vin[0]!;
    expect(await getJson(`/tx/${spent.txid}/outspend/${spent.vout}`)).toMatchObject({
      spent: true,
      txid: paid,
      vin: 0,
      status: { confirmed: true, block_height: 111 },
    });
    const all = await getJson<Json[]>(`/tx/${paid}/outspends`);
    expect(all).toEqual([{ spent: false }, { spent: false }]);
  });

  test('an unknown transaction: 404, but its status and its outputs are answers', async () => {
    for (const suffix of ['', '/hex', '/raw', '/outspends']) {
      expect(await get(`/tx/${UNKNOWN}${suffix}`)).toMatchObject({
        status: 404,
        body: 'Transaction not found',
      });
    }
    expect(await getJson(`/tx/${UNKNOWN}/status`)).toEqual({ confirmed: false });
    expect(await getJson(`/tx/${UNKNOWN}/outspend/7`)).toEqual({ spent: false });
    for (const suffix of ['merkle-proof', 'merkleblock-proof']) {
      expect(await get(`/tx/${UNKNOWN}/${suffix}`)).toMatchObject({
        status: 404,
        body: 'Transaction not found or is unconfirmed',
      });
    }
    expect(await get('/tx/12zz')).toMatchObject({ status: 400, body: 'Invalid hex string' });
    expect(await get(`/tx/${paid}/outspend/-1`)).toMatchObject({ status: 400, body: 'Invalid number' });
  });
});

describe('addresses and scripts', () => {
  test('coins, history and sums, by address and by the hash of the script', async () => {
    const hash = createHash('sha256').update(Buffer.from(script, 'hex')).digest('hex');
    for (const [key, name] of [
      ['address', address],
      ['scripthash', hash],
    ] as const) {
      const under = `/${key}/${name}`;
      expect(await getJson(under)).toMatchObject({
        [key]: name,
        chain_stats: { funded_txo_count: 1, funded_txo_sum: 100_000, spent_txo_count: 0, tx_count: 1 },
        mempool_stats: { tx_count: 0 },
      });
      expect(await getJson(`${under}/utxo`)).toMatchObject([
        { txid: paid, vout, value: 100_000, status: { confirmed: true, block_height: 111 } },
      ]);
      expect(await getJson(`${under}/txs`)).toMatchObject([{ txid: paid }]);
      expect(await getJson(`${under}/txs/chain`)).toMatchObject([{ txid: paid }]);
      expect(await getJson(`${under}/txs/mempool`)).toEqual([]);
    }
  });

  test('a long history comes in pages of 25, newest first', async () => {
    const busy = await chain.newAddress();
    for (let i = 0; i < 27; i++) await chain.send(busy, 10_000n);
    await chain.mine(1);
    const first = await getJson<{ txid: string }[]>(`/address/${busy}/txs`);
    expect(first).toHaveLength(25);
    const rest = await getJson<{ txid: string }[]>(`/address/${busy}/txs/chain/${first[24]!.txid}`);
    expect(rest).toHaveLength(2);
    expect(new Set([...first, ...rest].map(({ txid }) => txid)).size).toBe(27);
  });

  test('an address of another network or a wrong one is refused', async () => {
    for (const wrong of ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'nonsense']) {
      expect((await get(`/address/${wrong}`)).status).toBe(400);
    }
    expect((await get('/scripthash/00')).status).toBe(400);
  });
});

describe('mempool, fees and broadcasting', () => {
  test('an unconfirmed transaction is seen at once, and again after a reorganisation', async () => {
    const to = await chain.newAddress('bech32m');
    const txid = await chain.send(to, 70_000n);
    expect(await getJson(`/tx/${txid}/status`)).toEqual({ confirmed: false });
    expect(await getJson(`/address/${to}/utxo`)).toMatchObject([{ txid, status: { confirmed: false } }]);
    expect(await getJson(`/address/${to}/txs/mempool`)).toMatchObject([
      { txid, vout: expect.arrayContaining([expect.objectContaining({ scriptpubkey_type: 'v1_p2tr' })]) },
    ]);
    expect(await getJson('/mempool')).toMatchObject({ count: 1 });
    const [block] = await chain.mine(1);
    expect(await getJson(`/tx/${txid}/status`)).toMatchObject({ confirmed: true, block_hash: block });
    expect(await getJson('/mempool')).toEqual({ count: 0, vsize: 0, total_fee: 0, fee_histogram: [] });
    await chain.reorg(1);
    expect(await getJson(`/tx/${txid}/status`)).toEqual({ confirmed: false });
    expect(await getJson(`/block/${block}/status`)).toMatchObject({ in_best_chain: false });
    await chain.mine(1);
    expect(await getJson(`/tx/${txid}/status`)).toMatchObject({ confirmed: true });
  });

  test('fee estimates: none on a young chain, or those of the test', async () => {
    expect(await getJson('/fee-estimates')).toEqual({});
    server.setFeeEstimates({ '1': 12.5, '144': 1 });
    expect(await getJson('/fee-estimates')).toEqual({ '1': 12.5, '144': 1 });
    server.setFeeEstimates(null);
  });

  test('POST /tx answers with the id, also twice, and with bitcoind’s refusals', async () => {
    const wallet = chain.rpc.forWallet('miner');
    const to = await chain.newAddress();
    const raw = await wallet.call<string>('createrawtransaction', [], [{ [to]: '0.001' }]);
    const { hex } = await wallet.call<{ hex: string }>('fundrawtransaction', raw);
    const signed = await wallet.call<{ hex: string }>('signrawtransactionwithwallet', hex);
    const { txid } = await chain.rpc.call<{ txid: string }>('decoderawtransaction', signed.hex);
    expect(await post('/tx', signed.hex)).toEqual({ status: 200, body: txid });
    expect(await post('/tx', signed.hex)).toEqual({ status: 200, body: txid });
    await chain.mine(1);
    expect(await post('/tx', signed.hex)).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^sendrawtransaction RPC error -27: /),
    });
    expect(await post('/tx', '00')).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^sendrawtransaction RPC error -22: TX decode failed/),
    });
    // The same coins again, by a transaction of another id, unsigned.
    const spent = raw.slice(0, 8) + hex.slice(8).replace(/00000000$/, '01000000');
    expect(await post('/tx', spent)).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^sendrawtransaction RPC error -2[56]: /),
    });
    const refused = await post('/txs/package', JSON.stringify([spent]));
    expect(refused.status).toBe(200);
    expect(JSON.parse(refused.body)).toMatchObject({ package_msg: 'transaction failed' });
    expect((await post('/txs/package', 'nonsense')).status).toBe(400);
  });
});

test('pages of other origins may read answers, but a preflight fails as with the real server', async () => {
  expect((await get('/blocks/tip/hash')).headers.get('access-control-allow-origin')).toBe('*');
  expect((await fetch(`${server.url}/tx`, { method: 'OPTIONS' })).status).toBe(404);
  expect((await get('/no/such/thing')).status).toBe(404);
});

describe('faults', () => {
  test('delay, 429, 5xx, a cut answer, a broken connection; each as often as asked', async () => {
    const path = '/blocks/tip/hash';
    await server.inject({ kind: 'delay', ms: 60, path, times: 1 });
    const before = performance.now();
    expect((await get(path)).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(55);
    await server.inject({ kind: 'status', status: 429, times: 1 });
    expect(await get(path)).toMatchObject({ status: 429, body: 'Too Many Requests' });
    await server.inject({ kind: 'status', status: 503, path, times: 2 });
    expect((await get('/blocks/tip/height')).status).toBe(200);
    expect((await get(path)).status).toBe(503);
    expect((await get(path)).status).toBe(503);
    await server.inject({ kind: 'truncate', times: 1 });
    const cut = await get(`/tx/${paid}`);
    expect(cut.status).toBe(200);
    expect(() => JSON.parse(cut.body) as unknown).toThrow(SyntaxError);
    await server.inject({ kind: 'drop', times: 1 });
    await expect(get(path)).rejects.toThrow('terminated');
    expect((await get(path)).status).toBe(200);
  });

  test('a lie about a confirmation, in the status and in the proof', async () => {
    const txid = await chain.send(await chain.newAddress(), 20_000n);
    await server.inject({ kind: 'lie', txid, height: 100 });
    const hash = await getText('/block-height/100');
    expect(await getJson(`/tx/${txid}/status`)).toMatchObject({ confirmed: true, block_hash: hash });
    expect(await getJson(`/tx/${txid}`)).toMatchObject({ status: { confirmed: true } });
    expect(await getJson(`/tx/${txid}/merkle-proof`)).toMatchObject({ block_height: 100 });
    await server.heal();
    expect(await getJson(`/tx/${txid}/status`)).toEqual({ confirmed: false });
  });

  test('a stale tip', async () => {
    await server.inject({ kind: 'stale' });
    const stale = await getText('/blocks/tip/hash');
    const [block] = await chain.mine(1);
    expect(await getText('/blocks/tip/hash')).toBe(stale);
    await server.heal();
    expect(await getText('/blocks/tip/hash')).toBe(block);
  });

  test('a fork that bitcoind never saw, with valid headers', async () => {
    const txid = await chain.fund(await chain.newAddress(), 30_000n);
    const height = await chain.height();
    const best = await getText('/blocks/tip/hash');
    await server.inject({ kind: 'fork', depth: 2, length: 3 });
    expect(await getText('/blocks/tip/height')).toBe(String(height + 1));
    expect(await getJson(`/block/${best}/status`)).toMatchObject({ in_best_chain: false });
    expect(await getJson(`/tx/${txid}/status`)).toEqual({ confirmed: false });
    let hash = await getText('/blocks/tip/hash');
    for (let i = 0; i < 3; i++) {
      const header = Buffer.from(await getText(`/block/${hash}/header`), 'hex');
      expect(sha256d(header).reverse().toString('hex')).toBe(hash);
      expect(Number.parseInt(hash.slice(0, 2), 16)).toBeLessThan(0x80);
      hash = Buffer.from(header.subarray(4, 36)).reverse().toString('hex');
    }
    expect(hash).toBe(await getText(`/block-height/${height - 2}`));
    await server.heal();
    expect(await getText('/blocks/tip/hash')).toBe(best);
    expect(await getJson(`/tx/${txid}/status`)).toMatchObject({ confirmed: true });
  });
});
