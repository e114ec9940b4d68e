import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { NETWORKS } from '../base/network.ts';
import type { Scid } from '../base/units.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { channelIndexOf, emptyGraph, scidAt } from '../gossip/graph.ts';
import { scoreField, writeScores, type ToldScore } from '../testkit/scores-writer.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { madeUpNode, toldNetwork } from '../testkit/told-network.ts';
import { MOST_SCORES, newestOf, readScores, type ExternalScores } from './external-scores.ts';
import { learntChance } from './learnt.ts';
import { successProbability } from './liquidity.ts';
import { Scorer } from './scorer.ts';
import { routeView } from './view.ts';

/** As LDK 0.1 wrote it, when 250,000 sat went through two channels and were refused by the third. */
const OF_LDK = fromHex(
  'fd024f00fd024b00030aae610000000001ba0008000000000ee6b28002080000000000000000040c0000000069813a800000' +
    '0000054342004000000000000000000000000000000000000000000000000000000000002000000000000000000000000000' +
    '0000000000000000000000000000000000000000000743420040002000000000000000000000000000000000000000000000' +
    '00000000000000000000000000000000000000000000000000000000000000000000000000000000090c0000000069813a80' +
    '000000000aae600000000001ba0008000000000ee6b28002080000000000000000040c0000000069813a8000000000054342' +
    '0040000000000000000000000000000000000000000000000000000000000020000000000000000000000000000000000000' +
    '0000000000000000000000000000000007434200400020000000000000000000000000000000000000000000000000000000' +
    '0000000000000000000000000000000000000000000000000000000000000000000000090c0000000069813a80000000000a' +
    'ae620000000001ba000800000000000000000208000000002c1b8100040c0000000069813a80000000000543420040002000' +
    '0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000' +
    '0000000000000000000000074342004000000000000000000000000000000000000000000000000000000000000000000000' +
    '002000000000000000000000000000000000000000000000000000000000090c0000000069813a8000000000',
);
const AT = 1_770_076_800;
const scids = [700_000n, 700_001n, 700_002n].map((block) => ((block << 40n) | 1n) as Scid);

const told = (change: Partial<ToldScore> = {}): ToldScore => ({
  scid: scids[0]!,
  least: 1n,
  lessThanAll: 2n,
  at: AT,
  ...change,
});

function read(bytes: Uint8Array): ExternalScores {
  const scores = readScores(bytes);
  if (!scores.ok) throw new Error(JSON.stringify(scores.error));
  return scores.value;
}

