import { describe, expect, it } from 'vitest';
import type { Http } from '../base/ports.ts';
import { err, ok } from '../base/result.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { NETWORKS, type Network } from '../base/network.ts';
import { blockHeight, sat, timestamp } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import { parseHeader } from '../bitcoin/header.ts';
import { parseTxHex } from '../bitcoin/tx-parse.ts';
import { serializeTx, txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { Watch } from '../bitcoin/watch.ts';
import { sha256 } from '../crypto/hash.ts';
import { FakeChain, paying, spending } from '../testkit/fake-chain.ts';
import { FakeEsplora, httpOver } from '../testkit/fake-esplora.ts';
import { ChainFollower } from './chain-follower.ts';
import { ChainReader } from './chain-reader.ts';
import { ServerPool } from './esplora/server-pool.ts';
import { HeaderChain } from './headers/header-chain.ts';
import { headerBytes } from './headers/header-bytes.ts';

const SCRIPT = Uint8Array.of(0x00, 0x14, ...new Uint8Array(20).fill(7));

const START = 1_700_000_000;

function world(options: { length?: number; servers?: number; network?: Network } = {}) {
  const chain = new FakeChain(options.length ?? 20);
  const network = options.network ?? 'regtest';
  const servers = Array.from(
    { length: options.servers ?? 1 },
    (_, i) => new FakeEsplora(`https://e${i}.test/api`, chain),
  );
  for (const server of servers) server.genesis = NETWORKS[network].genesisHash;
  let now = START;
  const follow = (stored: Iterable<readonly [string, Uint8Array]> = []): ChainFollower =>
    new ChainFollower({
      network,
      servers: servers.map(({ url }) => url),
      http: httpOver(...servers),
      clock: { now: () => timestamp(now) },
      random: (length) => new Uint8Array(length).fill(128),
      stored,
    });
  const wait = (seconds: number): void => {
    now += seconds;
  };
  return { chain, servers, esplora: servers[0]!, follow, follower: follow(), wait };
}

const funding = (): Tx => paying([SCRIPT, sat(100_000)]);
const depth = (tx: Tx, minDepth: number): Watch => ({
  tag: 'confirmed',
  txId: txIdOf(tx),
  script: SCRIPT,
  minDepth,
});
const spend = (tx: Tx, index = 0): Extract<Watch, { tag: 'spent' }> => ({
  tag: 'spent',
  outPoint: { txId: txIdOf(tx), index },
  script: SCRIPT,
});
const spender = (tx: Tx, amount = 90_000n): Tx =>
  spending([{ txId: txIdOf(tx), index: 0 }], [{ script: SCRIPT, amount: sat(amount) }]);

function store(writes: readonly Write[], into = new Map<string, Uint8Array>()): Map<string, Uint8Array> {
  for (const write of writes)
    if (write.op === 'put') into.set(write.key, write.value);
    else into.delete(write.key);
  return into;
}

describe('tip', () => {
  it('is followed, and kept over a restart', async () => {
    const { chain, esplora, follow, follower } = world();
    const first = await follower.sync();
    expect(first).toMatchObject({ tip: { height: 19, hash: chain.tip.header.hash }, refusal: null });
    chain.mine(3);
    const second = await follower.sync();
    expect(second.tip?.height).toBe(22);

    const disk = store(second.commit, store(first.commit));
    const again = follow(disk);
    expect(again.tip()).toEqual(second.tip);
    chain.mine();
    esplora.log.length = 0;
    expect((await again.sync()).tip?.height).toBe(23);
    expect(esplora.log).toEqual([
      'GET /blocks/tip/hash',
      `GET /block/${chain.tip.header.hash}/header`,
      'GET /fee-estimates',
    ]);
  });

  it('a clock that is set back leaves the estimates no older', async () => {
    const { esplora, follower, wait } = world();
    wait(900 * 86_400);
    esplora.estimates = { 2: 5 };
    await follower.sync();
    esplora.estimates = { 2: 50 };
    wait(-900 * 86_400);
    await follower.sync();
    expect(follower.feerates().urgent).toBe(12_500);
  });

  it.each([
    ['soon', { 2: 101, 6: 20, 144: 20, 1008: 20 }, 'fees-disputed'],
    ['less than ten times, and more than five', { 2: 120 }, 'fees-disputed'],
    ['1008 blocks, below', { 2: 20, 1008: 1 }, 'fees-disputed'],
    ['144 blocks, above', { 2: 20, 144: 1e9 }, undefined],
    ['1008 blocks, above', { 2: 20, 1008: 1e9 }, undefined],
    ['five times', { 2: 100 }, undefined],
  ])(
    'two that are far apart (%s) are told of wherever rates of the dearer are used',
    async (_, other, told) => {
      const { servers, follower } = world({ servers: 2 });
      servers[0]!.estimates = { 2: 20 };
      servers[1]!.estimates = other;
      const { trouble, feerates } = await follower.sync();
      expect([trouble?.code, feerates.dearer !== undefined]).toEqual([told, told !== undefined]);
    },
  );

  it('a server that does not answer, or says nothing, leaves the word about fees to no other alone', async () => {
    const { servers, follower, follow, wait } = world({ servers: 2 });
    const [honest, liar] = servers;
    honest!.estimates = { 2: 10 };
    liar!.estimates = { 2: 1e9 };
    const first = await follower.sync();
    expect(first.trouble).toEqual({ code: 'fees-disputed' });
    expect(follower.feerates().urgent).toBe(7_500);
    honest!.estimates = {};
    wait(125);
    await follower.sync();
    expect(follower.feerates().urgent).toBe(7_500);
    honest!.fault = () => ({ status: 429, body: new Uint8Array() });
    wait(125);
    await follower.sync();
    expect(follower.feerates().urgent).toBe(7_500);
    // After a start it has said nothing yet: what was known before stands in for it.
    const again = follow(store(first.commit));
    const alone = await again.sync();
    expect(again.feerates()).toMatchObject({ urgent: 22_500, dearer: { urgent: 100_000 } });
    expect(alone.trouble).toEqual({ code: 'fees-alone', server: liar!.url, held: true });
    // Kept, these rates would stand in at the next start, three times as high each time.
    expect((await follow(store(alone.commit, store(first.commit))).sync()).feerates.urgent).toBe(22_500);
    // What it said an hour ago tells of no mempool of now.
    wait(3_601);
    for (const one of [follower, again]) {
      expect((await one.sync()).trouble).toEqual({ code: 'fees-alone', server: liar!.url, held: false });
      expect(one.feerates().urgent).toBe(250_000);
    }
  });

  it('for hours no server says what fees are: told, and said by one of them again they are its own', async () => {
    const { servers, follower, wait } = world({ servers: 2 });
    servers[0]!.estimates = { 2: 10 };
    servers[1]!.estimates = { 2: 1e9 };
    expect((await follower.sync()).trouble).toEqual({ code: 'fees-disputed' });
    const since = START;
    for (const silence of ['nothing', 'no answer'] as const) {
      for (const server of servers) {
        server.estimates = {};
        server.fault = (path) =>
          silence === 'no answer' && path === '/fee-estimates' ? { status: 404, body: '' } : null;
      }
      wait(3_600);
      follower.wake();
      const { trouble, feerates } = await follower.sync();
      // As they were, not as the last of both would have them.
      expect([trouble?.code, feerates.urgent]).toEqual(['fees-disputed', 7_500]);
    }
    wait(3_600);
    follower.wake();
    expect((await follower.sync()).trouble).toEqual({ code: 'fees-unknown', since });
    for (const server of servers) {
      server.fault = () => null;
      server.estimates = { 2: 20 };
    }
    wait(125);
    follower.wake();
    const { trouble, feerates } = await follower.sync();
    expect([trouble, feerates.urgent]).toEqual([null, 5_000]);
  });

  it('of two servers one alone says what fees are: told when the other has been silent for an hour', async () => {
    const { servers, follower, wait } = world({ servers: 2 });
    for (const server of servers) server.estimates = { 2: 10 };
    await follower.sync();
    servers[0]!.estimates = {};
    wait(3_500);
    expect((await follower.sync()).trouble).toBe(null);
    wait(200);
    expect((await follower.sync()).trouble).toEqual({
      code: 'fees-alone',
      server: servers[1]!.url,
      held: false,
    });
    servers[0]!.estimates = { 2: 10 };
    wait(200);
    expect((await follower.sync()).trouble).toBe(null);
  });

  it.each([
    ['hours', 'near', 20 * 3_600, false],
    ['hours', 'far from it', 20 * 3_600, true],
    ['months', 'near', 90 * 86_400, true],
    ['months', 'far from it', 90 * 86_400, true],
    ['tomorrow (the clock was set back)', 'far from it', -86_400, true],
  ] as const)(
    'rates from before (%s) stand in for a second server, so that one (%s) has not the word alone: told where they are old or far from it',
    async (...[, where, age, told]) => {
      const { servers, follower, follow, wait } = world({ servers: 2 });
      for (const server of servers) server.estimates = { 2: 1 };
      const first = await follower.sync();
      servers[0]!.estimates = {};
      servers[1]!.estimates = { 2: where === 'near' ? 2 : 50 };
      wait(age);
      const { feerates, trouble } = await follow(store(first.commit)).sync();
      expect(feerates.urgent).toBe(where === 'near' ? 377 : 759);
      expect(trouble).toEqual(told ? { code: 'fees-alone', server: servers[1]!.url, held: true } : null);
    },
  );

  describe('where the second server is dead for good, and no session lasts an hour', () => {
    /** What each of ten sessions of one look goes by, `gap` seconds after the one before. */
    async function sessions(gap: number, onEach = (_: FakeEsplora, n: number) => void n): Promise<number[]> {
      const { servers, follower, follow, wait } = world({ servers: 2 });
      for (const server of servers) server.estimates = { 2: 1 };
      const disk = store((await follower.sync()).commit);
      servers[0]!.estimates = {};
      servers[1]!.estimates = { 2: 50 };
      const rates: number[] = [];
      for (let n = 0; n < 10; n++) {
        wait(gap);
        onEach(servers[0]!, n);
        const { feerates, commit } = await follow(disk).sync();
        store(commit, disk);
        rates.push(feerates.urgent);
      }
      return rates;
    }
    const times = (count: number, rate: number): number[] => Array.from({ length: count }, () => rate);
    const held = (count: number): number[] => times(count, 759);

    it('rates of before give way, and are renewed', async () => {
      expect(await sessions(86_400)).toEqual([...held(7), ...times(3, 12_500)]);
    });

    it('but not for starts that come one upon another, nor for what a clock that is set back says', async () => {
      expect(await sessions(5)).toEqual(held(10));
      expect(await sessions(-86_400)).toEqual(held(10));
    });

    it('and hold anew once the other has spoken', async () => {
      const rates = await sessions(86_400, (silent, n) => {
        silent.estimates = n === 5 ? { 2: 1 } : {};
      });
      // Three times what both came to then, and no more.
      expect(rates).toEqual([...held(6), ...times(4, 2_277)]);
    });
  });

  it('from genesis on', async () => {
    const { chain, follower } = world({ length: 1 });
    expect((await follower.sync()).tip?.height).toBe(0);
    chain.mine();
    expect((await follower.sync()).tip?.height).toBe(1);
  });

  it('a long absence is caught up ten blocks a request, a very long one begins anew', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    chain.mine(100);
    esplora.log.length = 0;
    expect((await follower.sync()).tip?.height).toBe(119);
    expect(esplora.log.length).toBeLessThan(16);
    chain.mine(400);
    esplora.log.length = 0;
    expect((await follower.sync()).tip?.height).toBe(519);
    expect(esplora.log.length).toBeLessThan(9);
  });

  it('without the route for many blocks, one at a time', async () => {
    const { chain, esplora, follower } = world();
    esplora.fault = (path) => (/^\/blocks\/\d/.test(path) ? { status: 404, body: '' } : null);
    await follower.sync();
    chain.mine(12);
    expect((await follower.sync()).tip?.height).toBe(31);
  });

  it('a server that lags does not pull us back', async () => {
    const { chain, servers, follower } = world({ servers: 2 });
    await follower.sync();
    servers[1]!.chain = chain.fork();
    chain.mine(2);
    expect((await follower.sync()).tip?.height).toBe(21);
    servers[0]!.chain = servers[1]!.chain;
    expect(await follower.sync()).toMatchObject({ tip: { height: 21 }, refusal: null, commit: [] });
  });

  it('a server that lags more than all that is held does not either', async () => {
    const chain = new FakeChain(60);
    const { servers, follower } = world({ servers: 2 });
    servers[0]!.chain = chain;
    servers[1]!.chain = chain.fork();
    servers[1]!.chain.blocks.length = 20;
    expect((await follower.sync()).tip?.height).toBe(59);
    chain.mine();
    expect(await follower.sync()).toMatchObject({ tip: { height: 60 }, refusal: null });
    servers[0]!.fault = () => ({ code: 'unreachable', detail: '' });
    expect(await follower.sync()).toMatchObject({ tip: { height: 60 }, refusal: null });
  });

  it('more work wins, equal work does not', async () => {
    const { chain, servers, follower } = world({ servers: 2 });
    const other = chain.fork();
    servers[1]!.chain = other;
    await follower.sync();
    chain.mine(1);
    await follower.sync();
    other.mine(1, 1_800_000_000);
    expect((await follower.sync()).tip?.hash).toBe(chain.tip.header.hash);
    other.mine(1);
    expect((await follower.sync()).tip?.hash).toBe(other.tip.header.hash);
  });

  it('equal work is followed when no server knows our block any more', async () => {
    const { chain, follower } = world();
    await follower.sync();
    chain.reorganise(2, 2);
    expect((await follower.sync()).tip?.hash).toBe(chain.tip.header.hash);
  });

  it('a header that is not the block named counts against its server, and another is asked', async () => {
    const { chain, servers, follower } = world({ servers: 2 });
    await follower.sync();
    chain.mine();
    servers[0]!.fault = (path, truth) =>
      path.endsWith('/header') ? { status: 200, body: `ff${String(truth().body).slice(2)}` } : null;
    expect((await follower.sync()).tip?.height).toBe(20);
    servers[0]!.log.length = 0;
    await follower.sync();
    expect(servers[0]!.log).toEqual([]);
  });

  it('a block without proof of work is none', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    const cheap = { ...chain.tip.header, previous: chain.tip.header.hash, bits: 0x1d00_ffff };
    const bytes = headerBytes(cheap);
    const hash = parseHeader(bytes)!.hash;
    esplora.fault = (path) =>
      path === '/blocks/tip/hash'
        ? { status: 200, body: hash }
        : path === `/block/${hash}/header`
          ? { status: 200, body: toHex(bytes) }
          : null;
    expect((await follower.sync()).tip?.height).toBe(19);
  });

  it('mainnet takes no header that cost less than its difficulty', async () => {
    const { esplora, follower } = world({ network: 'mainnet' });
    expect(await follower.sync()).toMatchObject({ tip: null, refusal: { code: 'chain-unreachable' } });
    expect(esplora.log.length).toBeLessThan(6);
  });

  it('two servers that show different chains at the start: disputed', async () => {
    const { servers, follower } = world({ servers: 2 });
    servers[1]!.chain = new FakeChain(25);
    expect(await follower.sync()).toMatchObject({ tip: null, refusal: { code: 'chain-disputed' } });
  });

  /** Every block `lie` higher than it is, and the same story under every question. */
  function countHigher(server: FakeEsplora, lie: number): void {
    const honest = new FakeEsplora(server.url, server.chain);
    server.fault = (path) => {
      if (!/^\/blocks?[/-]/.test(path) || path.endsWith('/hash') || path.endsWith('/header')) return null;
      const asked = path.replace(
        /^(\/blocks|\/block-height)\/(\d+)$/,
        (_, route: string, at: string) => `${route}/${Number(at) - lie}`,
      );
      honest.chain = server.chain;
      const told = honest.answer({ url: server.url + asked, method: 'GET', timeoutMs: 1, maxBytes: 1e6 });
      if (!told.ok) return null;
      const truth = new TextDecoder().decode(told.value.body);
      const body = truth.replace(/"height":(\d+)/g, (_, at: string) => `"height":${Number(at) + lie}`);
      return { status: told.value.status, body };
    };
  }

  it.each([0, 1])(
    'a height that one of two servers makes up is not believed (the liar is server %i)',
    async (liar) => {
      const { chain, servers, follower } = world({ servers: 2 });
      await follower.sync();
      countHigher(servers[liar]!, 5_000);
      chain.mine(30);
      for (let i = 0; i < 3; i++) {
        const { tip, refusal } = await follower.sync();
        expect(tip?.height).toBeLessThan(50);
        if (refusal === null) expect(tip?.height).toBe(49);
      }
      servers[liar]!.fault = () => null;
      expect(await follower.sync()).toMatchObject({ tip: { height: 49 }, refusal: null });
    },
  );

  it.each([0, 1])('nor at the very start (the liar is server %i)', async (liar) => {
    const { servers, follower } = world({ servers: 2, length: 60 });
    countHigher(servers[liar]!, 5_000);
    expect(await follower.sync()).toMatchObject({ tip: { height: 59 }, refusal: null });
  });

  it('nor one that the only server makes up, at the very start or after a long absence', async () => {
    const { chain, esplora, follow } = world({ length: 60 });
    countHigher(esplora, 5_000);
    expect(await follow().sync()).toMatchObject({ tip: null, refusal: { code: 'chain-unreachable' } });
    esplora.fault = () => null;
    const stored = store((await follow().sync()).commit);
    chain.mine(300);
    countHigher(esplora, 100);
    const back = follow(stored);
    // It is not current: nothing may be judged by the height of before.
    expect(await back.sync()).toMatchObject({ tip: { height: 59 }, refusal: { code: 'chain-unreachable' } });
    esplora.fault = () => null;
    expect(await follow(stored).sync()).toMatchObject({ tip: { height: 359 }, refusal: null });
  });

  it.each(['/txid/0', '/raw', '/merkle-proof'])(
    'nor is a height believed without %s of its coinbase',
    async (route) => {
      const { esplora, follower } = world({ length: 60 });
      const other = world({ length: 60 }).chain;
      const coinbase = other.blocks[49]!.txs[0]!;
      for (const answer of [
        { status: 404, body: '' },
        {
          status: 200,
          body:
            route === '/raw'
              ? serializeTx(coinbase)
              : route === '/txid/0'
                ? txIdOf(coinbase)
                : '{"block_height":49,"merkle":["' + 'ab'.repeat(32) + '"],"pos":0}',
        },
      ]) {
        esplora.fault = (path) => (path.endsWith(route) ? answer : null);
        expect((await follower.sync()).tip).toBeNull();
      }
    },
  );

  it('a test chain that was reset is followed', async () => {
    const { esplora, follower } = world();
    await follower.sync();
    esplora.chain = new FakeChain(18);
    expect(await follower.sync()).toMatchObject({ tip: { hash: esplora.chain.tip.header.hash } });
  });
});

