import { describe, expect, it } from 'vitest';
import type { TxId } from '../base/ids.ts';
import { sat, timestamp } from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import { FakeChain, paying, spending } from '../testkit/fake-chain.ts';
import { FakeEsplora, httpOver } from '../testkit/fake-esplora.ts';
import { ChainFollower, type ChainFollowerOptions } from './chain-follower.ts';
import { verdictOn } from './esplora/broadcast-answer.ts';

const SCRIPT = Uint8Array.of(0x51);

function world(count = 1, mayTell?: () => Promise<boolean>) {
  const chain = new FakeChain(10);
  const servers = Array.from({ length: count }, (_, i) => new FakeEsplora(`https://e${i}.test`, chain));
  /** What is posted waits for `hold`. */
  const http: { hold: Promise<void> | null } = { hold: null };
  const answer = httpOver(...servers);
  const options: ChainFollowerOptions = {
    network: 'regtest',
    servers: servers.map(({ url }) => `${url}/`),
    http: async (request) => {
      if (request.method === 'POST') await http.hold;
      return answer(request);
    },
    clock: { now: () => timestamp(1) },
    random: (length) => new Uint8Array(length),
    ...(mayTell === undefined ? {} : { mayTell }),
  };
  const follower = new ChainFollower(options);
  const posts = (): number =>
    servers.reduce((sum, { log }) => sum + log.filter((line) => line.startsWith('POST')).length, 0);
  return { chain, servers, esplora: servers[0]!, http, options, follower, posts };
}