describe('scores of others', () => {
  it('are read as LDK writes them, in the order of the map', () => {
    const scores = read(OF_LDK);
    expect(scores.count).toBe(3);
    expect([...scores.scidHigh]).toEqual(scids.map((scid) => Number(scid >> 32n)));
    expect([...scores.scidLow]).toEqual(scids.map((scid) => Number(scid & 0xffff_ffffn)));
    expect([...scores.least]).toEqual([250_000_000, 250_000_000, 0]);
    expect([...scores.lessThanAll]).toEqual([0, 0, 740_000_000]);
    expect([...scores.at]).toEqual([AT, AT, AT]);
    expect(newestOf(scores)).toBe(AT);
    const stood = Array.from({ length: 6 }, (_, half) =>
      [...scores.histories.subarray(32 * half, 32 * half + 32)].flatMap((count, i) =>
        count === 0 ? [] : [`${count} at ${i}`],
      ),
    );
    // A quarter of it and a little is bucket 14; what was refused left three quarters out.
    expect(stood).toEqual([['32 at 14'], ['32 at 0'], ['32 at 14'], ['32 at 0'], ['32 at 0'], ['32 at 17']]);
  });

  it('are read from our own writer of tests as well, many and none', () => {
    expect(read(writeScores([])).count).toBe(0);
    expect(newestOf(read(writeScores([])))).toBeNull();
    const many = Array.from({ length: 0x1_0000 }, (_, i) => told({ scid: BigInt(0x1_0000 - i) }));
    const scores = read(writeScores(many));
    expect(scores.count).toBe(0x1_0000);
    expect(scores.scidLow[0]).toBe(1);
  });

  it.each<[string, Uint8Array, string]>([
    ['a channel is there twice', writeScores([told(), told()]), 'scores-nonsense'],
    ['it holds more than all money', writeScores([told({ least: 1n << 63n })]), 'scores-nonsense'],
    [
      'there is a field that must be understood',
      writeScores([told()], [scoreField(6, new Uint8Array(1))]),
      'scores-malformed',
    ],
    [
      'a field is there twice',
      writeScores([told()], [scoreField(4, new Uint8Array(12))]),
      'scores-malformed',
    ],
    [
      'a history is short',
      writeScores([told()], [scoreField(5, Uint8Array.of(4, 0, 2, 0, 32))]),
      'scores-malformed',
    ],
    ['a history is none', writeScores([told()], [scoreField(5, new Uint8Array(0))]), 'scores-malformed'],
    ['something follows', concatBytes(OF_LDK, new Uint8Array(1)), 'scores-malformed'],
    ['it is empty', new Uint8Array(), 'scores-malformed'],
    [
      'a time has no nanoseconds',
      fromHex('1b0019000100000000000000010f000100020800000000000000000400'),
      'scores-malformed',
    ],
    ['there are too many', Uint8Array.of(12, 0, 10, 0xff, 0xff, 0, 0, 0, 0, 0, 9, 0, 0), 'scores-too-many'],
  ])('are refused when %s', (_, bytes, code) => {
    expect(readScores(bytes)).toMatchObject({ ok: false, error: { code } });
    expect(MOST_SCORES).toBeGreaterThan(100_000);
  });

  it('are refused wherever they are cut off, and what is odd and unknown is passed over', () => {
    for (let cut = 0; cut < OF_LDK.length; cut++) expect(readScores(OF_LDK.subarray(0, cut)).ok).toBe(false);
    expect(read(writeScores([told()], [scoreField(13, new Uint8Array(9))])).count).toBe(1);
  });

  it('take no memory for channels that the bytes have no room for', () => {
    // Of 150,000 channels nothing follows.
    const bytes = fromHex('0c000affff' + (150_000 - 0xffff).toString(16).padStart(16, '0'));
    const made: unknown[] = [];
    vi.stubGlobal(
      'Float64Array',
      new Proxy(Float64Array, {
        construct(target, args) {
          made.push(args[0]);
          return Reflect.construct(target, args) as Float64Array;
        },
      }),
    );
    try {
      expect(readScores(bytes)).toEqual({ ok: false, error: { code: 'scores-malformed', offset: 13 } });
      expect(made).toEqual([]);
      expect(readScores(OF_LDK).ok).toBe(true);
      expect(made.length).toBeGreaterThan(0);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('are columns in order or a refusal, whatever the bytes', () => {
    const mutated = fc
      .tuple(fc.nat({ max: OF_LDK.length - 1 }), fc.nat({ max: 255 }))
      .map(([at, byte]) => OF_LDK.with(at, byte));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const scores = readScores(bytes);
        if (!scores.ok) return;
        const ids = Array.from(
          scores.value.scidHigh,
          (high, i) => (BigInt(high) << 32n) | BigInt(scores.value.scidLow[i]!),
        );
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => (a < b ? -1 : 1)));
      }),
    );
    expect(toHex(OF_LDK).length).toBe(2 * OF_LDK.length);
  });
});

