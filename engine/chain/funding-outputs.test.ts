import { describe, expect, it } from 'vitest';
import { sat, timestamp, type Scid } from '../base/units.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { FakeChain, paying, spending } from '../testkit/fake-chain.ts';
import { FakeEsplora, httpOver } from '../testkit/fake-esplora.ts';
import { scidAtPlace } from '../testkit/signed-gossip.ts';
import { FundingOutputs } from './funding-outputs.ts';

const WANTED = Uint8Array.of(0, 32, ...new Uint8Array(32).fill(7));
const OTHER = Uint8Array.of(0x51);

/** Block 10 holds a coinbase and a transaction that pays 5 to somebody and 1,000,000 to the script that is wanted. */
function stage(servers = 1) {
  const chain = new FakeChain(10);
  const tx = paying([OTHER, 5n], [WANTED, 1_000_000n]);
  chain.add(tx);
  chain.mine(6);
  const esploras = Array.from({ length: servers }, (_, i) => new FakeEsplora(`https://e${i}.test`, chain));
  const outputs = new FundingOutputs({
    servers: esploras.map(({ url }) => url),
    http: httpOver(...esploras),
    clock: { now: () => timestamp(1) },
    random: (length) => new Uint8Array(length),
  });
  const find = async (...scids: readonly Scid[]) =>
    outputs.find(scids.map((scid) => ({ scid, script: WANTED })));
  return { chain, tx, esploras, find };
}

const found = { tag: 'found', capacity: sat(1_000_000) };
const unfounded = { tag: 'unfounded' };
const unknown = { tag: 'unknown' };

describe('the output of a channel', () => {
  it('is found where its id says, unspent and with its script', async () => {
    const { find } = stage();
    expect(await find(scidAtPlace(10, 1, 1))).toEqual([found]);
    expect(
      await find(
        scidAtPlace(10, 1, 0),
        scidAtPlace(10, 1, 2),
        scidAtPlace(10, 2, 1),
        scidAtPlace(10, 0, 1),
        scidAtPlace(9_999, 1, 1),
        scidAtPlace(10, 1, 1),
      ),
    ).toEqual([unfounded, unfounded, unfounded, unfounded, unfounded, found]);
  });

  it('is gone when it is spent, in a block or not yet', async () => {
    const { chain, tx, find } = stage();
    chain.add(spending([{ txId: txIdOf(tx), index: 1 }], [{ script: OTHER, amount: sat(1) }]));
    expect(await find(scidAtPlace(10, 1, 1))).toEqual([unfounded]);
    chain.mine();
    expect(await find(scidAtPlace(10, 1, 1))).toEqual([unfounded]);
  });

  it('is asked for with few questions where channels share a block', async () => {
    const { esploras, find } = stage();
    await find(scidAtPlace(10, 1, 1));
    const [first] = esploras;
    expect(first?.log).toHaveLength(4);
    await find(scidAtPlace(10, 1, 0), scidAtPlace(10, 1, 2));
    expect(first?.log.filter((line) => line.includes('block-height')).length).toBeLessThanOrEqual(3);
  });

  it('is unknown while nobody answers, and nobody is asked for the rest', async () => {
    const { esploras, find } = stage();
    const [first] = esploras;
    first!.fault = () => ({ code: 'unreachable', detail: '' });
    const scids = Array.from({ length: 30 }, (_, i) => scidAtPlace(10, 1, i));
    expect(await find(...scids)).toEqual(scids.map(() => unknown));
    expect(first!.log.length).toBeLessThan(10);
  });

  it('is not taken from a server that shows another transaction: the next one is asked', async () => {
    const { esploras, find } = stage(2);
    const [liar] = esploras;
    liar!.fault = (path, truth) =>
      path.endsWith('/raw') ? { status: 200, body: Uint8Array.of(1) } : truth();
    expect(await find(scidAtPlace(10, 1, 1))).toEqual([found]);
  });
});
