import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { sat, timestamp, type BlockHeight } from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { ChainFollower } from '../chain/chain-follower.ts';
import { Secret } from '../crypto/secret.ts';
import { FakeChain, paying, spending } from '../testkit/fake-chain.ts';
import { FakeEsplora, httpOver } from '../testkit/fake-esplora.ts';
import { value } from '../testkit/wallet-world.ts';
import { balanceOf } from './balance.ts';
import { KeyTree } from './key-tree.ts';
import { createWallet } from './open-wallet.ts';
import { deriveScript } from './own-script.ts';
import { scanAll, scanNews, type ScanSource } from './scan.ts';
import { applyFacts } from './wallet-facts.ts';
import type { WalletState } from './wallet-state.ts';

const NOW = timestamp(1_750_000_100);
const KEYS = new KeyTree(new Secret(fromHex('00'.repeat(32))), 'regtest');
const empty = (): WalletState => createWallet(KEYS, 'regtest').state;
const scriptAt = (index: number): Uint8Array =>
  deriveScript(empty().accounts.xpubs.p2wpkh, { kind: 'p2wpkh', branch: 'receive', index }).script;

async function stage(count: number, fill: (chain: FakeChain) => void) {
  const chain = new FakeChain(110);
  fill(chain);
  const servers = Array.from({ length: count }, (_, i) => new FakeEsplora(`https://e${i}.test`, chain));
  const follower = new ChainFollower({
    network: 'regtest',
    servers: servers.map(({ url }) => url),
    http: httpOver(...servers),
    clock: { now: () => NOW },
    random: (length) => new Uint8Array(length),
  });
  const { tip } = await follower.sync();
  if (tip === null) throw new Error('no tip');
  const { reader } = follower;
  // As for a wallet's history.
  const source: ScanSource = {
    scriptCounts: (script, thorough) => reader.scriptCounts(script, thorough),
    scriptHistory: (...asked) => reader.scriptHistory(...asked),
    transaction: (id) => reader.transaction(id),
    placement: (tx) => reader.toldPlacement(tx),
    isKnownToAny: (id) => reader.isKnownToAny(id),
    isInBestChain: (at) => reader.isInBestChain(at),
    distrust: (server) => {
      reader.distrust(server);
    },
    denies: (...asked) => reader.denies(...asked),
  };
  const restore = async (state = empty()) => {
    const { facts, isWhole } = value(await scanAll(source, state, tip.height));
    return { isWhole, state: applyFacts(state, facts, NOW).state };
  };
  return { chain, servers, esplora: servers[0]!, follower, source, restore };
}

const UNKNOWN = { status: 404, body: 'not found' };
const NOTHING = '{"chain_stats":{"tx_count":0},"mempool_stats":{"tx_count":0}}';
const json = (body: string) => ({ status: 200, body });
/** An index that never heard of a transaction, nor of any script. */
const lacks = (path: string) =>
  /^\/scripthash\/[0-9a-f]+$/.test(path)
    ? json(NOTHING)
    : path.startsWith('/scripthash/')
      ? json('[]')
      : /^\/tx\/.*\/(raw|outspends|merkle-proof)$/.test(path)
        ? UNKNOWN
        : null;

const inBlocks = (chain: FakeChain, txs: readonly Tx[], perBlock: number): void => {
  for (let i = 0; i < txs.length; i += perBlock) {
    chain.add(...txs.slice(i, i + perBlock));
    chain.mine();
  }
};
const payments = (count: number, index = 0): readonly Tx[] =>
  Array.from({ length: count }, () => paying([scriptAt(index), sat(1_000)]));