describe('what others learnt, beside what we did', () => {
  const chainHash = NETWORKS.regtest.genesisHash;
  const CAPACITY = 990_000_000;
  const channels = scids.map((scid, i) => ({
    scid,
    nodeA: madeUpNode(i),
    nodeB: madeUpNode(i + 1),
    capacity: 990_000n,
  }));
  const policies = scids.flatMap((scid) =>
    ([0, 1] as const).map((direction) => ({ scid, direction, htlcMaximum: 990_000_000n })),
  );
  const applied = applySnapshot(
    emptyGraph(chainHash),
    writeSnapshot({ version: 2, chainHash, at: AT, channels, policies }),
  );
  if (!applied.ok) throw new Error(applied.error.code);
  const view = routeView(applied.value);
  const believed = (scorer: Scorer, scid: Scid, now = AT): readonly number[] => {
    const bounds = scorer.boundsFor(view, now);
    const slot = bounds?.slots[2 * channelIndexOf(view.graph, scid)] ?? 0;
    return slot === 0 ? [0, CAPACITY] : [bounds!.low[slot]!, bounds!.high[slot]!];
  };

  it('counts where we know nothing, fades, and goes when it is taken away', () => {
    const scorer = new Scorer();
    scorer.merge(read(OF_LDK));
    expect(scids.map((scid) => believed(scorer, scid))).toEqual([
      [250_000_000, CAPACITY],
      [250_000_000, CAPACITY],
      [0, 250_000_000],
    ]);
    expect(believed(scorer, scids[0]!, AT + 6 * 3_600)).toEqual([125_000_000, CAPACITY]);
    expect(scorer.size).toBe(0);
    scorer.merge(null);
    expect(scorer.boundsFor(view, AT)).toBeNull();
  });

  it('is corrected by a lesson of our own, and the newer word counts', () => {
    const lesson = { scid: scids[0]!, direction: 0, amount: 400_000_000, outcome: 'refused' } as const;
    const scorer = new Scorer();
    scorer.merge(read(OF_LDK));
    believed(scorer, scids[0]!);
    scorer.learn(lesson, CAPACITY, AT + 1);
    expect(believed(scorer, scids[0]!, AT + 1)).toEqual([250_000_000, 400_000_000]);
    scorer.merge(read(writeScores([told({ least: 500_000_000n, lessThanAll: 0n, at: AT + 60 })])));
    expect(believed(scorer, scids[0]!, AT + 60)).toEqual([500_000_000, CAPACITY]);
    scorer.merge(read(writeScores([told({ least: 500_000_000n, lessThanAll: 0n, at: AT - 60 })])));
    expect(believed(scorer, scids[0]!, AT + 1)[1]).toBe(400_000_000);
  });

  it('tells of the past of channels, long after the bounds have faded', () => {
    const scorer = new Scorer();
    scorer.merge(read(OF_LDK));
    const chance = (scid: Scid, direction: 0 | 1, now: number): number => {
      const bounds = scorer.boundsFor(view, now);
      const slot = bounds?.slots[2 * channelIndexOf(view.graph, scid) + direction] ?? 0;
      return bounds === null || slot === 0 ? NaN : learntChance(bounds, slot, 200_000_000, CAPACITY);
    };
    const prior = successProbability(200_000_000, 0, CAPACITY, CAPACITY);
    const later = AT + 7 * 86_400;
    expect(chance(scids[0]!, 0, later)).toBeGreaterThan(prior + 0.1);
    expect(chance(scids[2]!, 0, later)).toBeLessThan(prior - 0.1);
    expect(chance(scids[2]!, 1, later)).toBeGreaterThan(prior + 0.1);
    expect(chance(scids[0]!, 0, AT + 90 * 86_400)).toBeNaN();
  });

  it('does not count where it cannot be true', () => {
    const scorer = new Scorer();
    scorer.merge(read(writeScores([told({ least: 900_000_000n, lessThanAll: 900_000_000n })])));
    expect(believed(scorer, scids[0]!)).toEqual([0, CAPACITY]);
  });
});

it('scores from the future do not stand above lessons of our own', () => {
  const now = 1_770_076_800;
  const { genesisHash } = NETWORKS.mainnet;
  const bytes = writeSnapshot({
    version: 2,
    chainHash: genesisHash,
    at: now,
    ...toldNetwork(4, 30, 3),
    nodes: [],
  });
  const applied = applySnapshot(emptyGraph(genesisHash), bytes);
  if (!applied.ok) throw new Error(applied.error.code);
  const graph = applied.value;
  const capacity = (graph.channels.capacity[0] ?? 0) * 1_000;
  const scorer = new Scorer();
  scorer.merge({
    count: 1,
    scidHigh: graph.channels.scidHigh.slice(0, 1),
    scidLow: graph.channels.scidLow.slice(0, 1),
    least: Float64Array.of(0.9 * capacity),
    lessThanAll: Float64Array.of(0),
    at: Float64Array.of(now + 1e9),
    histories: new Uint16Array(64),
  });
  const view = routeView(graph);
  const highest = (at: number): number => {
    const bounds = scorer.boundsFor(view, at);
    return bounds?.high[bounds.slots[0] ?? 0] ?? 0;
  };
  expect(highest(now)).toBe(capacity);
  scorer.learn(
    { scid: scidAt(graph, 0), direction: 0, amount: capacity / 10, outcome: 'refused' },
    capacity,
    now,
  );
  expect(highest(now + 700)).toBeLessThan(capacity / 2);
});