describe('broadcast', () => {
  it('is told to two servers, and again after a block until buried', async () => {
    const { chain, follower, posts } = world(3);
    await follower.sync();
    const tx = paying([SCRIPT, 1_000n]);
    expect(await follower.broadcast(tx, 'funding')).toEqual({
      ok: true,
      value: { txId: txIdOf(tx), known: false },
    });
    expect(chain.mempool).toEqual([tx]);
    expect(posts()).toBe(2);
    chain.mempool = [];
    chain.mine();
    await follower.sync();
    expect(chain.mempool).toEqual([tx]);
    expect(posts()).toBe(4);
    chain.mine(6);
    await follower.sync();
    chain.reorganise(1, 2, () => false);
    await follower.sync();
    expect(posts()).toBe(4);
  });

  it('is told to nobody once somebody else goes on from here, and no server is to blame for it', async () => {
    let told = 1;
    const { chain, esplora, follower, posts } = world(1, () => Promise.resolve(told-- > 0));
    esplora.packages = false;
    await follower.sync();
    const parent = paying([SCRIPT, 1_000n]);
    const child = spending([{ txId: txIdOf(parent), index: 0 }], [{ script: SCRIPT, amount: sat(500) }]);
    const others = { ok: false, error: { code: 'chain-unreachable' } };
    // Between the package and its parent.
    expect(await follower.broadcastPackage([parent, child], 'htlc-success')).toMatchObject(others);
    expect(posts()).toBe(1);
    chain.mine();
    expect(await follower.sync()).toMatchObject({ refusal: null, trouble: null });
    expect(await follower.broadcast(parent, 'wallet-send')).toMatchObject(others);
    expect(posts()).toBe(1);
    expect(chain.mempool).toEqual([]);
    // It was not sure: now it is.
    told = Infinity;
    await follower.sync();
    expect(chain.mempool).toEqual([parent, child]);
  });

  it('while nobody takes in what a sync reports, what claims is told again with each block, our commitment in the end, and nothing is lost', async () => {
    const { chain, follower } = world();
    const funding = paying([SCRIPT, 1_000n]);
    chain.add(funding);
    chain.mine();
    const outPoint = { txId: txIdOf(funding), index: 0 };
    const spend = spending([outPoint], [{ script: SCRIPT, amount: sat(900) }]);
    follower.register({ tag: 'spent', outPoint, script: SCRIPT });
    await follower.sync();
    const [claim, commitment] = [paying([SCRIPT, 5n]), paying([SCRIPT, 6n])];
    await follower.broadcast(claim, 'claim');
    await follower.broadcast(commitment, 'local-commitment');
    chain.mempool = [];
    chain.add(spend);
    chain.mine();
    await follower.tellAgain();
    expect(chain.mempool).toEqual([claim]);
    for (let look = 1; look < 15; look++) await follower.tellAgain();
    expect(chain.mempool).toEqual([claim]);
    await follower.tellAgain();
    expect(chain.mempool).toEqual([claim, commitment]);
    chain.mempool = [];
    chain.mine();
    await follower.tellAgain();
    await follower.tellAgain();
    expect(chain.mempool).toEqual([claim, commitment]);
    const { events, commit, tip } = await follower.sync();
    expect(events).toMatchObject([{ tag: 'spent', tx: spend, at: { height: tip!.height - 1 } }]);
    const headers = commit.filter(({ key }) => key.startsWith('header/'));
    expect(headers.map(({ key }) => Number(key.slice(7)))).toEqual([tip!.height - 1, tip!.height]);
  });

  it('a commitment is not told while what a report that nobody took in yet has in its place is known', async () => {
    const { chain, follower } = world();
    const funding = paying([SCRIPT, 1_000n]);
    chain.add(funding);
    chain.mine();
    const outPoint = { txId: txIdOf(funding), index: 0 };
    const [ours, theirs] = [7, 8].map((amount) =>
      spending([outPoint], [{ script: SCRIPT, amount: sat(amount) }]),
    );
    await follower.sync();
    await follower.broadcast(ours!, 'local-commitment');
    follower.register({ tag: 'spent', outPoint, script: SCRIPT });
    chain.mempool = [];
    chain.add(theirs!);
    expect((await follower.sync()).events).toMatchObject([{ tag: 'spent', tx: theirs }]);
    chain.mempool = [];
    chain.mine();
    for (let look = 0; look < 20; look++) await follower.tellAgain();
    expect(chain.mempool).toEqual([]);
  });

  it('what one tells again another does from then on, at once and alone, but for what is over', async () => {
    const { chain, follower, options } = world();
    const { commit } = await follower.sync();
    const stored = commit.flatMap((write) => (write.op === 'put' ? [[write.key, write.value] as const] : []));
    const [kept, over] = [paying([SCRIPT, 5n]), paying([SCRIPT, 6n])];
    for (const tx of [kept, over]) await follower.broadcast(tx, 'claim');
    chain.mempool = [];
    const isOver = (purpose: TxPurpose, ids: ReadonlySet<TxId>): boolean =>
      purpose === 'claim' && ids.has(txIdOf(over));
    const next = new ChainFollower({ ...options, stored }, { chain: follower, isOver });
    expect(next.isTaken(txIdOf(kept))).toBe(true);
    await next.tellAgain();
    expect(chain.mempool).toEqual([kept]);
    chain.mempool = [];
    chain.mine();
    await follower.tellAgain();
    expect(chain.mempool).toEqual([]);
    await next.tellAgain();
    expect(chain.mempool).toEqual([kept]);
  });

  it('what another has taken over is told by nobody else, not even what is being told just then', async () => {
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    let isHeld = false;
    const { follower, options, posts } = world(1, () => (isHeld ? held : Promise.resolve()).then(() => true));
    const { commit } = await follower.sync();
    const stored = commit.flatMap((write) => (write.op === 'put' ? [[write.key, write.value] as const] : []));
    isHeld = true;
    const sending = follower.broadcast(paying([SCRIPT, 5n]), 'wallet-send');
    void new ChainFollower({ ...options, stored }, { chain: follower, isOver: () => false });
    answer();
    await sending;
    expect(posts()).toBe(0);
  });

  it('what is in a block already is out', async () => {
    const { chain, follower } = world();
    const tx = paying([SCRIPT, 1_000n]);
    chain.add(tx);
    chain.mine();
    expect(await follower.broadcast(tx, 'funding')).toMatchObject({ ok: true, value: { known: true } });
  });

  it('missing inputs may mean that it confirmed and was spent from', async () => {
    const { chain, esplora, follower } = world();
    const tx = paying([SCRIPT, 1_000n]);
    chain.add(tx);
    chain.mine();
    esplora.refusal = 'bad-txns-inputs-missingorspent';
    expect(await follower.broadcast(tx, 'funding')).toMatchObject({ ok: true, value: { known: true } });
    expect(await follower.broadcast(paying([SCRIPT, 5n]), 'funding')).toMatchObject({
      ok: false,
      error: { code: 'broadcast-refused', reason: 'inputs-missing' },
    });
  });

  it('one server that takes it is enough', async () => {
    const { servers, follower } = world(2);
    servers[0]!.refusal = 'min relay fee not met';
    expect(await follower.broadcast(paying([SCRIPT, 5n]), 'claim')).toMatchObject({ ok: true });
  });

  it('what is refused is offered again, until it is given up', async () => {
    const { chain, esplora, follower, posts } = world();
    await follower.sync();
    esplora.refusal = 'min relay fee not met, 100 < 141';
    const refused = { ok: false, error: { code: 'broadcast-refused', reason: 'fee-too-low' } };
    const undone = paying([SCRIPT, 5n]);
    expect(await follower.broadcast(undone, 'wallet-send')).toMatchObject(refused);
    follower.forgetBroadcast(txIdOf(undone));
    expect(await follower.broadcast(paying([SCRIPT, 7n]), 'wallet-send')).toMatchObject(refused);
    const penalty = paying([SCRIPT, 6n]);
    expect(await follower.broadcast(penalty, 'penalty')).toMatchObject(refused);
    chain.mine();
    await follower.sync();
    expect(posts()).toBe(5);
    expect(follower.isTaken(txIdOf(penalty))).toBe(false);
    esplora.refusal = null;
    chain.mine();
    await follower.sync();
    expect(follower.isTaken(txIdOf(penalty))).toBe(true);
    expect(chain.mempool.map((tx) => tx.outputs[0]?.amount)).toEqual([7n, 6n]);
  });

  it('what is too low alone is so while no package with it is taken, and once none is any more', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    const parent = paying([SCRIPT, 1_000n]);
    const child = spending([{ txId: txIdOf(parent), index: 0 }], [{ script: SCRIPT, amount: sat(500) }]);
    const tooLow = (): boolean[] => [parent, child].map((tx) => follower.isRefusedForFee(txIdOf(tx)));
    // So many together, and less, are refused.
    const refuse = (count: number): void => {
      esplora.refuses = (txs) => (txs.length <= count ? 'mempool min fee not met' : null);
    };
    refuse(1);
    await follower.broadcast(parent, 'local-commitment');
    expect(tooLow()).toEqual([true, false]);
    await follower.broadcastPackage([parent, child], 'anchor-bump');
    expect(tooLow()).toEqual([false, false]);
    for (const [count, isTooLow] of [
      [2, true],
      [1, false],
      [2, true],
    ] as const) {
      refuse(count);
      chain.mempool = [];
      chain.mine();
      await follower.sync();
      expect(tooLow()).toEqual([isTooLow, isTooLow]);
    }
    follower.forgetBroadcast(txIdOf(parent));
    expect(tooLow()).toEqual([false, false]);
  });

  it.each(['before a server is told', 'while one is'])(
    'what is taken back %s is not offered again',
    async (when) => {
      let answer: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (answer = resolve));
      let isHeld = when === 'before a server is told';
      const { chain, http, follower, posts } = world(1, () =>
        (isHeld ? held : Promise.resolve()).then(() => true),
      );
      await follower.sync();
      http.hold = isHeld ? null : held;
      const tx = paying([SCRIPT, 1_000n]);
      const sending = follower.broadcast(tx, 'wallet-send');
      await new Promise((resolve) => setImmediate(resolve));
      follower.forgetBroadcast(txIdOf(tx));
      answer();
      await sending;
      expect(posts()).toBe(isHeld ? 0 : 1);
      isHeld = false;
      chain.mempool = [];
      chain.mine();
      await follower.sync();
      expect(chain.mempool).toEqual([]);
      await follower.broadcast(tx, 'wallet-send');
      chain.mempool = [];
      chain.mine();
      await follower.sync();
      expect(chain.mempool).toEqual([tx]);
    },
  );

  it('what is taken back is not told with what spends from it, either', async () => {
    const { chain, follower, posts } = world();
    await follower.sync();
    const parent = paying([SCRIPT, 1_000n]);
    const child = spending([{ txId: txIdOf(parent), index: 0 }], [{ script: SCRIPT, amount: sat(500) }]);
    await follower.broadcastPackage([parent, child], 'htlc-success');
    expect([parent, child].map((tx) => follower.isTaken(txIdOf(tx)))).toEqual([true, true]);
    const before = posts();
    follower.forgetBroadcast(txIdOf(parent));
    expect(follower.isTaken(txIdOf(child))).toBe(false);
    chain.mempool = [];
    chain.mine();
    await follower.sync();
    expect(posts()).toBe(before);
  });

  it('what is taken back is found without a look into all that is offered', async () => {
    const { follower } = world();
    await follower.sync();
    let looks = 0;
    const tx = paying([SCRIPT, 5n]);
    const other: Tx = Object.defineProperty({ ...tx }, 'inputs', { get: () => (looks++, tx.inputs) });
    await follower.broadcast(other, 'penalty');
    looks = 0;
    follower.forgetBroadcast(txIdOf(paying([SCRIPT, 6n])));
    expect(looks).toBe(0);
    follower.forgetBroadcast(txIdOf(tx));
    expect(follower.isTaken(txIdOf(tx))).toBe(false);
  });

  it('of rivals for one output the dearest few are offered again, whatever came last', async () => {
    const { chain, follower, posts } = world();
    await follower.sync();
    const from = [{ txId: txIdOf(paying([SCRIPT, 1_000n])), index: 0 }];
    const closing = (fee: number): Tx => spending(from, [{ script: SCRIPT, amount: sat(1_000 - fee) }]);
    for (const fee of [10, 500, 20, 400, 30, 300, 40]) await follower.broadcast(closing(fee), 'mutual-close');
    // What is for another purpose counts by itself.
    await follower.broadcast(closing(1), 'local-commitment');
    const before = posts();
    chain.mempool = [];
    chain.mine();
    await follower.sync();
    expect(posts() - before).toBe(4);
    const fees = chain.mempool.map((tx) => 1_000 - Number(tx.outputs[0]?.amount ?? 0n));
    expect(fees.toSorted((a, b) => a - b)).toEqual([1, 300, 400, 500]);
  });

  it('one of which no server tells where it is keeps no other back', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    const [first, second] = [paying([SCRIPT, 5n]), paying([SCRIPT, 6n])];
    await follower.broadcast(first, 'penalty');
    await follower.broadcast(second, 'penalty');
    chain.mempool = [];
    chain.mine();
    esplora.fault = (path) =>
      path.includes(txIdOf(first)) && path.includes('proof') ? { status: 500, body: 'no' } : null;
    await follower.sync();
    // It was left in peace for that answer.
    follower.wake();
    await follower.sync();
    expect(chain.mempool).toEqual([first, second]);
  });

  it('after a block of which not all was told in its own round as well', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    const tx = paying([SCRIPT, 5n]);
    await follower.broadcast(tx, 'penalty');
    const outPoint = { txId: txIdOf(paying([SCRIPT, 7n])), index: 0 };
    follower.register({ tag: 'spent', outPoint, script: SCRIPT });
    await follower.sync();
    chain.mempool = [];
    chain.mine();
    esplora.fault = (path) => (/scripthash|outspend/.test(path) ? { status: 500, body: 'no' } : null);
    expect((await follower.sync()).refusal).not.toBeNull();
    esplora.fault = () => null;
    follower.wake();
    expect((await follower.sync()).refusal).toBeNull();
    expect(chain.mempool).toEqual([tx]);
  });

  it('while a server answers everything but one output, what claims and punishes is, and in the end our commitment too', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    const from = (amount: bigint): Tx =>
      spending([{ txId: txIdOf(paying([SCRIPT, amount])), index: 0 }], [{ script: SCRIPT, amount: sat(5) }]);
    const [penalty, claim, commitment] = [from(11n), from(12n), from(13n)];
    await follower.broadcast(penalty, 'penalty');
    await follower.broadcast(claim, 'claim');
    await follower.broadcast(commitment, 'local-commitment');
    const [spent] = commitment.inputs;
    follower.register({ tag: 'spent', outPoint: spent!.outPoint, script: SCRIPT });
    await follower.sync();
    esplora.fault = (path) => (path.includes(spent!.outPoint.txId) ? { status: 500, body: 'no' } : null);
    for (const _ of [1, 2]) {
      chain.mempool = [];
      chain.mine();
      for (const __ of [1, 2]) {
        follower.wake();
        expect((await follower.sync()).refusal).not.toBeNull();
      }
      expect(chain.mempool).toEqual([penalty, claim]);
    }
    // Its servers go on failing, and payments in it may have little time.
    for (let round = 0; round < 20; round++) {
      follower.wake();
      await follower.sync();
    }
    expect(chain.mempool).toEqual([penalty, claim, commitment]);
  });

  it('a server that takes nothing, and answers everything else, is heard out', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    const tx = paying([SCRIPT, 6n]);
    follower.register({ tag: 'spent', outPoint: { txId: txIdOf(tx), index: 0 }, script: SCRIPT });
    esplora.fault = (path) => (path === '/tx' ? { status: 500, body: 'no' } : null);
    await follower.broadcast(paying([SCRIPT, 5n]), 'penalty');
    chain.mine();
    for (const _ of [1, 2, 3]) {
      follower.wake();
      expect((await follower.sync()).refusal).toBeNull();
    }
  });

  it('what no server heard goes out with the first sync that reaches one', async () => {
    const { chain, esplora, follower } = world();
    await follower.sync();
    esplora.fault = () => ({ code: 'unreachable', detail: '' });
    const tx = paying([SCRIPT, 5n]);
    expect(await follower.broadcast(tx, 'wallet-send')).toEqual({
      ok: false,
      error: { code: 'chain-unreachable' },
    });
    esplora.fault = () => null;
    follower.wake();
    await follower.sync();
    expect(chain.mempool).toEqual([tx]);
  });

  it.each([true, false])('packages (route present: %s)', async (packages) => {
    const { chain, esplora, follower } = world();
    esplora.packages = packages;
    const parent = paying([SCRIPT, 1_000n]);
    const child = spending([{ txId: txIdOf(parent), index: 0 }], [{ script: SCRIPT, amount: sat(500) }]);
    expect(await follower.broadcastPackage([parent, child], 'anchor-bump')).toMatchObject({
      ok: true,
      value: { txId: txIdOf(child) },
    });
    expect(chain.mempool).toEqual([parent, child]);
  });

  it('the child of a package goes alone once its parent is in a block', async () => {
    const { chain, esplora, follower } = world();
    const parent = paying([SCRIPT, 1_000n]);
    const child = spending([{ txId: txIdOf(parent), index: 0 }], [{ script: SCRIPT, amount: sat(500) }]);
    chain.add(parent);
    chain.mine();
    esplora.refuses = (txs) => (txs.length > 1 ? 'bad-txns-inputs-missingorspent' : null);
    for (const refuses of [esplora.refuses, () => null]) {
      esplora.refuses = refuses;
      chain.mempool = [];
      expect(await follower.broadcastPackage([parent, child], 'wallet-send')).toMatchObject({ ok: true });
      expect(chain.mempool).toEqual([child]);
    }
  });

  it('a package refused with status 200 is refused', async () => {
    const { esplora, follower } = world();
    esplora.refusal = 'insufficient fee, rejecting replacement';
    const parent = paying([SCRIPT, 1_000n]);
    expect(await follower.broadcastPackage([parent, paying([SCRIPT, 4n])], 'anchor-bump')).toMatchObject({
      ok: false,
      error: { reason: 'fee-too-low' },
    });
  });
});

