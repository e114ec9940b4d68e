import { describe, expect, it } from 'vitest';
import { err, ok } from '../../base/result.ts';
import type { Scid } from '../../base/units.ts';
import { put, type Write } from '../../base/write.ts';
import { MemoryStore } from '../../storage/memory-store.ts';
import { ManualClock } from '../../testkit/manual-clock.ts';
import { ScoreKeeper, SCORES_KEY } from './score-keeper.ts';

function stage(store = new MemoryStore()) {
  const clock = new ManualClock();
  const written: (readonly Write[])[] = [];
  const logged: string[] = [];
  const keeper = new ScoreKeeper(
    {
      store,
      clock,
      log: (_level, _area, message) => void logged.push(message),
      http: () => Promise.resolve(err({ code: 'unreachable', detail: '' })),
      servers: () => Promise.resolve(ok({ esplora: [], proxies: [] })),
    },
    (writes) => {
      written.push(writes);
      void store.commit(writes);
    },
    () => undefined,
  );
  const learn = (scid: bigint): void => {
    const lesson = { scid: scid as Scid, direction: 0, amount: 5, outcome: 'refused' } as const;
    keeper.scorer.learn(lesson, 1_000_000, clock.now());
    keeper.changed();
  };
  return { store, clock, keeper, written, logged, learn };
}

describe('what payments taught', () => {
  it('is written a while after, once for many payments, and comes back after a restart', async () => {
    const { store, clock, written, learn } = stage();
    learn(1n);
    clock.advance(30_000);
    learn(2n);
    expect(written).toEqual([]);
    clock.advance(30_000);
    expect(written.map((writes) => writes.map(({ table, key }) => `${table}/${key}`))).toEqual([
      [`meta/${SCORES_KEY}`],
    ]);
    clock.advance(600_000);
    expect(written.length).toBe(1);
    const again = stage(store);
    await again.keeper.begin();
    expect([...again.keeper.scorer.beliefs].map(({ scid }) => scid)).toEqual([1n, 2n]);
  });

  it('is written at the end, and only when there is something to write', () => {
    const { keeper, written, learn } = stage();
    keeper.flush();
    expect(written).toEqual([]);
    learn(1n);
    keeper.flush();
    keeper.flush();
    expect(written.length).toBe(1);
  });

  it('that cannot be written holds nothing up: the node ends all the same', () => {
    const { keeper, written, logged } = stage();
    const lesson = { scid: 1n as Scid, direction: 0, amount: 5, outcome: 'refused' } as const;
    keeper.scorer.learn(lesson, 2 ** 60, 1_770_000_000);
    keeper.changed();
    expect(() => keeper.flush()).not.toThrow();
    expect(written).toEqual([]);
    expect(logged).toEqual(['the scores could not be written']);
  });

  it('is begun anew when it cannot be read', async () => {
    const store = new MemoryStore();
    await store.commit([put('meta', SCORES_KEY, Uint8Array.of(9, 9))]);
    const { keeper, logged, learn } = stage(store);
    await keeper.begin();
    expect(keeper.scorer.size).toBe(0);
    expect(logged).toEqual(['the scores are of no use']);
    learn(3n);
    expect(keeper.scorer.size).toBe(1);
  });
});
