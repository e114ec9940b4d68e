import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { ok } from '../base/result.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { blockHeight, sat, timestamp } from '../base/units.ts';
import { parseHeader } from '../bitcoin/header.ts';
import { serializeTx, txIdOf } from '../bitcoin/tx.ts';
import { ChainFollower } from '../chain/chain-follower.ts';
import { ChainReader } from '../chain/chain-reader.ts';
import { ServerPool } from '../chain/esplora/server-pool.ts';
import { HeaderChain } from '../chain/headers/header-chain.ts';
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

const START = 1_750_000_100;
const KEYS = new KeyTree(new Secret(fromHex('00'.repeat(32))), 'regtest');
const empty = (): WalletState => createWallet(KEYS, 'regtest').state;
const scriptAt = (index: number): Uint8Array =>
  deriveScript(empty().accounts.xpubs.p2wpkh, { kind: 'p2wpkh', branch: 'receive', index }).script;
const FOREIGN = Uint8Array.of(0, 0x14, ...new Uint8Array(20).fill(7));

const json = (body: string) => ({ status: 200, body });
const BUSY = { status: 429, body: 'slow down' };
const isCount = (path: string): boolean => /^\/scripthash\/[0-9a-f]+$/.test(path);
const counted = (count: number) =>
  json(`{"chain_stats":{"tx_count":${count}},"mempool_stats":{"tx_count":0}}`);
const listed = (ids: readonly string[]) =>
  json(JSON.stringify(ids.map((txid) => ({ txid, status: { confirmed: true } }))));
let made = 0;
const madeUp = (count: number): readonly string[] =>
  Array.from({ length: count }, () => (++made).toString(16).padStart(64, '0'));
/** Counts more than there is of each script, and lists pages of these. */
const lists =
  (ids: () => readonly string[], count = 1_000) =>
  (path: string) =>
    isCount(path) ? counted(count) : path.startsWith('/scripthash/') ? listed(ids()) : null;

