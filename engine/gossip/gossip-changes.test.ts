import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { blockDelta, msat, sat, timestamp, type Scid } from '../base/units.ts';
import { announcer, nodeBy, updateBy } from '../testkit/signed-gossip.ts';
import { madeUpNode, toldNetwork, type ToldNetwork } from '../testkit/told-network.ts';
import { DISABLE, type ChannelUpdate } from '../wire/gossip.ts';
import { channelsOfNode } from './channels-of-node.ts';
import { applyGossip, edgeName, GossipChanges } from './gossip-changes.ts';
import { emptyGraph, nodeDetailOf, nodeIdAt, nodeIndexOf, policyAt, scidAt, type Graph } from './graph.ts';

const { genesisHash: chain } = NETWORKS.regtest;
const empty = emptyGraph(chain);
const AT = 1_770_000_000;
const template = updateBy(chain, 1n as Scid, announcer('a'), announcer('b'), AT);

function applied(graph: Graph, changes: GossipChanges): Graph {
  const slices = applyGossip(graph, changes);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

/** All of the network, `turn` of each channel and of each update given by `parts`. */
function changesOf(
  network: ToldNetwork,
  isIn: (scid: bigint, what: 'channel' | 0 | 1) => boolean,
): GossipChanges {
  const changes = new GossipChanges();
  for (const { scid, nodeA, nodeB, capacity } of network.channels)
    if (isIn(scid, 'channel'))
      changes.addChannel({ scid: scid as Scid, nodeA, nodeB, capacity: sat(capacity ?? 0), announcedAt: AT });
  for (const {
    scid,
    direction,
    disabled = false,
    cltvDelta = 0,
    feeBase = 0,
    ...policy
  } of network.policies) {
    if (!isIn(scid, direction)) continue;
    const update: ChannelUpdate = {
      ...template,
      scid: scid as Scid,
      channelFlags: direction | (disabled ? DISABLE : 0),
      cltvExpiryDelta: blockDelta(cltvDelta),
      feeBase,
      feeProportionalMillionths: policy.feeProportionalMillionths ?? 0,
      htlcMinimum: msat(policy.htlcMinimum ?? 0n),
      htlcMaximum: msat(policy.htlcMaximum ?? 0n),
    };
    changes.updates.set(edgeName(update), update);
  }
  return changes;
}

/** In words that do not depend on how nodes are numbered. */
const sayings = (graph: Graph): unknown =>
  Array.from({ length: graph.channels.count }, (_, channel) => ({
    scid: scidAt(graph, channel),
    nodes: [nodeIdAt(graph, graph.channels.nodeA[channel]!), nodeIdAt(graph, graph.channels.nodeB[channel]!)],
    capacity: graph.channels.capacity[channel],
    policies: [policyAt(graph, channel, 0), policyAt(graph, channel, 1)],
  }));

describe('what peers told', () => {
  it('makes the same map in portions as at once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 20 }), (seed, parts) => {
        const network = toldNetwork(seed, 10, 2);
        const turnOf = (scid: bigint): number => parts[Number((scid >> 40n) % BigInt(parts.length))] ?? 0;
        let grown = empty;
        for (let turn = 0; turn <= 5; turn++)
          grown = applied(
            grown,
            changesOf(network, (scid, what) => turnOf(scid) + (what === 'channel' ? 0 : what + 1) === turn),
          );
        const whole = applied(
          empty,
          changesOf(network, () => true),
        );
        expect(sayings(grown)).toEqual(sayings(whole));
        expect(whole.incoming.edges.length).toBe(network.policies.length);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves the map before as it was', () => {
    const network = toldNetwork(3, 12, 2);
    const before = applied(
      empty,
      changesOf(network, () => true),
    );
    const said = sayings(before);
    const changes = changesOf(network, (_, what) => what === 0);
    for (const [name, update] of changes.updates)
      changes.updates.set(name, { ...update, timestamp: timestamp(AT + 1), feeBase: 77 });
    const after = applied(before, changes);
    expect(sayings(before)).toEqual(said);
    expect(policyAt(after, 0, 0)).toMatchObject({ feeBase: 77n, updatedAt: AT + 1 });
    expect(policyAt(after, 0, 1)).toEqual(policyAt(before, 0, 1));
  });

  it('of channels that it lacks is passed over, and so is what is not newer', () => {
    const network = toldNetwork(3, 12, 2);
    const only = changesOf(network, (_, what) => what !== 'channel');
    expect(applied(empty, only).channels.count).toBe(0);
    const whole = applied(
      empty,
      changesOf(network, () => true),
    );
    const [first] = only.updates;
    if (first === undefined) throw new Error('nothing was told');
    const [name, update] = first;
    const again = new GossipChanges();
    again.updates.set(name, { ...update, feeBase: 9_999 });
    expect(sayings(applied(whole, again))).toEqual(sayings(whole));
  });

  it('forgets the channels of nodes that are forgotten, and keeps what nodes say of themselves', () => {
    const network = toldNetwork(5, 12, 2);
    const whole = applied(
      empty,
      changesOf(network, () => true),
    );
    const gone = madeUpNode(0);
    const changes = new GossipChanges();
    changes.forgotten.add(gone);
    const other = network.nodes.find((id) => id !== gone && nodeIndexOf(whole, id) >= 0)!;
    changes.nodes.set(other, { ...nodeBy(announcer('a'), AT, 'Other'), nodeId: other });
    const left = applied(whole, changes);
    expect(channelsOfNode(left, nodeIndexOf(left, gone))).toHaveLength(0);
    expect(left.channels.count).toBe(
      network.channels.filter(({ nodeA, nodeB }) => nodeA !== gone && nodeB !== gone).length,
    );
    expect(nodeDetailOf(left, nodeIndexOf(left, other))).toMatchObject({ announcedAt: AT });
  });
});