describe('confirmations', () => {
  it('are told at the depth asked for, once, with the place in the block', async () => {
    const { chain, follower } = world();
    const tx = funding();
    follower.register(depth(tx, 1));
    follower.register(depth(tx, 3));
    follower.register(depth(tx, 3));
    expect((await follower.sync()).events).toEqual([]);
    chain.add(paying([SCRIPT, 1n]), paying([SCRIPT, 2n]), tx);
    expect((await follower.sync()).events).toEqual([]);
    chain.mine();
    const at = { height: 20, blockHash: chain.tip.header.hash, index: 3 };
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed', tx, at, tipHeight: 20 }]);
    expect((await follower.sync()).events).toEqual([]);
    chain.mine(2);
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed', at, tipHeight: 22 }]);
    chain.mine(2);
    expect((await follower.sync()).events).toEqual([]);
  });

  it('below the headers that are held, by the word of two servers', async () => {
    const { chain, servers, follower } = world({ servers: 2, length: 5 });
    const tx = funding();
    chain.add(tx);
    chain.mine(40);
    follower.register(depth(tx, 6));
    servers[1]!.fault = (path) =>
      path === '/block-height/5' ? { status: 200, body: chain.blocks[6]!.header.hash } : null;
    expect((await follower.sync()).events).toEqual([]);
    servers[1]!.fault = () => null;
    chain.mine();
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed', at: { height: 5, index: 1 } }]);
  });

  it('below the headers that are held, while the other server rests: waits for it, unless it was confirmed before', async () => {
    const { chain, servers, follower, follow } = world({ servers: 2, length: 5 });
    const tx = funding();
    chain.add(tx);
    chain.mine(40);
    servers[1]!.fault = () => ({ status: 429, body: 'slow down' });
    follower.register(depth(tx, 6));
    // The wallet's own history is told by one; that makes it no more for channels.
    await follower.sync();
    expect(await follower.reader.toldPlacement(tx)).toMatchObject({ ok: true, value: { height: 5 } });
    chain.mine();
    expect(await follower.sync()).toMatchObject({ events: [], refusal: null });

    const known = { height: blockHeight(5), blockHash: chain.blocks[5]!.header.hash, index: 1 };
    const restarted = follow();
    restarted.register({ tag: 'confirmed', txId: txIdOf(tx), script: SCRIPT, minDepth: 6, known });
    expect((await restarted.sync()).events).toMatchObject([{ tag: 'confirmed', at: known }]);

    servers[1]!.fault = () => null;
    follower.wake();
    chain.mine();
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed', at: { height: 5, index: 1 } }]);
  });

  it('a block of mainnet that cost nothing proves no coin of a later day, and none that is of its day a channel', async () => {
    const bytes = fromHex(
      '010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000' +
        '982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299',
    );
    const header = parseHeader(bytes)!;
    // The only transaction of mainnet's first block.
    const raw =
      '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff0704ffff001d0104ffffffff' +
      '0100f2052a0100000043410496b538e853519c726a2c91e61ec11600ae1390813a627c66fb8be7947be63c52da7589379515d4e0a6' +
      '04f8141781e62294721166bf621e73a82cbf2342c858eeac00000000';
    const tx = parseTxHex(raw);
    if (!tx.ok) throw new Error('no transaction');
    const url = 'https://e.test';
    const placed = (height: number, servers: readonly string[] = [url]) => {
      const answers: Readonly<Record<string, string>> = {
        [`/tx/${txIdOf(tx.value)}/merkle-proof`]: `{"block_height":${height},"merkle":[],"pos":0}`,
        [`/block-height/${height}`]: header.hash,
        [`/block/${header.hash}/header`]: toHex(bytes),
        [`/block/${header.hash}/txid/0`]: txIdOf(tx.value),
      };
      const http: Http = async (request) => {
        if (request.url.startsWith('https://gone')) return err({ code: 'unreachable', detail: '' });
        const body = answers[request.url.slice(url.length)];
        return ok({ status: body === undefined ? 404 : 200, body: encodeUtf8(body ?? '') });
      };
      const random = (length: number): Uint8Array => new Uint8Array(length);
      const pool = new ServerPool({ servers, http, clock: { now: () => timestamp(START) }, random });
      const top = new HeaderChain(950_000, [header]);
      return new ChainReader(pool, 'mainnet', () => top);
    };
    expect(await placed(1).toldPlacement(tx.value)).toMatchObject({ ok: true, value: { height: 1 } });
    // Nothing false was said: who says it goes on to be asked.
    expect(await placed(1).placement(tx.value)).toEqual({ ok: true, value: null });
    // A coin of ours may be of then, where each of two names the block, or the only one.
    expect(await placed(1).ownPlacement(tx.value)).toMatchObject({ ok: true, value: { height: 1 } });
    const withSecond = (second: string) => placed(1, [url, second]).ownPlacement(tx.value);
    expect(await withSecond(url.replace('e.', 'f.'))).toMatchObject({ ok: true, value: { height: 1 } });
    expect(await withSecond('https://gone.test')).toEqual({ ok: true, value: null });
    expect(await placed(500_000).toldPlacement(tx.value)).toEqual({ ok: true, value: null });
  });

  it.each([1, 2])(
    'below the headers that are held, but in a block that is not of that height: not told (%i servers)',
    async (count) => {
      const { chain, servers, follower } = world({ servers: count, length: 5 });
      const tx = funding();
      chain.mine(30);
      chain.add(tx);
      chain.mine(12);
      follower.register(depth(tx, 30));
      const { hash } = chain.blocks[35]!.header;
      for (const server of servers)
        server.fault = (path, truth) =>
          path === '/block-height/5'
            ? { status: 200, body: hash }
            : path === `/tx/${txIdOf(tx)}/merkle-proof`
              ? { status: 200, body: String(truth().body).replace('"block_height":35', '"block_height":5') }
              : null;
      expect((await follower.sync()).events).toEqual([]);
    },
  );

  it('a reorganisation is told, and the confirmation again', async () => {
    const { chain, follower } = world();
    const tx = funding();
    chain.add(tx);
    chain.mine(2);
    follower.register(depth(tx, 1));
    await follower.sync();
    chain.reorganise(2, 3);
    expect((await follower.sync()).events).toMatchObject([
      { tag: 'reorged', txId: txIdOf(tx), tipHeight: 22 },
    ]);
    chain.mine();
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed', at: { height: 23 } }]);
  });

  it('a transaction that moves to another block in a reorganisation: both in one report', async () => {
    const { chain, follower } = world();
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(depth(tx, 1));
    await follower.sync();
    chain.reorganise(1, 1);
    chain.mine();
    expect((await follower.sync()).events).toMatchObject([
      { tag: 'reorged' },
      { tag: 'confirmed', at: { height: 21, blockHash: chain.tip.header.hash } },
    ]);
  });

  it.each([
    ['a proof of another place', { pos: 0 }],
    ['a proof of another transaction', { merkle: ['00'.repeat(32)] }],
    ['a block that does not exist', { block_height: 9_999 }],
    ['a wrong shape', { block_height: '20' }],
  ])('a lie is not told: %s', async (_, lie) => {
    const { chain, esplora, follower } = world();
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(depth(tx, 1));
    esplora.fault = (path, truth) =>
      path.endsWith('/merkle-proof')
        ? { status: 200, body: JSON.stringify({ ...JSON.parse(String(truth().body)), ...lie }) }
        : null;
    expect((await follower.sync()).events).toEqual([]);
  });

  it('a server that lags does not hide them', async () => {
    const { chain, servers, follower } = world({ servers: 2 });
    await follower.sync();
    servers[0]!.chain = chain.fork();
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(depth(tx, 1));
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed', at: { height: 20 } }]);
  });

  it('a server that keeps the bytes back does not hide them either', async () => {
    const { chain, servers, follower } = world({ servers: 2 });
    await follower.sync();
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(depth(tx, 1));
    servers[0]!.fault = (path) => (path.endsWith('/raw') ? { status: 404, body: '' } : null);
    const reports = [await follower.sync(), await follower.sync()];
    expect(reports.flatMap(({ events }) => events)).toMatchObject([{ tag: 'confirmed', tx }]);
  });

  it('an index that lags behind its own tip is asked once more', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(depth(tx, 1));
    esplora.fault = (path) => (path.endsWith('/merkle-proof') ? { status: 404, body: '' } : null);
    expect((await follower.sync()).events).toEqual([]);
    esplora.fault = () => null;
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed' }]);
  });

  it.each([1, 2])(
    'what takes an HTLC is not told without the preimage that it has to show (of %i servers)',
    async (servers) => {
      const { chain, follower, esplora, wait } = world({ servers });
      const commitment = funding();
      const preimage = new Uint8Array(32).fill(9);
      const hash = sha256(preimage);
      const shown = ({ inputs: [input], ...tx }: Tx, witness: readonly Uint8Array[]): Tx => ({
        ...tx,
        inputs: input === undefined ? [] : [{ ...input, witness }],
      });
      const taken = shown(spender(commitment), [new Uint8Array(72).fill(1), preimage, SCRIPT]);
      const htlc = { hash, lockTime: blockHeight(500), script: null, revocation: null };
      follower.register({ ...spend(commitment), htlc });
      chain.add(commitment);
      chain.mine();
      chain.add(taken);
      chain.mine();
      const bare = toHex(serializeTx(shown(taken, [new Uint8Array(72).fill(1), new Uint8Array(), SCRIPT])));
      esplora.fault = (path) =>
        path === `/tx/${txIdOf(taken)}/raw` ? { status: 200, body: fromHex(bare) } : null;
      const spends = async (): Promise<readonly unknown[]> =>
        (await follower.sync()).events.filter(({ tag }) => tag === 'spent');
      if (servers === 1) {
        expect(await spends()).toEqual([]);
        esplora.fault = () => null;
        wait(600);
      }
      expect(await spends()).toMatchObject([{ tag: 'spent', tx: taken }]);
    },
  );

  it('what takes an HTLC still has to show how once its coin is watched for somebody else as well', async () => {
    const { chain, follower, wait } = world();
    const commitment = funding();
    const htlc = {
      hash: sha256(new Uint8Array(32)),
      lockTime: blockHeight(500),
      script: null,
      revocation: null,
    };
    follower.register({ ...spend(commitment), htlc });
    // Who names no script: a deposit of somebody else spends it, or a funding transaction.
    follower.register({ ...spend(commitment), script: new Uint8Array() });
    chain.add(commitment);
    chain.mine();
    chain.add(spender(commitment));
    chain.mine();
    expect((await follower.sync()).events).toEqual([]);
    // Who knows that it is no such output after all.
    follower.register(spend(commitment));
    wait(600);
    chain.mine();
    expect((await follower.sync()).events).toMatchObject([{ tag: 'spent', tx: spender(commitment) }]);
  });

  it.each(['in the mempool', 'in a block'])(
    'what was told %s, before it was known what it has to show, is asked for again',
    async (where) => {
      const { chain, follower, esplora, wait } = world();
      const commitment = funding();
      const preimage = new Uint8Array(32).fill(9);
      const bare = spender(commitment);
      const taken = {
        ...bare,
        inputs: bare.inputs.map((input) => ({
          ...input,
          witness: [new Uint8Array(72).fill(1), preimage, SCRIPT],
        })),
      };
      follower.register(spend(commitment));
      chain.add(commitment);
      chain.mine();
      chain.add(taken);
      if (where === 'in a block') chain.mine();
      esplora.fault = (path) =>
        path === `/tx/${txIdOf(taken)}/raw` ? { status: 200, body: serializeTx(bare) } : null;
      const spends = async (): Promise<readonly unknown[]> =>
        (await follower.sync()).events.filter(({ tag }) => tag === 'spent');
      expect(await spends()).toHaveLength(1);
      const htlc = { hash: sha256(preimage), lockTime: blockHeight(500), script: null, revocation: null };
      follower.register({ ...spend(commitment), htlc });
      expect(await spends()).toEqual([]);
      esplora.fault = () => null;
      wait(600);
      chain.mine();
      expect(await spends()).toMatchObject([{ tag: 'spent', tx: taken, at: { height: 21 } }]);
      chain.mine();
      expect(await spends()).toEqual([]);
    },
  );

  it('the honest second server is asked when the first lies', async () => {
    const { chain, servers, follower } = world({ servers: 2 });
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(depth(tx, 1));
    servers[0]!.fault = (path) =>
      path.endsWith('/raw') ? { status: 200, body: Uint8Array.of(1, 2, 3) } : null;
    expect((await follower.sync()).events).toMatchObject([{ tag: 'confirmed' }]);
  });
});