async function stage(fill: (chain: FakeChain) => void = () => undefined) {
  let now = START;
  const chain = new FakeChain(110);
  fill(chain);
  const servers = [0, 1].map((i) => new FakeEsplora(`https://e${i}.test`, chain));
  const [honest, liar] = servers as [FakeEsplora, FakeEsplora];
  const follower = new ChainFollower({
    network: 'regtest',
    servers: servers.map(({ url }) => url),
    http: httpOver(...servers),
    clock: { now: () => timestamp(now) },
    random: (length) => new Uint8Array(length).fill(128),
  });
  const tip = (await follower.sync()).tip!;
  const { reader } = follower;
  // As for a wallet's history.
  const source: ScanSource = {
    scriptCounts: (...asked) => reader.scriptCounts(...asked),
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
  const wait = (seconds: number): void => {
    now += seconds;
  };
  const restore = async (state = empty()) => {
    const scan = value(await scanAll(source, state, tip.height));
    return { ...scan, state: applyFacts(state, scan.facts, timestamp(now)).state };
  };
  const news = (state: WalletState, turn: number, isOver?: () => boolean) =>
    scanNews(source, state, {
      tipHeight: follower.tip()!.height,
      newBlock: false,
      turn,
      now: timestamp(now),
      ...(isOver === undefined ? {} : { isOver }),
    });
  return { chain, honest, liar, follower, source, wait, restore, news, now: () => now };
}

/** One address is in use. */
const used = (state = empty()): WalletState =>
  applyFacts(
    state,
    {
      tipHeight: blockHeight(109),
      used: [{ kind: 'p2wpkh', branch: 'receive', index: 0 }],
      seen: [],
      gone: [],
    },
    timestamp(START),
  ).state;
const raws = ({ log }: FakeEsplora): number => log.filter((line) => line.endsWith('/raw')).length;

describe('lists of what is not there', () => {
  it.each([
    ['has', 1_000, null],
    ['has', 300, null],
    ['has, and gives rubbish for when it is asked again', 300, { status: 200, body: 'xx' }],
  ])(
    'of what nobody %s hide no spend, where the other server takes %i requests a minute',
    async (_, most, again) => {
      const fund = paying([FOREIGN, sat(100_000)]);
      const { chain, honest, liar, follower, wait, news, now } = await stage((chain) => {
        chain.add(fund);
        chain.mine();
      });
      follower.register({ tag: 'spent', outPoint: { txId: txIdOf(fund), index: 0 }, script: FOREIGN });
      const flood = lists(() => madeUp(25));
      const asked = new Set<string>();
      const isMadeUp = (path: string): boolean =>
        path.endsWith('/raw') && !chain.blocks.some(({ txs }) => txs.some((tx) => path.includes(txIdOf(tx))));
      liar.fault = (path) => {
        if (path.endsWith('/outspends')) return json('[{"spent":false}]');
        if (!isMadeUp(path) || again === null) return flood(path);
        const isAgain = asked.has(path);
        asked.add(path);
        return isAgain ? again : null;
      };
      let taken: number[] = [];
      honest.fault = () => {
        taken = taken.filter((at) => at > now() - 60);
        if (taken.length >= most) return BUSY;
        taken.push(now());
        return null;
      };
      const state = used();
      const told: boolean[] = [];
      for (let turn = 0; turn < 10; turn++) {
        if (turn === 8) {
          chain.add(
            spending(
              [{ txId: txIdOf(fund), index: 0 }],
              [{ script: Uint8Array.of(0x51), amount: sat(90_000) }],
            ),
          );
          chain.mine();
        }
        const { events } = await follower.sync();
        told.push(events.some(({ tag }) => tag === 'spent'));
        await news(state, turn);
        wait(20);
      }
      expect(told).toContain(true);
      expect(honest.log.length).toBeLessThan(again === null ? 150 : 400);
    },
  );

  it.each([
    ['is not there', () => madeUp(1)],
    ['is there, and pays somebody else', null],
  ])('do not make a restore endless: what %s uses no address', async (_, ids) => {
    const { chain, honest, liar, restore } = await stage((chain) => {
      chain.add(paying([scriptAt(3), sat(1_000)]));
      chain.mine();
    });
    const others = chain.blocks.slice(1, 100).map(({ txs }) => txIdOf(txs[0]!));
    let next = 0;
    liar.fault = lists(ids ?? (() => [others[next++ % others.length]!]), 1);
    const { state, isEnded } = await restore();
    expect(isEnded).toBe(true);
    expect(balanceOf(state).total).toBe(1_000n);
    expect(state.accounts.next.p2wpkh.receive).toBe(4);
    expect(raws(honest)).toBeLessThan(30);
  });

  it('of what is there, and has nothing to do with an address, are followed no further either', async () => {
    const { chain, honest, liar, follower, news } = await stage((chain) => chain.mine(500));
    const others = chain.blocks.slice(1, 500).map(({ txs }) => txIdOf(txs[0]!));
    let next = 0;
    liar.fault = lists(() => others.slice(next, (next += 25)), 10_000);
    for (let turn = 0; turn < 2; turn++) {
      await follower.sync();
      await news(used(), turn);
    }
    expect(honest.log.length).toBeLessThan(60);
  });

  it('end with the time that a look has, however slowly they come', async () => {
    const { liar, honest, follower, news, wait, now } = await stage();
    honest.fault = (path) => (isCount(path) ? BUSY : null);
    const flood = lists(() => madeUp(25));
    liar.fault = (path) => {
      wait(14);
      return flood(path);
    };
    await follower.sync();
    const began = now();
    const scan = await news(used(), 0, () => now() - began > 60);
    expect(scan).toEqual({ ok: false, error: { code: 'chain-unreachable' } });
    // What is under way when it is over ends.
    expect(now() - began).toBeLessThan(200);
  });
});

describe('a search for all is not whole', () => {
  const two = (chain: FakeChain): void => {
    for (const index of [5, 10]) {
      chain.add(paying([scriptAt(index), sat(1_000)]));
      chain.mine();
    }
  };

  it('while one of two servers does not answer, and the other may lack what it had told', async () => {
    const { honest, liar, wait, restore } = await stage(two);
    let asked = 0;
    honest.fault = (path) => (path.startsWith('/scripthash/') && ++asked === 3 ? BUSY : null);
    liar.fault = (path) => (isCount(path) ? counted(0) : null);
    const part = await restore();
    expect(part).toMatchObject({ isEnded: true, isWhole: false });
    wait(60);
    const whole = await restore(part.state);
    expect(whole).toMatchObject({ isEnded: true, isWhole: true });
    expect(balanceOf(whole.state).total).toBe(2_000n);
  });

  it('where the one that lists a transaction does not give it just then', async () => {
    const { honest, liar, wait, restore } = await stage(two);
    honest.fault = (path) => (path.endsWith('/raw') ? BUSY : null);
    liar.fault = (path) =>
      isCount(path) ? counted(0) : path.endsWith('/raw') ? { status: 404, body: '' } : null;
    const part = await restore();
    expect(part.isWhole).toBe(false);
    honest.fault = () => null;
    wait(60);
    const whole = await restore(part.state);
    expect(whole.isWhole).toBe(true);
    expect(balanceOf(whole.state).total).toBe(2_000n);
  });

  it.each([1, 2])('where the block of a coin could not be asked for of %i', async (busy) => {
    const { honest, liar, wait, restore, source } = await stage((chain) => {
      two(chain);
      chain.mine(400);
    });
    for (const server of [honest, liar].slice(0, busy))
      server.fault = (path) => (path.startsWith('/block-height/') ? BUSY : null);
    const part = await scanAll(source, empty(), blockHeight(511));
    // Where the other tells, the coin has its block.
    if (busy === 2) expect(part).toEqual({ ok: false, error: { code: 'chain-unreachable' } });
    else
      expect(part).toMatchObject({
        value: { isWhole: false, facts: { seen: [{ at: { height: 110 } }, {}] } },
      });
    honest.fault = liar.fault = () => null;
    wait(60);
    const whole = await restore();
    expect(whole.isWhole).toBe(true);
    expect(balanceOf(whole.state).confirmed).toBe(2_000n);
  });
});

describe('a coin of mainnet from before the wallet, of which its block is not known yet', () => {
  const keys = new KeyTree(new Secret(fromHex('00'.repeat(32))), 'mainnet');
  const bytes = fromHex(
    '010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000' +
      '982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299',
  );
  const header = parseHeader(bytes)!;
  const world = (height: number) => {
    const { state } = createWallet(keys, 'mainnet');
    const origin = { kind: 'p2wpkh', branch: 'receive', index: 0 } as const;
    const tx = paying([deriveScript(state.accounts.xpubs.p2wpkh, origin).script, sat(1_000)]);
    const id = txIdOf(tx);
    const urls = ['https://a.test', 'https://b.test'];
    const pool = new ServerPool({
      servers: urls,
      http: async ({ url }) => {
        const path = url.slice(urls[0]!.length);
        const body = path.endsWith('/merkle-proof')
          ? encodeUtf8(`{"block_height":${height},"merkle":[],"pos":0}`)
          : path.endsWith('/raw')
            ? serializeTx(tx)
            : path.endsWith('/txs')
              ? encodeUtf8(JSON.stringify([{ txid: id, status: { confirmed: true } }]))
              : isCount(path)
                ? encodeUtf8(counted(1).body)
                : null;
        return ok({ status: body === null ? 404 : 200, body: body ?? new Uint8Array() });
      },
      clock: { now: () => timestamp(START) },
      random: (length) => new Uint8Array(length),
    });
    const reader = new ChainReader(pool, 'mainnet', () => new HeaderChain(950_000, [header]));
    const facts = { tipHeight: blockHeight(950_000), used: [origin], seen: [{ tx, at: null }], gone: [] };
    return { urls, pool, reader, state: applyFacts(state, facts, timestamp(START)).state };
  };

  it.each(['placement', 'ownPlacement'] as const)('strikes no server: %s', async (placement) => {
    const { urls, pool, reader, state } = world(700_000);
    const source: ScanSource = {
      scriptCounts: (...asked) => reader.scriptCounts(...asked),
      scriptHistory: (...asked) => reader.scriptHistory(...asked),
      transaction: (id) => reader.transaction(id),
      placement: (tx) => reader[placement](tx),
      isKnownToAny: (id) => reader.isKnownToAny(id),
      isInBestChain: (at) => reader.isInBestChain(at),
      distrust: (server) => {
        reader.distrust(server);
      },
      denies: (...asked) => reader.denies(...asked),
    };
    const height = blockHeight(950_000);
    const looked = await scanNews(source, state, {
      tipHeight: height,
      newBlock: true,
      turn: 0,
      now: timestamp(START),
    });

    expect(looked.ok).toBe(true);
    expect(pool.usable()).toEqual(urls);
  });
});
