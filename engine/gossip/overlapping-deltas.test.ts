import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { writeSnapshot, type ToldPolicy } from '../testkit/snapshot-writer.ts';
import { drawer, toldNetwork } from '../testkit/told-network.ts';
import { applySnapshot } from './apply-snapshot.ts';
import { emptyGraph, nodeIdAt, policyAt, scidAt, type Graph } from './graph.ts';

const { genesisHash: chainHash } = NETWORKS.mainnet;
const BEGIN = 1_770_076_800;
const DAY = 86_400;
const DAYS = 6;

type Values = Pick<
  ToldPolicy,
  'disabled' | 'cltvDelta' | 'htlcMinimum' | 'feeBase' | 'feeProportionalMillionths' | 'htlcMaximum'
>;

/** A network as a server saw it day by day: channels that came, and what their ends asked for on each. */
function history(seed: number) {
  const draw = drawer(seed);
  const { channels, policies } = toldNetwork(seed, 8, 2);
  const cameOn = new Map(channels.map(({ scid }) => [scid, Math.floor(draw() * DAYS)]));
  const days = policies.map(({ scid, direction, incremental: _never, ...first }) => {
    let values: Values = first;
    return {
      scid,
      direction,
      byDay: Array.from({ length: DAYS }, () => {
        const change: Values = {
          ...(draw() < 0.2 ? { disabled: draw() < 0.5 } : {}),
          ...(draw() < 0.3 ? { feeBase: Math.floor(draw() * 2_000) } : {}),
          ...(draw() < 0.3 ? { cltvDelta: 18 + Math.floor(draw() * 100) } : {}),
          ...(draw() < 0.2 ? { htlcMinimum: BigInt(Math.floor(draw() * 1_000)) } : {}),
        };
        return (values = { ...values, ...change });
      }),
    };
  });
  /** What a server tells of `day` to who knows all of the day `since`; −1: nothing. */
  const snapshot = (since: number, day: number): Uint8Array =>
    writeSnapshot({
      version: seed % 2 === 0 ? 1 : 2,
      chainHash,
      at: BEGIN + day * DAY,
      channels: channels.filter(({ scid }) => {
        const came = cameOn.get(scid) ?? 0;
        return came <= day && came > since;
      }),
      policies: days.flatMap(({ scid, direction, byDay }): readonly ToldPolicy[] => {
        const came = cameOn.get(scid) ?? 0;
        const now = byDay[day];
        if (came > day || now === undefined) return [];
        const before = came > since ? undefined : byDay[since];
        if (before === undefined) return [{ scid, direction, ...now }];
        const changed = Object.entries(now).filter(([name, value]) => before[name as keyof Values] !== value);
        // The flag of a channel that is out of use is said with each update.
        const { disabled = false } = now;
        return changed.length === 0
          ? []
          : [{ scid, direction, incremental: true, ...Object.fromEntries(changed), disabled }];
      }),
    });
  return { snapshot };
}

function applied(graph: Graph, bytes: Uint8Array): Graph {
  const result = applySnapshot(graph, bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** All that it says, but for when it was told. */
const sayings = (graph: Graph): unknown =>
  Array.from({ length: graph.channels.count }, (_, channel) => ({
    scid: scidAt(graph, channel),
    ends: [graph.channels.nodeA, graph.channels.nodeB].map((ends) => nodeIdAt(graph, ends[channel] ?? 0)),
    policies: ([0, 1] as const).map((direction) => {
      const policy = policyAt(graph, channel, direction);
      return policy === null ? null : { ...policy, updatedAt: 0 };
    }),
  }));

it('however often it is asked, and however far back a delta reaches, what it all makes is what one snapshot makes', () => {
  // Each: how many days go by, and by how many the delta begins too early; some days one is applied twice.
  const looks = fc.array(
    fc.record({ days: fc.integer({ min: 1, max: 3 }), back: fc.nat({ max: 3 }), twice: fc.boolean() }),
    {
      minLength: 1,
      maxLength: DAYS,
    },
  );
  fc.assert(
    fc.property(fc.nat(), looks, (seed, all) => {
      const { snapshot } = history(seed);
      const last = DAYS - 1;
      let graph = emptyGraph(chainHash);
      let at = -1;
      const look = (day: number, back: number, twice: boolean): void => {
        const bytes = snapshot(Math.max(-1, at - back), day);
        graph = applied(graph, bytes);
        if (twice) graph = applied(graph, bytes);
        at = day;
      };
      for (const { days, back, twice } of all) if (at + days < last) look(at + days, back, twice);
      if (at < last) look(last, 0, false);
      expect(sayings(graph)).toEqual(sayings(applied(emptyGraph(chainHash), snapshot(-1, last))));
      expect(graph.snapshotAt).toBe(BEGIN + last * DAY);
    }),
    { numRuns: 20 },
  );
});
