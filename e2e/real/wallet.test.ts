import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../engine/base/bytes.ts';
import { txId } from '../../engine/base/ids.ts';
import { feeratePerKw, sat, timestamp, type FeeratePerKw } from '../../engine/base/units.ts';
import { addressOf, scriptOfAddress } from '../../engine/bitcoin/address.ts';
import { p2wsh } from '../../engine/bitcoin/script.ts';
import { serializeTx, txIdOf, weightOf } from '../../engine/bitcoin/tx.ts';
import { ChainFollower, type SyncReport } from '../../engine/chain/chain-follower.ts';
import { loadSecp256k1 } from '../../engine/crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../engine/platform/secp256k1-node.ts';
import { fetchHttp } from '../../engine/platform/fetch-http.ts';
import { systemClock } from '../../engine/platform/system-clock.ts';
import { systemRandom } from '../../engine/platform/system-random.ts';
import { newAddress } from '../../engine/wallet/addresses.ts';
import { balanceOf } from '../../engine/wallet/balance.ts';
import { bumpFee, cancelTx } from '../../engine/wallet/bump-fee.ts';
import { listTransactions, walletTransaction } from '../../engine/wallet/history.ts';
import type { ScriptKind } from '../../engine/wallet/key-origin.ts';
import { KeyTree } from '../../engine/wallet/key-tree.ts';
import { createWallet } from '../../engine/wallet/open-wallet.ts';
import { createPsbt, signPsbt } from '../../engine/wallet/psbt.ts';
import { buildFunding, publishReserved } from '../../engine/wallet/reservations.ts';
import { scanAll, scanNews } from '../../engine/wallet/scan.ts';
import { send } from '../../engine/wallet/send.ts';
import { applyFacts } from '../../engine/wallet/wallet-facts.ts';
import type { WalletState, WalletStep } from '../../engine/wallet/wallet-state.ts';
import { newWords, seedOf } from '../../engine/wallet/words.ts';
import { Bitcoind } from '../world/bitcoind.ts';
import { EsploraServer } from '../world/esplora/server.ts';

let chain: Bitcoind;
let servers: readonly EsploraServer[];
const RATE = feeratePerKw(1_250);

beforeAll(async () => {
  chain = await Bitcoind.start();
  servers = [await EsploraServer.start(chain.rpc), await EsploraServer.start(chain.rpc)];
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await chain.stop();
});

const value = <T, E>(result: { ok: true; value: T } | { ok: false; error: E }): T => {
  expect(result).toMatchObject({ ok: true });
  if (!result.ok) throw new Error('refused');
  return result.value;
};

const follow = (): ChainFollower =>
  new ChainFollower({
    network: 'regtest',
    servers: servers.map(({ url }) => url),
    http: fetchHttp(),
    clock: systemClock,
    random: systemRandom,
  });

/** A wallet on the real chain, driven as the node drives it. */
class LiveWallet {
  readonly keys: KeyTree;
  readonly follower = follow();
  state: WalletState;
  #turn = 0;

  private constructor(keys: KeyTree) {
    this.keys = keys;
    this.state = createWallet(keys, 'regtest').state;
  }

  static async of(words: readonly string[] = newWords(systemRandom)): Promise<LiveWallet> {
    return new LiveWallet(new KeyTree(await seedOf(words), 'regtest'));
  }

  take<S extends WalletStep>(step: S): S {
    this.state = step.state;
    return step;
  }

  address(kind: ScriptKind = 'p2wpkh'): string {
    return this.take(newAddress(this.state, { kind })).address;
  }

