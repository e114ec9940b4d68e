import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { nodeId } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { ok } from '../base/result.ts';
import { msat, timestamp, type Scid } from '../base/units.ts';
import { decode, encode } from '../codec/field.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph, nodeIdAt, scidAt } from '../gossip/graph.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { toldNetwork } from '../testkit/told-network.ts';
import { recall, scoresOf, scoresRecord, type Scores } from './score-record.ts';
import { Scorer } from './scorer.ts';
import { teach } from './teach.ts';
import { routeView } from './view.ts';

const NOW = 1_770_076_800;
const scid = 0x0c35_0000_0100_0001n as Scid;
const node = nodeId(`02${'ab'.repeat(32)}`);

const scores: Scores = {
  beliefs: [{ scid, low: 1_000, high: 5_000_000_000, capacity: 9_000_000_000, at: NOW }],
  channels: [{ what: scid, until: NOW + 600 }],
  nodes: [{ what: node, until: NOW + 3_600 }],
};
/** As the first version wrote them. */
const FROZEN =
  '01010c35000001000001fd03e8ff000000012a05f200ff0000000218711a00fe69813a80010c35000001000001fe69813cd80102ababababababababababababababababababababababababababababababababfe6981489000';

describe('scores on disk', () => {
  it('are read as version 1 wrote them, for ever', () => {
    expect(decode(scoresRecord, fromHex(FROZEN))).toEqual(ok(scores));
    expect(toHex(encode(scoresRecord, scores))).toBe(FROZEN);
  });

  it('bring back what was learnt, in whole millisatoshis on the safe side', () => {
    const scorer = new Scorer();
    scorer.learn({ scid, direction: 0, amount: 300_001, outcome: 'refused' }, 1_000_000, NOW);
    scorer.learn({ scid, direction: 0, amount: 100_003, outcome: 'passed' }, 1_000_000, NOW + 1_000);
    scorer.shun(scid, NOW + 5);
    scorer.shun(node, NOW + 6);
    const read = decode(scoresRecord, encode(scoresRecord, scoresOf(scorer)));
    if (!read.ok) throw new Error(read.error.code);
    const again = new Scorer();
    recall(again, read.value);
    const [was] = scorer.beliefs;
    expect([...again.beliefs]).toEqual([
      { ...was, low: Math.floor(was?.low ?? 0), high: Math.ceil(was?.high ?? 0) },
    ]);
    expect(again.shunned(timestamp(NOW))).toEqual({ scids: new Set([scid]), nodes: new Set([node]) });
  });

  it('do not stand above what is newer', () => {
    const scorer = new Scorer();
    scorer.learn({ scid, direction: 0, amount: 7, outcome: 'refused' }, 9_000_000_000, NOW + 60);
    recall(scorer, scores);
    expect([...scorer.beliefs]).toMatchObject([{ high: 7, at: NOW + 60 }]);
  });

  it('are kept up to a size, the newest first', () => {
    const scorer = new Scorer();
    for (let i = 1; i <= 6_000; i++)
      scorer.learn({ scid: BigInt(i) as Scid, direction: 0, amount: 5, outcome: 'refused' }, 1_000_000, NOW);
    const { beliefs } = scoresOf(scorer);
    expect(beliefs.length).toBe(5_000);
    expect(beliefs.at(-1)?.scid).toBe(6_000n);
    expect(encode(scoresRecord, scoresOf(scorer)).length).toBeLessThan(200_000);
  });

  it('that make no sense are refused, whatever the bytes', () => {
    const bad = { ...scores.beliefs[0]!, low: 6_000_000_000 };
    expect(decode(scoresRecord, encode(scoresRecord, { ...scores, beliefs: [bad] })).ok).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = decode(scoresRecord, bytes);
        for (const { low, high, capacity } of read.ok ? read.value.beliefs : [])
          expect(low <= high && high <= capacity).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

it('holds what was learnt of a channel that says it takes more than all money', () => {
  const told = toldNetwork(4, 10, 3);
  const [channel] = told.channels;
  if (channel === undefined) throw new Error('no channel');
  const policies = told.policies.map((policy) =>
    policy.scid === channel.scid ? { ...policy, htlcMaximum: 2_000_000_000_000_000_000n } : policy,
  );
  // Version 1 tells no capacities.
  const bytes = writeSnapshot({
    version: 1,
    chainHash: NETWORKS.mainnet.genesisHash,
    at: NOW,
    channels: told.channels,
    policies,
  });
  const applied = applySnapshot(emptyGraph(NETWORKS.mainnet.genesisHash), bytes);
  if (!applied.ok) throw new Error(applied.error.code);
  const graph = applied.value;
  const scorer = new Scorer();
  const lesson = {
    tag: 'channel',
    scid: scidAt(graph, 0),
    from: nodeIdAt(graph, graph.channels.nodeA[0] ?? 0),
    to: nodeIdAt(graph, graph.channels.nodeB[0] ?? 0),
    amount: msat(1_000),
    outcome: 'passed',
  } as const;
  teach(scorer, routeView(graph), [lesson], timestamp(NOW));
  expect(scorer.size).toBe(1);
  expect(decode(scoresRecord, encode(scoresRecord, scoresOf(scorer)))).toMatchObject({ ok: true });
});
