import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { sat } from '../base/units.ts';
import { announcer, nodeBy, scidAtPlace } from '../testkit/signed-gossip.ts';
import { findNodes } from './find-nodes.ts';
import { applyGossip, GossipChanges } from './gossip-changes.ts';
import { emptyGraph, nodeIdAt, type Graph } from './graph.ts';

const ALIASES = ['ACINQ', 'acinq mirror', 'Not ACINQ', 'Zürich ⚡', '', 'ＷＩＤＥ'];
const nodes = ALIASES.map((alias, i) => ({ alias, who: announcer(`node ${i}`) }));

function graphOf(): Graph {
  const changes = new GossipChanges();
  const [hub] = nodes;
  for (const [i, { who, alias }] of nodes.entries()) {
    if (alias !== '') changes.nodes.set(who.id, nodeBy(who, 1_770_000_000, alias));
    if (hub === undefined || who === hub.who) continue;
    // The later, the more channels.
    for (let n = 0; n <= i; n++) {
      const [nodeA, nodeB] = [hub.who.id, who.id].sort() as [typeof who.id, typeof who.id];
      changes.addChannel({
        scid: scidAtPlace(100 + i, n, 0),
        nodeA,
        nodeB,
        capacity: sat(1_000),
        announcedAt: 1,
      });
    }
  }
  const slices = applyGossip(emptyGraph(NETWORKS.regtest.genesisHash), changes);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

describe('nodes by name', () => {
  const graph = graphOf();
  const found = (text: string, limit = 10): string[] =>
    findNodes(graph, text, limit).map((node) => nodeIdAt(graph, node));
  const ids = (...places: readonly number[]): string[] => places.map((i) => nodes[i]?.who.id ?? '');

  it('the very name, then names that begin so, then those that hold it', () => {
    expect(found(' acinq ')).toEqual(ids(0, 1, 2));
    expect(found('ACINQ', 2)).toEqual(ids(0, 1));
    expect(found('mirror')).toEqual(ids(1));
  });

  it('whatever the case and the form of the letters', () => {
    expect(found('zürich'.normalize('NFD'))).toEqual(ids(3));
    expect(found('wide')).toEqual(ids(5));
  });

  it('among equals those with more channels first', () => {
    // All three hold it further in; the last has most channels but for the hub, which each of them is with.
    expect(found('in')).toEqual(ids(0, 2, 1));
  });

  it('by the beginning of an id', () => {
    expect(found(nodes[4]?.who.id.slice(0, 20) ?? '')).toEqual(ids(4));
    expect(found((nodes[4]?.who.id ?? '').toUpperCase())).toEqual(ids(4));
  });

  it('nothing by nothing', () => {
    expect(found('  ')).toEqual([]);
    expect(found('nobody')).toEqual([]);
  });
});