describe('all that words received', () => {
  it.each([0, 1])('is found where the index of one of two servers (%i) lacks it', async (lacking) => {
    const { servers, follower, restore } = await stage(2, (chain) => inBlocks(chain, payments(3), 1));
    servers[lacking]!.fault = lacks;
    const { state, isWhole } = await restore();
    expect(isWhole).toBe(true);
    expect(balanceOf(state).total).toBe(3_000n);
    expect(follower.tip()?.height).toBe(112);
  });

  it.each([0, 1])('is found where one of two (%i) counts what it does not list', async (liar) => {
    const { servers, restore } = await stage(2, (chain) => inBlocks(chain, payments(3), 1));
    servers[liar]!.fault = (path) =>
      /^\/scripthash\/[0-9a-f]+$/.test(path)
        ? json(NOTHING.replace('0', '9'))
        : path.startsWith('/scripthash/')
          ? json('[]')
          : null;
    const { state } = await restore();
    expect(balanceOf(state).total).toBe(3_000n);
  });

  it('is listed whole where one address has more than a thousand transactions, oldest first', async () => {
    const { esplora, source } = await stage(1, () => undefined);
    const newestFirst = Array.from({ length: 1_010 }, (_, i) => (i + 1).toString(16).padStart(64, '0'));
    esplora.fault = (path) => {
      if (!path.includes('/txs')) return json(NOTHING.replace('0', '1010'));
      const start = newestFirst.indexOf(path.split('/txs/chain/')[1] ?? '') + 1;
      const page = newestFirst.slice(start, start + 25);
      return json(JSON.stringify(page.map((txid) => ({ txid, status: { confirmed: true } }))));
    };
    const counts = value(await source.scriptCounts(scriptAt(0), true));
    const { items } = value(await source.scriptHistory(scriptAt(0), counts));
    expect(items.map(({ txId }) => txId)).toEqual(newestFirst.toReversed());
  });

  it('lists of a server that goes round in circles end', async () => {
    const { chain, esplora, restore } = await stage(1, (chain) => inBlocks(chain, payments(60), 20));
    const items = chain.blocks
      .flatMap(({ txs }) => txs.slice(1))
      .slice(0, 25)
      .map((tx) => ({ txid: txIdOf(tx), status: { confirmed: true } }));
    esplora.fault = (path) => (path.includes('/txs') ? json(JSON.stringify(items)) : null);
    esplora.log.length = 0;
    await restore();
    expect(esplora.log.filter((line) => line.includes('/txs')).length).toBeLessThan(5);
  });

  it('goes on where a server failed in the middle: nothing that was learnt is asked for again', async () => {
    const [first, ...more] = payments(30);
    const sweep = spending(
      [{ txId: txIdOf(first!), index: 0 }],
      [{ script: Uint8Array.of(0x51), amount: sat(900) }],
    );
    const { esplora, follower, restore } = await stage(1, (chain) =>
      inBlocks(chain, [first!, sweep, ...more], 4),
    );
    const isRaw = (line: string): boolean => line.endsWith('/raw');
    esplora.log.length = 0;
    esplora.fault = (path) =>
      isRaw(path) && esplora.log.filter(isRaw).length > 20 ? { status: 503, body: '' } : null;
    const part = await restore();
    expect(part.isWhole).toBe(false);
    // The oldest come first, with what spends them.
    expect(balanceOf(part.state).total).toBe(18_000n);

    esplora.fault = () => null;
    esplora.log.length = 0;
    follower.wake();
    const whole = await restore(part.state);
    expect(whole.isWhole).toBe(true);
    expect(balanceOf(whole.state).total).toBe(29_000n);
    expect(esplora.log.filter(isRaw).length).toBeLessThanOrEqual(31 - 20);
  });
});

describe('what is new', () => {
  const news = (source: ScanSource, state: WalletState, turn: number, height: BlockHeight) =>
    scanNews(source, state, { tipHeight: height, newBlock: false, turn, now: NOW });

  it('is seen within two looks where the index of one of two servers lacks it', async () => {
    const { chain, servers, follower, source, restore } = await stage(2, () => undefined);
    let { state } = await restore();
    servers[0]!.fault = lacks;
    state = applyFacts(
      state,
      {
        tipHeight: follower.tip()!.height,
        used: [{ kind: 'p2wpkh', branch: 'receive', index: 0 }],
        seen: [],
        gone: [],
      },
      NOW,
    ).state;
    chain.add(...payments(1));
    chain.mine();
    for (let turn = 0; turn < 2; turn++) {
      const { tip } = await follower.sync();
      const { facts } = value(await news(source, state, turn, tip!.height));
      state = applyFacts(state, facts, NOW).state;
    }
    expect(balanceOf(state).total).toBe(1_000n);
  });

  it('costs one page of an address of which a server counts more than there is', async () => {
    const { esplora, follower, source, restore } = await stage(1, (chain) =>
      inBlocks(chain, payments(60), 20),
    );
    const { state } = await restore();
    esplora.fault = (path, truth) =>
      /^\/scripthash\/[0-9a-f]+$/.test(path)
        ? json(String(truth().body).replace('"tx_count":60', '"tx_count":5000'))
        : null;
    esplora.log.length = 0;
    value(await news(source, state, 0, follower.tip()!.height));
    expect(esplora.log.filter((line) => line.includes('/txs'))).toHaveLength(1);
  });
});