  async sync(): Promise<SyncReport> {
    const report = await this.follower.sync();
    const tipHeight = report.tip!.height;
    const news = { tipHeight, newBlock: true, turn: this.#turn++, now: systemClock.now() };
    const { facts } = value(await scanNews(this.follower.reader, this.state, news));
    this.take(applyFacts(this.state, facts, systemClock.now()));
    return report;
  }

  async fund(amount: bigint, kind: ScriptKind = 'p2wpkh'): Promise<void> {
    await chain.fund(this.address(kind), amount);
    await this.sync();
  }

  async pay(address: string, amount: bigint | 'all', feerate: FeeratePerKw = RATE) {
    const request = { address, amount: amount === 'all' ? amount : sat(amount), feerate } as const;
    const sent = this.take(value(send(this.state, this.keys, request, systemClock.now())));
    expect(await this.follower.broadcast(sent.tx, 'wallet-send')).toMatchObject({ ok: true });
    return sent;
  }
}

type MempoolEntry = { vsize: number; weight: number; fees: { base: number } };
const mempoolEntry = (id: string): Promise<MempoolEntry> => chain.rpc.call('getmempoolentry', id);

describe('money comes and goes', () => {
  test('both kinds of coin, both backends of the curve; the fee is what was said', async () => {
    const wallet = await LiveWallet.of();
    await wallet.fund(60_000n);
    await wallet.fund(70_000n, 'p2tr');
    expect(balanceOf(wallet.state)).toMatchObject({ confirmed: 130_000n, spendable: 130_000n });

    const theirs = await chain.newAddress('bech32m');
    const sent = await wallet.pay(theirs, 100_000n);
    expect(sent.tx.inputs.length).toBe(2);
    const entry = await mempoolEntry(sent.txId);
    expect(entry.weight).toBe(weightOf(sent.tx));
    expect(BigInt(Math.round(entry.fees.base * 1e8))).toBe(sent.fee);
    expect(await loadSecp256k1(instantiateSecp256k1, systemRandom)).toMatchObject({ ok: true });
    const onward = await wallet.pay(await chain.newAddress('legacy'), 'all');
    await chain.mine();
    await wallet.sync();
    expect(balanceOf(wallet.state).total).toBe(0n);
    expect(listTransactions(wallet.state).map(({ direction, status }) => [direction, status])).toEqual([
      ['outgoing', 'confirmed'],
      ['outgoing', 'confirmed'],
      ['incoming', 'confirmed'],
      ['incoming', 'confirmed'],
    ]);
    expect(walletTransaction(wallet.state, onward.txId)).toMatchObject({ amount: onward.amount });
  });

  test('every kind of address can be paid', async () => {
    const wallet = await LiveWallet.of();
    await wallet.fund(200_000n);
    for (const type of ['bech32', 'bech32m', 'p2sh-segwit', 'legacy'] as const)
      await wallet.pay(await chain.newAddress(type), 20_000n);
    await chain.mine();
    await wallet.sync();
    expect(balanceOf(wallet.state)).toMatchObject({ trustedPending: 0n, untrustedPending: 0n });
    expect(balanceOf(wallet.state).confirmed).toBeGreaterThan(115_000n);
  });

  test('at the lowest rate that relays, and with many coins', async () => {
    const wallet = await LiveWallet.of();
    for (let i = 0; i < 12; i++) await chain.send(wallet.address(i % 2 === 0 ? 'p2wpkh' : 'p2tr'), 5_000n);
    await chain.mine();
    await wallet.sync();
    const sent = await wallet.pay(await chain.newAddress(), 'all', feeratePerKw(253));
    expect(sent.tx.inputs.length).toBe(12);
    expect((await mempoolEntry(sent.txId)).weight).toBeLessThanOrEqual(sent.weight);
  });

  test('restore by the words alone, at another device', async () => {
    const words = newWords(systemRandom);
    const wallet = await LiveWallet.of(words);
    await wallet.fund(60_000n);
    for (let i = 0; i < 15; i++) wallet.address('p2tr');
    await wallet.fund(70_000n, 'p2tr');
    await wallet.pay(await chain.newAddress(), 65_000n);
    await chain.mine();
    await wallet.sync();

    const other = await LiveWallet.of(words);
    const { tip } = await other.follower.sync();
    const { facts } = value(await scanAll(other.follower.reader, other.state, tip!.height));
    other.take(applyFacts(other.state, facts, systemClock.now()));
    expect(balanceOf(other.state)).toEqual(balanceOf(wallet.state));
    const rows = (state: WalletState) =>
      listTransactions(state).map(({ txId, amount, fee }) => [txId, amount, fee]);
    expect(rows(other.state)).toEqual(rows(wallet.state));
    await other.pay(await chain.newAddress(), 'all');
  });
});

describe('fees are raised', () => {
  test('a replacement takes the place of the first, and confirms', async () => {
    const wallet = await LiveWallet.of();
    await wallet.fund(60_000n);
    const sent = await wallet.pay(await chain.newAddress(), 20_000n, feeratePerKw(300));
    const limits = { feerate: feeratePerKw(310) };
    const bumped = wallet.take(value(bumpFee(wallet.state, wallet.keys, sent.txId, limits, timestamp(1))));
    expect(await wallet.follower.broadcast(bumped.tx, 'wallet-send')).toMatchObject({ ok: true });
    await expect(mempoolEntry(sent.txId)).rejects.toThrow(/not in mempool/);
    await chain.mine();
    await wallet.sync();
    expect(walletTransaction(wallet.state, sent.txId)?.status).toBe('replaced');
    expect(walletTransaction(wallet.state, bumped.txId)?.status).toBe('confirmed');
    expect(balanceOf(wallet.state).total).toBe(40_000n - bumped.fee);
  });

  test('cancelled: all comes back but the fee', async () => {
    const wallet = await LiveWallet.of();
    await wallet.fund(60_000n);
    const sent = await wallet.pay(await chain.newAddress(), 'all');
    const limits = { feerate: feeratePerKw(2_500) };
    const cancelled = wallet.take(
      value(cancelTx(wallet.state, wallet.keys, sent.txId, limits, timestamp(1))),
    );
    expect(await wallet.follower.broadcast(cancelled.tx, 'wallet-send')).toMatchObject({ ok: true });
    await chain.mine();
    await wallet.sync();
    expect(balanceOf(wallet.state)).toMatchObject({ confirmed: 60_000n - cancelled.fee });
  });

  test('a child pays for the funding of a channel', async () => {
    const wallet = await LiveWallet.of();
    await wallet.fund(100_000n, 'p2tr');
    const script = p2wsh(Uint8Array.of(0x51));
    const request = { script, amount: sat(50_000), feerate: feeratePerKw(253) };
    const funding = wallet.take(value(buildFunding(wallet.state, wallet.keys, request, timestamp(1))));
    wallet.take(value(publishReserved(wallet.state, funding.txId, timestamp(1))));
    expect(await wallet.follower.broadcast(funding.tx, 'funding')).toMatchObject({ ok: true });
    const limits = { feerate: feeratePerKw(5_000) };
    const child = wallet.take(value(bumpFee(wallet.state, wallet.keys, funding.txId, limits, timestamp(1))));
    const sent = await wallet.follower.broadcastPackage([funding.tx, child.tx], 'wallet-send');
    expect(sent).toMatchObject({ ok: true });
    const both = (await mempoolEntry(funding.txId)).weight + (await mempoolEntry(child.txId)).weight;
    const rate = (Number(funding.fee + child.fee) * 1_000) / both;
    expect(rate).toBeGreaterThanOrEqual(5_000);
    expect(rate).toBeLessThan(5_050);
    await chain.mine();
    const out = await chain.rpc.call<{ value: number }>('gettxout', funding.txId, funding.outputIndex);
    expect(out.value).toBe(0.0005);
  });
});

test('a PSBT that Bitcoin Core reads, and signs its part of', async () => {
  const wallet = await LiveWallet.of();
  await wallet.fund(60_000n);
  const request = { address: await chain.newAddress(), amount: sat(20_000), feerate: RATE };
  const created = wallet.take(value(createPsbt(wallet.state, request, timestamp(1))));
  const analysis = await chain.rpc.call<{ fee: number; next: string }>('analyzepsbt', created.psbt);
  expect(BigInt(Math.round(analysis.fee * 1e8))).toBe(created.fee);
  const signed = value(signPsbt(wallet.state, wallet.keys, created.psbt));
  const { hex } = await chain.rpc.call<{ hex: string }>('finalizepsbt', signed.psbt);
  expect(hex).toBe(toHex(serializeTx(signed.tx!)));
  expect(await wallet.follower.broadcast(signed.tx!, 'wallet-send')).toMatchObject({ ok: true });
});

describe('the chain, by servers that fail and lie', () => {
  const script = async (): Promise<readonly [string, Uint8Array]> => {
    const address = await chain.newAddress();
    return [address, value(scriptOfAddress(address, 'regtest'))];
  };

  test('confirmation, spend, reorganisation: each told, each true', async () => {
    const wallet = await LiveWallet.of();
    const address = wallet.address();
    const id = txId(await chain.send(address, 50_000n));
    const ours = value(scriptOfAddress(address, 'regtest'));
    wallet.follower.register({ tag: 'confirmed', txId: id, script: ours, minDepth: 2 });
    expect((await wallet.sync()).events).toEqual([]);
    await chain.mine();
    expect((await wallet.sync()).events).toEqual([]);
    await chain.mine();
    const [confirmed] = (await wallet.sync()).events;
    expect(confirmed).toMatchObject({ tag: 'confirmed', txId: id });
    const tx = confirmed?.tag === 'confirmed' ? confirmed.tx : null;
    const index = tx!.outputs.findIndex((output) => addressOf(output.script, 'regtest') === address);
    wallet.follower.register({ tag: 'spent', outPoint: { txId: id, index }, script: ours });

    const sent = await wallet.pay(await chain.newAddress(), 'all');
    expect((await wallet.sync()).events).toMatchObject([{ tag: 'spent', at: null }]);
    await chain.mine();
    expect((await wallet.sync()).events).toMatchObject([{ tag: 'spent', tipHeight: await chain.height() }]);
    await chain.reorg(1);
    expect((await wallet.sync()).events).toMatchObject([
      { tag: 'reorged', txId: sent.txId },
      { tag: 'spent', at: null },
    ]);
    await chain.mine();
    expect((await wallet.sync()).events).toMatchObject([
      { tag: 'spent', at: { height: await chain.height() } },
    ]);
  });

  test('an absence of fifty blocks is caught up, ten blocks a request', async () => {
    const follower = follow();
    await follower.sync();
    await chain.mine(50);
    const report = await follower.sync();
    expect(report.tip?.hash).toBe(await chain.rpc.call<string>('getbestblockhash'));
    expect(report.requests).toBeLessThan(12);
  });

  test('a lie about a confirmation is not believed', async () => {
    const [address, theirs] = await script();
    const follower = follow();
    await follower.sync();
    const id = txId(await chain.send(address, 50_000n));
    follower.register({ tag: 'confirmed', txId: id, script: theirs, minDepth: 1 });
    for (const server of servers)
      await server.inject({ kind: 'lie', txid: id, height: await chain.height() });
    await chain.mineEmpty();
    expect(await follower.sync()).toMatchObject({
      events: [],
      trouble: { code: 'false-answer', lie: 'proof' },
    });
    for (const server of servers) await server.heal();
    follower.wake();
    await chain.mine();
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed', txId: id }]);
  });

  test.each([
    ['429', { kind: 'status', status: 429 }],
    ['502', { kind: 'status', status: 502 }],
    ['truncated', { kind: 'truncate' }],
    ['dropped', { kind: 'drop' }],
    ['stale', { kind: 'stale' }],
  ] as const)('one server %s: the other answers', async (_, fault) => {
    const [address, theirs] = await script();
    const follower = follow();
    await follower.sync();
    await servers[0]!.inject(fault);
    const id = txId(await chain.fund(address, 50_000n));
    follower.register({ tag: 'confirmed', txId: id, script: theirs, minDepth: 1 });
    const reports = [await follower.sync(), await follower.sync(), await follower.sync()];
    await servers[0]!.heal();
    expect(reports.at(-1)?.tip?.height).toBe(await chain.height());
    expect(reports.flatMap(({ events }) => events)).toMatchObject([{ tag: 'confirmed', txId: id }]);
  });

  test.each([
    ['429', { kind: 'status', status: 429 }, 'rate-limited'],
    ['502', { kind: 'status', status: 502 }, 'broken'],
    ['truncated', { kind: 'truncate' }, 'broken'],
    ['dropped', { kind: 'drop' }, 'unreachable'],
  ] as const)('every server %s: it is said which trouble that is', async (_, fault, code) => {
    const follower = follow();
    for (const server of servers) await server.inject(fault);
    const { trouble } = await follower.sync();
    for (const server of servers) await server.heal();
    follower.wake();
    expect(trouble).toMatchObject({ code });
    expect(await follower.sync()).toMatchObject({ refusal: null, trouble: null });
  });

  test('a fork with less work than ours is not followed, one with more is, and back', async () => {
    const follower = follow();
    await follower.sync();
    await servers[0]!.inject({ kind: 'fork', depth: 2, length: 1 });
    expect((await follower.sync()).tip?.height).toBe(await chain.height());
    await servers[0]!.heal();
    await servers[0]!.inject({ kind: 'fork', depth: 2, length: 4 });
    expect((await follower.sync()).tip?.height).toBe((await chain.height()) + 2);
    await servers[0]!.heal();
    await chain.mine(3);
    const { tip } = await follower.sync();
    expect(tip).toMatchObject({
      height: await chain.height(),
      hash: await chain.rpc.call<string>('getbestblockhash'),
    });
  });

  test('refusals of Bitcoin Core are understood', async () => {
    const wallet = await LiveWallet.of();
    await wallet.fund(60_000n);
    const before = wallet.state;
    const sent = await wallet.pay(await chain.newAddress(), 20_000n);
    expect(await wallet.follower.broadcast(sent.tx, 'wallet-send')).toMatchObject({ ok: true });
    wallet.state = before;
    const request = { address: await chain.newAddress(), amount: sat(20_000), feerate: feeratePerKw(1_260) };
    const rival = value(send(before, wallet.keys, request, timestamp(1)));
    expect(await wallet.follower.broadcast(rival.tx, 'wallet-send')).toMatchObject({
      ok: false,
      error: { code: 'broadcast-refused', reason: 'fee-too-low' },
    });
    await chain.mine();
    expect(await wallet.follower.broadcast(sent.tx, 'wallet-send')).toMatchObject({
      ok: true,
      value: { known: true, txId: txIdOf(sent.tx) },
    });
    expect(await wallet.follower.broadcast(rival.tx, 'wallet-send')).toMatchObject({
      error: { code: 'broadcast-refused', reason: 'inputs-missing' },
    });
  });
});
