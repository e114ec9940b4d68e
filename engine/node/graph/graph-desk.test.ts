import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../../base/network.ts';
import type { Http } from '../../base/ports.ts';
import { ok } from '../../base/result.ts';
import { timestamp } from '../../base/units.ts';
import { writeSnapshot } from '../../testkit/snapshot-writer.ts';
import { MemoryStore } from '../../storage/memory-store.ts';
import { ManualClock } from '../../testkit/manual-clock.ts';
import { toldNetwork } from '../../testkit/told-network.ts';
import type { GraphCache } from '../node-options.ts';
import { GraphDesk } from './graph-desk.ts';
import { ScoreKeeper } from './score-keeper.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const HOUR = 3_600;

/** A clock, a server that answers what it is told to, a cache in memory, and the desk over them. */
function stage({
  snapshots = ['https://map.test/snapshot'],
  cache = new Map<string, Uint8Array>(),
  now = new ManualClock().now(),
} = {}) {
  const clock = new ManualClock();
  clock.advance((now - clock.now()) * 1000);
  const asked: string[] = [];
  const answers = new Map<string, Uint8Array | number>();
  const http: Http = ({ url }) => {
    asked.push(url);
    const answer = answers.get(url) ?? 404;
    const body = typeof answer === 'number' ? new Uint8Array() : answer;
    return Promise.resolve(ok({ status: typeof answer === 'number' ? answer : 200, body }));
  };
  const graphCache: GraphCache = {
    load: () => Promise.resolve(cache.get('map') ?? null),
    save: (bytes) => Promise.resolve(void cache.set('map', bytes)),
  };
  const servers = () => Promise.resolve(ok({ esplora: [], proxies: [], snapshots }));
  const log = () => undefined;
  const store = new MemoryStore();
  const scores = new ScoreKeeper(
    { store, clock, log, http, servers },
    (writes) => void store.commit(writes),
    () => undefined,
  );
  const desk = new GraphDesk(
    { network: 'regtest', servers, http, clock, log, graphCache },
    scores,
    () => undefined,
  );
  /** Until nothing is left to do without time going by. */
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 30; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(0);
    }
  };
  const pass = async (seconds: number): Promise<void> => {
    clock.advance(seconds * 1000);
    await settle();
  };
  /** The kept map is read in slices, which wait for the clock. */
  const begin = async (): Promise<void> => {
    const begun = desk.begin();
    await settle();
    await begun;
  };
  return { clock, desk, asked, answers, cache, begin, pass };
}

const network = toldNetwork(5, 20, 2);
const whole = (at: number): Uint8Array => writeSnapshot({ version: 2, chainHash, at, ...network, nodes: [] });

/** As many channels as a map may have, made up between two nodes. */
function crowd(at: number): Uint8Array {
  const [channel] = network.channels;
  if (channel === undefined) throw new Error('no channel');
  const few = writeSnapshot({ version: 1, chainHash, at, channels: [channel], policies: [] });
  // Behind prefix, chain, time and two nodes: how many channels, then five bytes for each.
  const start = 4 + 32 + 4 + 4 + 2 * 33;
  const count = 200_000;
  const full = new Uint8Array(start + 4 + 5 * count + 4);
  full.set(few.subarray(0, start));
  new DataView(full.buffer).setUint32(start, count);
  for (let i = 0; i < count; i++) full.set([0, 0, 1, 0, 1], start + 4 + 5 * i);
  return full;
}