describe('spends', () => {
  it('are told in the mempool and again in a block, each once', async () => {
    const { chain, follower } = world();
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(spend(tx));
    expect((await follower.sync()).events).toEqual([]);
    const close = spender(tx);
    chain.add(close);
    expect((await follower.sync()).events).toMatchObject([{ tag: 'spent', tx: close, at: null }]);
    expect((await follower.sync()).events).toEqual([]);
    chain.mine();
    expect((await follower.sync()).events).toMatchObject([{ tag: 'spent', tx: close, at: { height: 21 } }]);
    chain.mine();
    expect((await follower.sync()).events).toEqual([]);
  });

  it('a replacement in the mempool is told', async () => {
    const { chain, follower } = world();
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(spend(tx));
    chain.add(spender(tx, 90_000n));
    await follower.sync();
    const replacement = spender(tx, 80_000n);
    chain.mempool = [replacement];
    expect((await follower.sync()).events).toMatchObject([{ tag: 'spent', tx: replacement, at: null }]);
  });

  it('after a reorganisation: reorged, then where the spend is now', async () => {
    const { chain, follower } = world();
    const tx = funding();
    const close = spender(tx);
    chain.add(tx);
    chain.mine();
    chain.add(close);
    chain.mine();
    follower.register(spend(tx));
    expect((await follower.sync()).events).toMatchObject([{ tag: 'spent', at: { height: 21 } }]);
    chain.reorganise(1, 2);
    expect((await follower.sync()).events).toMatchObject([
      { tag: 'reorged', txId: txIdOf(close) },
      { tag: 'spent', at: null },
    ]);
  });

  it('an invented spend is not told, nor is a confirmation of one without proof', async () => {
    const { chain, esplora, follower } = world();
    const tx = funding();
    const other = paying([SCRIPT, 5n]);
    chain.add(tx, other);
    chain.mine();
    const close = spender(tx);
    follower.register(spend(tx));
    const claim = (txid: string) => ({
      status: 200,
      body: JSON.stringify([{ spent: true, txid, vin: 0, status: { confirmed: true, block_height: 20 } }]),
    });
    esplora.fault = (path) => (path.endsWith('/outspends') ? claim(txIdOf(other)) : null);
    expect((await follower.sync()).events).toEqual([]);
    follower.wake();
    chain.add(close);
    esplora.fault = (path) => (path.endsWith('/outspends') ? claim(txIdOf(close)) : null);
    expect((await follower.sync()).events).toMatchObject([{ tag: 'spent', at: null }]);
  });

  it('a server that hides a spend is found out by the next one', async () => {
    const { chain, servers, follower } = world({ servers: 2 });
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(spend(tx));
    chain.add(spender(tx));
    servers[0]!.fault = (path) =>
      path.endsWith('/outspends') ? { status: 200, body: JSON.stringify([{ spent: false }]) } : null;
    const reports = [await follower.sync(), await follower.sync()];
    expect(reports.flatMap(({ events }) => events)).toMatchObject([{ tag: 'spent', at: null }]);
  });

  it.each(['in the mempool', 'in a block'])(
    'a server that names a spend %s and keeps its bytes back does not hide it beside another',
    async (where) => {
      const { chain, servers, follower } = world({ servers: 2 });
      const tx = funding();
      chain.add(tx);
      chain.mine();
      follower.register(spend(tx));
      await follower.sync();
      const close = spender(tx);
      chain.add(close);
      if (where === 'in a block') chain.mine();
      servers[0]!.fault = (path) =>
        path === `/tx/${txIdOf(close)}/raw` ? { status: 404, body: 'Transaction not found' } : null;
      const reports = [await follower.sync(), await follower.sync()];
      expect(reports.flatMap(({ events }) => events)).toMatchObject([{ tag: 'spent', tx: close }]);
      expect(reports.map(({ refusal }) => refusal)).toEqual([null, null]);
    },
  );

  it('nor where the other one says that nothing spends it, and has the bytes', async () => {
    const { chain, servers, follower } = world({ servers: 2 });
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(spend(tx));
    const close = spender(tx);
    chain.add(close);
    chain.mine();
    servers[0]!.fault = (path) => (path === `/tx/${txIdOf(close)}/raw` ? { status: 404, body: '' } : null);
    servers[1]!.fault = (path) =>
      path.endsWith('/outspends') ? { status: 200, body: JSON.stringify([{ spent: false }]) } : null;
    const reports = [await follower.sync(), await follower.sync()];
    expect(reports.flatMap(({ events }) => events)).toMatchObject([{ tag: 'spent', tx: close }]);
  });

  it('a spend in a block of which nobody has the bytes is a false answer: the other one is asked, and believed', async () => {
    const { chain, servers, follower, wait } = world({ servers: 2 });
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(spend(tx));
    const made = JSON.stringify([{ spent: true, txid: 'ab'.repeat(32), status: { confirmed: true } }]);
    servers[0]!.fault = (path) => (path.endsWith('/outspends') ? { status: 200, body: made } : null);
    const asked = (server: FakeEsplora): number =>
      server.log.filter((line) => line.endsWith('/outspends')).length;
    for (let i = 0; i < 6; i++)
      expect(await follower.sync()).toMatchObject({ events: [], refusal: null, trouble: null });
    // It rests after the first.
    expect(servers.map(asked)).toEqual([1, 6]);
    servers[1]!.fault = () => ({ code: 'unreachable', detail: '' });
    wait(60);
    expect(await follower.sync()).toMatchObject({
      events: [],
      refusal: { code: 'chain-unreachable' },
      trouble: { code: 'false-answer', server: servers[0]!.url, lie: 'transaction' },
    });
  });

  it.each([
    ['denies it', null],
    ['does not answer', { status: 429, body: '' }],
  ])(
    'who does not answer for the bytes of a spend that it says is in a block is no liar, while the other %s',
    async (_, bytesOfOther) => {
      const { chain, servers, follower, wait } = world({ servers: 2 });
      const tx = funding();
      chain.add(tx);
      chain.mine();
      follower.register(spend(tx));
      await follower.sync();
      const close = spender(tx);
      chain.add(close);
      chain.mine();
      const [honest, other] = servers as [FakeEsplora, FakeEsplora];
      honest.fault = (path) => (path === `/tx/${txIdOf(close)}/raw` ? { status: 429, body: '' } : null);
      other.fault = (path) =>
        path.endsWith('/outspends')
          ? { status: 200, body: '[{"spent":false}]' }
          : path === `/tx/${txIdOf(close)}/raw`
            ? (bytesOfOther ?? { status: 404, body: '' })
            : null;
      const looks = [];
      for (let i = 0; i < 2; i++) {
        looks.push(await follower.sync());
        wait(60);
      }
      // Which of them is asked first goes by turns.
      const blind = looks.filter(({ refusal }) => refusal !== null);
      expect(blind).toHaveLength(1);
      expect(blind[0]!.trouble).toMatchObject({ code: 'rate-limited' });
      honest.fault = () => null;
      const told = [await follower.sync(), await follower.sync()].flatMap(({ events }) => events);
      expect(told).toMatchObject([{ tag: 'spent', tx: close }]);
    },
  );

  it('a spend in the mempool that is gone when its bytes are asked for is nobody’s lie', async () => {
    const { chain, esplora, follower } = world();
    const tx = funding();
    chain.add(tx);
    chain.mine();
    follower.register(spend(tx));
    const made = JSON.stringify([{ spent: true, txid: 'ab'.repeat(32), status: { confirmed: false } }]);
    esplora.fault = (path) => (path.endsWith('/outspends') ? { status: 200, body: made } : null);
    for (let i = 0; i < 3; i++)
      expect(await follower.sync()).toMatchObject({ events: [], refusal: null, trouble: null });
  });

  it('parents come before children in one report', async () => {
    const { chain, follower } = world();
    const tx = funding();
    const close = spender(tx);
    follower.register(spend(tx));
    follower.register(depth(close, 1));
    follower.register(depth(tx, 1));
    chain.add(tx);
    chain.mine();
    chain.add(close);
    chain.mine();
    expect((await follower.sync()).events.map((event) => event.tag)).toEqual([
      'confirmed',
      'confirmed',
      'spent',
    ]);
  });
});