describe("a server's words", () => {
  it.each([
    ['sendrawtransaction RPC error -27: Transaction outputs already in utxo set', 'known'],
    ['sendrawtransaction RPC error: {"code":-27,"message":"Transaction already in block chain"}', 'known'],
    ['txn-already-in-mempool', 'known'],
    ['sendrawtransaction RPC error -25: bad-txns-inputs-missingorspent', 'inputs-missing'],
    ['sendrawtransaction RPC error -26: min relay fee not met, 10 < 110', 'fee-too-low'],
    ['sendrawtransaction RPC error -26: insufficient fee, rejecting replacement abc', 'fee-too-low'],
    ['sendrawtransaction RPC error -26: txn-mempool-conflict', 'conflict'],
    ['sendrawtransaction RPC error -26: non-final', 'not-final'],
    ['sendrawtransaction RPC error -26: non-BIP68-final', 'not-final'],
    ['sendrawtransaction RPC error -22: TX decode failed', 'rejected'],
  ])('%s', (message, expected) => {
    const verdict = verdictOn(message);
    expect(verdict.tag === 'refused' ? verdict.reason : verdict.tag).toBe(expected);
  });

  it('are one bounded line', () => {
    const verdict = verdictOn(`evil\n\u0000\u202e${'x'.repeat(1_000)}`);
    expect(verdict.tag === 'refused' && verdict.detail).toMatch(/^[ -~]{200}$/);
  });
});
