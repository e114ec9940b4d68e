import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import type { Scid } from '../base/units.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { madeUpNode } from '../testkit/told-network.ts';
import { successProbability } from './liquidity.ts';
import { MOST_BELIEFS, Scorer, type Lesson } from './scorer.ts';
import { routeView } from './view.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const CAPACITY = 1_000_000;
const SCID = 7n as Scid;

const view = (() => {
  const channels = [{ scid: SCID, nodeA: madeUpNode(1), nodeB: madeUpNode(2), capacity: 1_000n }];
  const policies = [0, 1].map((direction) => ({
    scid: SCID,
    direction: direction as 0 | 1,
    htlcMaximum: 1_000_000n,
  }));
  const bytes = writeSnapshot({ version: 2, chainHash, at: 1_000_000, channels, policies });
  const graph = applySnapshot(emptyGraph(chainHash), bytes);
  if (!graph.ok) throw new Error(graph.error.code);
  return routeView(graph.value);
})();

/** What is believed of both directions. */
function believed(scorer: Scorer, now = 0): readonly (readonly [low: number, high: number])[] {
  const bounds = scorer.boundsFor(view, now);
  return [0, 1].map((edge) => {
    const slot = bounds?.slots[edge] ?? 0;
    return slot === 0 ? [0, CAPACITY] : [bounds!.low[slot]!, bounds!.high[slot]!];
  });
}

const lesson = (outcome: Lesson['outcome'], amount: number, direction: 0 | 1 = 0): Lesson => ({
  scid: SCID,
  direction,
  amount,
  outcome,
});

describe('what is learnt', () => {
  it('a channel that refused holds less, one that let pass holds as much; the other side holds the rest', () => {
    const scorer = new Scorer();
    scorer.learn(lesson('refused', 600_000), CAPACITY, 0);
    expect(believed(scorer)).toEqual([
      [0, 600_000],
      [400_000, CAPACITY],
    ]);
    scorer.learn(lesson('passed', 300_000), CAPACITY, 0);
    expect(believed(scorer)).toEqual([
      [300_000, 600_000],
      [400_000, 700_000],
    ]);
  });

  it('what arrived lies on the other side now', () => {
    const scorer = new Scorer();
    scorer.learn(lesson('kept', 300_000), CAPACITY, 0);
    expect(believed(scorer)).toEqual([
      [0, 700_000],
      [300_000, CAPACITY],
    ]);
    scorer.learn(lesson('kept', 200_000, 1), CAPACITY, 0);
    expect(believed(scorer)).toEqual([
      [200_000, 900_000],
      [100_000, 800_000],
    ]);
  });

  it('a channel that is doubted with others moves towards a refusal by its share', () => {
    const scorer = new Scorer();
    scorer.learn({ ...lesson('doubted', 200_000), share: 0.25 }, CAPACITY, 0);
    expect(believed(scorer)[0]).toEqual([0, 800_000]);
    scorer.learn(lesson('passed', 700_000), CAPACITY, 0);
    scorer.learn({ ...lesson('doubted', 200_000), share: 1 }, CAPACITY, 0);
    expect(believed(scorer)[0]).toEqual([700_000, 700_000]);
  });

  it('bounds that a search holds follow what is learnt, without being made anew', () => {
    const scorer = new Scorer();
    scorer.learn(lesson('refused', 600_000), CAPACITY, 0);
    const bounds = scorer.boundsFor(view, 0);
    scorer.learn(lesson('passed', 300_000), CAPACITY, 0);
    expect(scorer.boundsFor(view, 0)).toBe(bounds);
    expect(believed(scorer)[0]).toEqual([300_000, 600_000]);
  });

  it('is forgotten by and by', () => {
    const scorer = new Scorer();
    scorer.learn(lesson('refused', 200_000), CAPACITY, 0);
    expect(believed(scorer, 6 * 3_600)[0]).toEqual([0, 600_000]);
    expect(believed(scorer, 60 * 86_400)[0]).toEqual([0, CAPACITY]);
  });

  it('outlives a restart', () => {
    const scorer = new Scorer();
    scorer.learn(lesson('refused', 200_000), CAPACITY, 0);
    expect(believed(new Scorer(scorer.beliefs))).toEqual(believed(scorer));
  });

  it('stays in bounds: the longest untold of is dropped', () => {
    const scorer = new Scorer();
    for (let i = 0; i <= MOST_BELIEFS; i++)
      scorer.learn({ ...lesson('refused', 5), scid: BigInt(i) as Scid }, CAPACITY, 0);
    expect(scorer.size).toBe(MOST_BELIEFS);
    expect([...scorer.beliefs][0]?.scid).toBe(1n);
  });

  it('whatever is told in whatever order, bounds are bounds', () => {
    const told = fc.tuple(
      fc.constantFrom('passed' as const, 'kept' as const, 'refused' as const, 'doubted' as const),
      fc.nat({ max: 2 * CAPACITY }),
      fc.constantFrom(0 as const, 1 as const),
      fc.nat({ max: 100_000 }),
    );
    fc.assert(
      fc.property(fc.array(told), (lessons) => {
        const scorer = new Scorer();
        let now = 0;
        for (const [outcome, amount, direction, later] of lessons) {
          scorer.learn(lesson(outcome, amount, direction), CAPACITY, (now += later));
          for (const [low, high] of believed(scorer, now)) {
            expect(low).toBeGreaterThanOrEqual(0);
            expect(high).toBeGreaterThanOrEqual(low);
            expect(high).toBeLessThanOrEqual(CAPACITY);
          }
        }
      }),
    );
  });
});

describe('the chance that a channel carries an amount', () => {
  it('is 1 up to what it holds for sure, 0 from what it cannot hold on, and falls between', () => {
    const chance = (flow: number): number => successProbability(flow, 0, CAPACITY, CAPACITY);
    expect(successProbability(5, 5, 10, 20)).toBe(1);
    expect(successProbability(10, 5, 10, 20)).toBe(0);
    expect(chance(0)).toBe(1);
    expect(chance(CAPACITY / 2)).toBeCloseTo(0.5);
    let last = 1;
    for (let flow = 1; flow < CAPACITY; flow += CAPACITY / 50) {
      expect(chance(flow)).toBeLessThan(last);
      last = chance(flow);
    }
  });
});