describe('cost and trouble', () => {
  it('a sync without a new block asks for the tip and for four watches at most; settled watches cost nothing', async () => {
    const { chain, esplora, follower } = world();
    const txs = Array.from({ length: 10 }, () => funding());
    chain.add(...txs);
    chain.mine();
    for (const tx of txs) {
      follower.register(depth(tx, 1));
      follower.register(spend(tx));
    }
    await follower.sync();
    esplora.log.length = 0;
    expect((await follower.sync()).requests).toBe(1 + 4);
    for (const tx of txs) chain.add(spender(tx));
    chain.mine();
    await follower.sync();
    expect((await follower.sync()).requests).toBe(1);
    chain.mine();
    expect((await follower.sync()).requests).toBe(2);
  });

  it('many watches are spread over syncs', async () => {
    const { chain, follower } = world();
    const txs = Array.from({ length: 150 }, () => funding());
    chain.add(...txs);
    chain.mine();
    for (const tx of txs) follower.register(depth(tx, 1));
    const told: number[] = [];
    for (let i = 0; i < 4; i++) told.push((await follower.sync()).events.length);
    expect(told).toEqual([60, 60, 30, 0]);
  });

  it('429 is left in peace for a while, and the other server asked', async () => {
    const { chain, servers, follower, wait } = world({ servers: 2 });
    await follower.sync();
    servers[0]!.fault = () => ({ status: 429, body: 'slow down' });
    chain.mine();
    expect((await follower.sync()).tip?.height).toBe(20);
    servers[0]!.log.length = 0;
    chain.mine();
    expect((await follower.sync()).tip?.height).toBe(21);
    expect(servers[0]!.log).toEqual([]);
    wait(60);
    servers[0]!.fault = () => null;
    await follower.sync();
    expect(servers[0]!.log).toContain('GET /blocks/tip/hash');
  });

  it.each([
    ['offline', { code: 'unreachable', detail: '' }],
    ['5xx', { status: 502, body: 'Bad gateway' }],
    ['not JSON, not text', { status: 200, body: Uint8Array.of(0xff, 0xfe) }],
    ['HTML', { status: 200, body: '<html>' }],
    ['empty', { status: 200, body: '' }],
  ] as const)('%s: a typed refusal, and on again after it', async (_, reply) => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    chain.mine();
    esplora.fault = () => reply;
    expect(await follower.sync()).toMatchObject({
      tip: { height: 19 },
      events: [],
      refusal: { code: 'chain-unreachable' },
    });
    esplora.fault = () => null;
    expect((await follower.sync()).refusal).toEqual({ code: 'chain-unreachable' });
    follower.wake();
    expect(await follower.sync()).toMatchObject({ tip: { height: 20 }, refusal: null });
  });

  it('a failure in the middle: what is known is told, the rest at the next sync', async () => {
    const { chain, esplora, follower } = world();
    const [a, b] = [funding(), funding()];
    chain.add(a, b);
    chain.mine();
    follower.register(depth(a, 1));
    follower.register(depth(b, 1));
    esplora.fault = (path) => (path.startsWith(`/tx/${txIdOf(b)}`) ? { status: 503, body: '' } : null);
    const first = await follower.sync();
    esplora.fault = () => null;
    follower.wake();
    const second = await follower.sync();
    expect([first.refusal, second.refusal]).toEqual([{ code: 'chain-unreachable' }, null]);
    const told = [...first.events, ...second.events].map((event) => 'txId' in event && event.txId);
    expect(told).toHaveLength(2);
    expect(new Set(told)).toEqual(new Set([txIdOf(a), txIdOf(b)]));
  });

  it('a failure between two spends of one transaction’s outputs: the first is told all the same', async () => {
    const { chain, esplora, follower } = world();
    const tx = paying([SCRIPT, sat(100_000)], [SCRIPT, sat(200_000)]);
    chain.add(tx);
    chain.mine();
    follower.register(spend(tx, 0));
    follower.register(spend(tx, 1));
    await follower.sync();
    const [first, second] = [0, 1].map((index) =>
      spending([{ txId: txIdOf(tx), index }], [{ script: SCRIPT, amount: sat(90_000) }]),
    ) as [Tx, Tx];
    chain.add(first, second);
    chain.mine();
    esplora.fault = (path) => (path === `/tx/${txIdOf(second)}/raw` ? { status: 503, body: '' } : null);
    expect(await follower.sync()).toMatchObject({
      events: [{ tag: 'spent', tx: first }],
      refusal: { code: 'chain-unreachable' },
    });
    esplora.fault = () => null;
    follower.wake();
    expect(await follower.sync()).toMatchObject({ events: [{ tag: 'spent', tx: second }], refusal: null });
  });

  it('outputs of which a server tells nothing, for good, keep no other from being told of', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    const kept = [1, 2, 3, 4, 5].map(() => funding());
    const tx = funding();
    chain.add(...kept, tx);
    chain.mine();
    for (const one of [...kept, tx]) follower.register(spend(one));
    await follower.sync();
    const close = spender(tx);
    chain.add(close);
    chain.mine();
    const ids = kept.map(txIdOf);
    esplora.fault = (path) => (ids.some((id) => path.includes(id)) ? { status: 503, body: '' } : null);
    const told: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      follower.wake();
      told.push(...(await follower.sync()).events);
    }
    expect(told).toMatchObject([{ tag: 'spent', tx: close }]);
  });

  it('two calls at once are one round', async () => {
    const { esplora, follower } = world();
    const [a, b] = await Promise.all([follower.sync(), follower.sync()]);
    expect(a).toBe(b);
    expect(esplora.log.filter((line) => line.endsWith('tip/hash'))).toHaveLength(1);
  });
});