describe('the map', () => {
  it('is fetched whole, then by what is new, and outlives a restart without being fetched', async () => {
    const first = stage();
    const now = first.clock.now();
    first.answers.set('https://map.test/snapshot/v2/0', whole(now - 60));
    await first.begin();
    await first.pass(1);
    expect(first.asked).toEqual(['https://map.test/snapshot/v2/0']);
    expect(first.desk.info()).toEqual({
      nodes: 20,
      channels: network.channels.length,
      snapshotAt: now - 60,
      refreshing: false,
      lastError: null,
      scores: { learnt: 0, external: null, refreshing: false, lastError: null },
    });
    expect(first.desk.map()).not.toBeNull();

    const later = now + 3 * HOUR;
    const delta = writeSnapshot({ version: 2, chainHash, at: later, channels: [], policies: [] });
    first.answers.set(`https://map.test/snapshot/v2/${now - 60}`, delta);
    await first.pass(3 * HOUR + 1);
    expect(first.asked.at(-1)).toBe(`https://map.test/snapshot/v2/${now - 60}`);
    expect(first.desk.info()).toMatchObject({ snapshotAt: later, channels: network.channels.length });
    first.desk.stop();

    const second = stage({ cache: first.cache });
    await second.begin();
    expect(second.asked).toEqual([]);
    expect(second.desk.info()).toMatchObject({ snapshotAt: later, channels: network.channels.length });
  });

  it('is none until it is laid out between turns: no payment lays it out itself', async () => {
    const { desk, clock, answers } = stage();
    // Every look at the clock takes as long as a turn may.
    let ms = 0;
    Object.assign(clock, { monotonicMs: () => (ms += 10) });
    answers.set('https://map.test/snapshot/v2/0', whole(clock.now() - 60));
    void desk.begin();
    const seen: string[] = [];
    for (let i = 0; i < 200 && desk.map() === null; i++) {
      seen.push(desk.info().channels === 0 ? 'no graph' : 'no map');
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1);
    }
    expect([...new Set(seen)]).toEqual(['no graph', 'no map']);
    expect(desk.map()).not.toBeNull();
  });

  it.each([7, 8, 15])('is there after %i days away, and is taken whole then', async (days) => {
    const first = stage();
    const now = first.clock.now();
    first.answers.set('https://map.test/snapshot/v2/0', whole(now - 60));
    await first.begin();
    await first.pass(1);
    first.desk.stop();

    const later = timestamp(now + days * 24 * HOUR);
    const second = stage({ cache: first.cache, now: later });
    const delta = writeSnapshot({ version: 2, chainHash, at: later, channels: [], policies: [] });
    second.answers.set(`https://map.test/snapshot/v2/${now - 60}`, delta);
    // The server does not answer at first: what was kept stays.
    await second.begin();
    expect(second.desk.info()).toMatchObject({ channels: network.channels.length });
    second.answers.set('https://map.test/snapshot/v2/0', whole(later - 60));
    second.asked.length = 0;
    expect((await refreshed(second.desk, second.pass)).ok).toBe(true);
    expect(second.asked).toEqual(['https://map.test/snapshot/v2/0']);
    expect(second.desk.info()).toMatchObject({
      channels: network.channels.length,
      snapshotAt: later - 60,
      lastError: null,
    });
  });

  it('keeps what deltas of a day never name: it is taken whole once in six days, however often it is asked for', async () => {
    const cache = new Map<string, Uint8Array>();
    let now = new ManualClock().now();
    let kept = 0;
    const wholes: number[] = [];
    for (let day = 0; day < 20; day++) {
      const { desk, answers, asked, begin, pass } = stage({ cache, now });
      const nothing = writeSnapshot({ version: 2, chainHash, at: now - 60, channels: [], policies: [] });
      answers.set(`https://map.test/snapshot/v2/${kept}`, nothing);
      answers.set('https://map.test/snapshot/v2/0', whole(now - 60));
      await begin();
      await pass(1);
      expect(desk.info()).toMatchObject({ channels: network.channels.length, snapshotAt: now - 60 });
      if (asked[0] === 'https://map.test/snapshot/v2/0') wholes.push(day);
      desk.stop();
      kept = now - 60;
      now = timestamp(now + 24 * HOUR);
    }
    expect(wholes).toEqual([0, 6, 12, 18]);
  });

  it('is taken whole from a server that has no delta, and in version 1 from one that has no other', async () => {
    const { begin, desk, asked, answers, pass, clock } = stage();
    const now = clock.now();
    const at = now - HOUR;
    answers.set('https://map.test/snapshot/v2/0', whole(at));
    await begin();
    await pass(1);
    answers.delete('https://map.test/snapshot/v2/0');
    answers.set(
      'https://map.test/snapshot/0',
      writeSnapshot({ version: 1, chainHash, at: now, ...network, nodes: [] }),
    );
    expect((await refreshed(desk, pass)).ok).toBe(true);
    expect(asked.slice(1)).toEqual([
      `https://map.test/snapshot/v2/${at}`,
      `https://map.test/snapshot/${at}`,
      'https://map.test/snapshot/v2/0',
      'https://map.test/snapshot/0',
    ]);
    expect(desk.info().snapshotAt).toBe(now);
  });

  it.each([403, 404, 410])(
    'is taken from a server that answers %i for what it does not have',
    async (missing) => {
      const { begin, desk, asked, answers, pass, clock } = stage({
        snapshots: ['https://empty.test', 'https://files.test'],
      });
      for (const path of ['v2/0', '0']) answers.set(`https://empty.test/${path}`, missing);
      answers.set('https://files.test/v2/0', missing);
      answers.set(
        'https://files.test/0',
        writeSnapshot({ version: 1, chainHash, at: clock.now(), ...network, nodes: [] }),
      );
      await begin();
      await pass(1);
      expect(asked).toEqual([
        'https://empty.test/v2/0',
        'https://empty.test/0',
        'https://files.test/v2/0',
        'https://files.test/0',
      ]);
      expect(desk.info()).toMatchObject({ channels: network.channels.length, lastError: null });
    },
  );

  it('stays as it is when servers fail or lie; the next server is asked; it is tried again', async () => {
    const { begin, desk, asked, answers, pass, clock } = stage({
      snapshots: ['https://bad.test', 'https://good.test'],
    });
    answers.set('https://bad.test/v2/0', Uint8Array.of(76, 68, 75, 9));
    answers.set('https://good.test/v2/0', 500);
    await begin();
    await pass(1);
    expect(desk.info()).toMatchObject({ channels: 0, lastError: 'https://good.test: status 500' });
    expect(desk.map()).toBeNull();
    answers.set('https://good.test/v2/0', whole(clock.now()));
    await pass(11 * 60);
    expect(asked).toEqual([
      'https://bad.test/v2/0',
      'https://good.test/v2/0',
      'https://bad.test/v2/0',
      'https://good.test/v2/0',
    ]);
    expect(desk.info()).toMatchObject({ channels: network.channels.length, lastError: null });
  });

  it('that was kept and makes no sense is fetched anew', async () => {
    const { begin, desk, answers, pass, clock } = stage({
      cache: new Map([['map', Uint8Array.of(1, 2, 3)]]),
    });
    answers.set('https://map.test/snapshot/v2/0', whole(clock.now()));
    await begin();
    await pass(1);
    expect(desk.info().channels).toBe(network.channels.length);
  });

  it('that one server filled with channels that are not there is mended by the next whole snapshot', async () => {
    const { begin, desk, answers, pass, clock } = stage();
    answers.set('https://map.test/snapshot/0', crowd(clock.now() - 60));
    await begin();
    for (let i = 0; i < 40; i++) await pass(1);
    expect(desk.info().channels).toBe(200_000);
    answers.delete('https://map.test/snapshot/0');
    answers.set(`https://map.test/snapshot/v2/${desk.info().snapshotAt}`, whole(clock.now()));
    answers.set('https://map.test/snapshot/v2/0', whole(clock.now()));
    await pass(3 * HOUR);
    for (let i = 0; i < 5; i++) await pass(1);
    expect(desk.info()).toMatchObject({ channels: network.channels.length, lastError: null });
  });

  const other = toldNetwork(6, 10, 2);

  it('is begun anew where other servers are set, after a restart too', async () => {
    const first = stage({ snapshots: ['https://bad.test'] });
    const now = first.clock.now();
    const bad = writeSnapshot({ version: 2, chainHash, at: now - 60, ...other, nodes: [] });
    first.answers.set('https://bad.test/v2/0', bad);
    await first.begin();
    await first.pass(1);
    expect(first.desk.info().channels).toBe(other.channels.length);
    first.desk.stop();

    const second = stage({ cache: first.cache });
    second.answers.set(
      `https://map.test/snapshot/v2/${now - 60}`,
      writeSnapshot({ version: 2, chainHash, at: now, channels: [], policies: [] }),
    );
    await second.begin();
    // At once, and the old one serves until the new one is there.
    expect(second.asked).toEqual(['https://map.test/snapshot/v2/0', 'https://map.test/snapshot/0']);
    expect(second.desk.info().channels).toBe(other.channels.length);
    second.answers.set('https://map.test/snapshot/v2/0', whole(now));
    await second.pass(600);
    expect(second.asked.slice(2)).toEqual(['https://map.test/snapshot/v2/0']);
    expect(second.desk.info().channels).toBe(network.channels.length);
  });

  it('of a server that stays on the list is kept when others come and go', async () => {
    const first = stage({ snapshots: ['https://one.test', 'https://map.test/snapshot'] });
    const now = first.clock.now();
    first.answers.set('https://map.test/snapshot/v2/0', whole(now - 60));
    await first.begin();
    await first.pass(1);
    first.desk.stop();

    const second = stage({
      cache: first.cache,
      snapshots: ['https://map.test/snapshot', 'https://new.test'],
    });
    await second.begin();
    await second.pass(3 * HOUR);
    expect(second.asked[0]).toBe(`https://map.test/snapshot/v2/${now - 60}`);
  });

  it('that two servers told of is begun anew where one of them is gone', async () => {
    const snapshots = ['https://map.test/snapshot', 'https://bad.test'];
    const first = stage({ snapshots });
    const now = first.clock.now();
    first.answers.set('https://map.test/snapshot/v2/0', whole(now - 60));
    await first.begin();
    await first.pass(1);
    first.answers.delete('https://map.test/snapshot/v2/0');
    const delta = { version: 2, chainHash, at: now + 3 * HOUR, channels: [], policies: [] } as const;
    first.answers.set(`https://bad.test/v2/${now - 60}`, writeSnapshot(delta));
    await first.pass(3 * HOUR);
    first.desk.stop();

    const later = timestamp(now + 4 * HOUR);
    const same = stage({ cache: first.cache, now: later, snapshots });
    await same.begin();
    await same.pass(0);
    expect(same.asked).toEqual([]);
    const without = stage({ cache: first.cache, now: later });
    await without.begin();
    await without.pass(0);
    expect(without.asked[0]).toBe('https://map.test/snapshot/v2/0');
  });

  it('is begun anew where that is asked for, and stays where the server fails', async () => {
    const { begin, desk, answers, pass, clock } = stage();
    const bad = writeSnapshot({ version: 2, chainHash, at: clock.now() - 60, ...other, nodes: [] });
    answers.set('https://map.test/snapshot/v2/0', bad);
    await begin();
    await pass(1);
    const renewed = async () => {
      const outcome = desk.renew();
      await pass(1);
      return outcome;
    };
    answers.set('https://map.test/snapshot/v2/0', 500);
    expect((await renewed()).ok).toBe(false);
    expect(desk.info().channels).toBe(other.channels.length);
    answers.set('https://map.test/snapshot/v2/0', whole(clock.now()));
    expect((await renewed()).ok).toBe(true);
    expect(desk.info().channels).toBe(network.channels.length);
  });

  it('is not asked for where no server is named', async () => {
    const { begin, desk, asked, pass } = stage({ snapshots: [] });
    await begin();
    await pass(HOUR);
    expect(asked).toEqual([]);
    expect(desk.info().lastError).toBeNull();
  });
});

async function refreshed(desk: GraphDesk, pass: (seconds: number) => Promise<void>) {
  const outcome = desk.refresh();
  await pass(1);
  return outcome;
}
