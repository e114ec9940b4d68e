import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { NETWORKS } from '../base/network.ts';
import { timestamp, type Scid } from '../base/units.ts';
import { writeSnapshot, type ToldPolicy, type ToldSnapshot } from '../testkit/snapshot-writer.ts';
import { madeUpNode, toldNetwork } from '../testkit/told-network.ts';
import { applySnapshot } from './apply-snapshot.ts';
import { channelIndexOf, emptyGraph, nodeIdAt, nodeIndexOf, policyAt, scidAt, type Graph } from './graph.ts';
import { nodeDetailAt } from './graph/node-details.ts';
import { pruneStale } from './prune.ts';

const { genesisHash: chainHash } = NETWORKS.mainnet;
const AT = 1_770_076_800;
const DAY = 86_400;
const empty = emptyGraph(chainHash);

function applied(graph: Graph, bytes: Uint8Array): Graph {
  const result = applySnapshot(graph, bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const told = (change: Partial<ToldSnapshot> = {}): ToldSnapshot => ({
  version: 2,
  chainHash,
  at: AT,
  channels: [],
  policies: [],
  ...change,
});

/** All that the graph says, in words that do not depend on how nodes are numbered. */
function sayings(graph: Graph): unknown {
  return Array.from({ length: graph.channels.count }, (_, channel) => ({
    scid: scidAt(graph, channel),
    nodes: [nodeIdAt(graph, graph.channels.nodeA[channel]!), nodeIdAt(graph, graph.channels.nodeB[channel]!)],
    capacity: graph.channels.capacity[channel],
    policies: [policyAt(graph, channel, 0), policyAt(graph, channel, 1)],
  }));
}

describe('a full snapshot', () => {
  const network = toldNetwork(7, 60, 3);

  it.each([1, 2] as const)('version %i says what was told', (version) => {
    const graph = applied(empty, writeSnapshot(told({ version, ...network, nodes: [] })));
    expect(graph.channels.count).toBe(network.channels.length);
    expect(graph.snapshotAt).toBe(AT);
    for (const { scid, nodeA, nodeB, capacity } of network.channels) {
      const channel = channelIndexOf(graph, scid as Scid);
      expect(scidAt(graph, channel)).toBe(scid);
      expect(nodeIdAt(graph, graph.channels.nodeA[channel]!)).toBe(nodeA);
      expect(nodeIdAt(graph, graph.channels.nodeB[channel]!)).toBe(nodeB);
      expect(graph.channels.capacity[channel]).toBe(version === 2 ? Number(capacity) : 0);
    }
    for (const { scid, direction, ...policy } of network.policies)
      expect(policyAt(graph, channelIndexOf(graph, scid as Scid), direction)).toEqual({
        ...policy,
        feeBase: BigInt(policy.feeBase!),
        updatedAt: AT - 7 * DAY,
      });
  });

  it('finds the channels that lead to a node', () => {
    const graph = applied(empty, writeSnapshot(told({ ...network, nodes: [] })));
    const { starts, edges } = graph.incoming;
    expect(edges.length).toBe(network.policies.length);
    for (let node = 0; node < graph.nodes.count; node++)
      for (const edge of edges.subarray(starts[node], starts[node + 1])) {
        const { nodeA, nodeB } = graph.channels;
        expect(edge % 2 === 0 ? nodeB[edge >> 1] : nodeA[edge >> 1]).toBe(node);
      }
  });

  it('takes what is not said from the defaults', () => {
    const defaults = {
      cltvDelta: 34,
      htlcMinimum: 7n,
      feeBase: 8,
      feeProportionalMillionths: 9,
      htlcMaximum: 10_000n,
    };
    const channels = [{ scid: 5n, nodeA: madeUpNode(0), nodeB: madeUpNode(1) }];
    const policies = [{ scid: 5n, direction: 1 as const }];
    const graph = applied(empty, writeSnapshot(told({ channels, policies, defaults })));
    expect(policyAt(graph, 0, 0)).toBeNull();
    expect(policyAt(graph, 0, 1)).toMatchObject({ ...defaults, feeBase: 8n, disabled: false });
  });

  it('tells addresses and features of nodes', () => {
    const [a, b, c] = [madeUpNode(1), madeUpNode(2), madeUpNode(3)];
    const address = fromHex('017f00000126a3');
    const nodes = [
      { id: a, addresses: [address, fromHex('63')], features: fromHex('0100') },
      { id: b, defaultFeatures: 2 },
      { id: c },
    ];
    const defaultFeatures = [fromHex('aa'), fromHex('bbcc')];
    const graph = applied(empty, writeSnapshot(told({ nodes, defaultFeatures })));
    const detail = (id: typeof a) => nodeDetailAt(graph.details, nodeIndexOf(graph, id));
    expect(detail(a)).toMatchObject({ features: fromHex('0100'), addresses: fromHex('017f00000126a363') });
    expect(detail(b)).toMatchObject({ features: fromHex('bbcc'), addresses: fromHex('') });
    expect(detail(c)).toBeNull();
    expect(nodeIndexOf(graph, madeUpNode(4))).toBe(-1);
    const later = applied(graph, writeSnapshot(told({ nodes: [{ id: a, features: fromHex('02') }] })));
    expect(nodeDetailAt(later.details, nodeIndexOf(later, a))).toMatchObject({
      features: fromHex('02'),
      addresses: fromHex('017f00000126a363'),
    });
    expect(nodeDetailAt(later.details, nodeIndexOf(later, b))).toMatchObject({ features: fromHex('bbcc') });
  });
});

describe('a delta', () => {
  const channels = [1n, 2n, 3n].map((scid) => ({ scid, nodeA: madeUpNode(1), nodeB: madeUpNode(2) }));
  const policy: ToldPolicy = { scid: 2n, direction: 0, feeBase: 5, cltvDelta: 50 };
  const graph = applied(empty, writeSnapshot(told({ channels, policies: [policy] })));
  const next = (policies: readonly ToldPolicy[], at = AT + DAY): Graph =>
    applied(graph, writeSnapshot(told({ at, policies })));

  it('changes what it names and leaves the rest', () => {
    const changed = next([{ scid: 2n, direction: 0, incremental: true, feeBase: 6, disabled: true }]);
    expect(policyAt(changed, 1, 0)).toMatchObject({ feeBase: 6n, cltvDelta: 50, disabled: true });
    expect(policyAt(graph, 1, 0)).toMatchObject({ feeBase: 5n, cltvDelta: 50, disabled: false });
  });

  it('of a channel that is not known, or not yet told of, is passed over', () => {
    const changed = next([
      { scid: 2n, direction: 1, incremental: true, feeBase: 6 },
      { scid: 9n, direction: 0, htlcMaximum: 5n },
    ]);
    expect(sayings(changed)).toEqual(sayings(graph));
  });

  it('does not undo what is newer', () => {
    const older = next([{ scid: 2n, direction: 0, feeBase: 9 }], AT - DAY);
    expect(policyAt(older, 1, 0)).toMatchObject({ feeBase: 5n });
    expect(older.snapshotAt).toBe(AT);
  });

  it('ignores a maximum above the capacity, or above all money', () => {
    const known = applied(
      empty,
      writeSnapshot(told({ channels: [{ ...channels[0]!, capacity: 100n }, channels[1]!] })),
    );
    const changed = applied(
      known,
      writeSnapshot(
        told({
          policies: [
            { scid: 1n, direction: 0, htlcMaximum: 100_001n },
            { scid: 1n, direction: 1, htlcMaximum: 100_000n },
            { scid: 2n, direction: 0, htlcMaximum: 2n ** 64n - 1n },
          ],
        }),
      ),
    );
    expect(policyAt(changed, 0, 0)).toBeNull();
    expect(policyAt(changed, 0, 1)).not.toBeNull();
    expect(policyAt(changed, 1, 0)).toBeNull();
  });

  it('applied one after the other, deltas make what one snapshot makes', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat({ max: 3 }), { minLength: 1 }), (seed, cuts) => {
        const network = toldNetwork(seed, 12, 2);
        const part = ({ scid }: { readonly scid: bigint }): number =>
          cuts[Number((scid >> 40n) % BigInt(cuts.length))] ?? 0;
        const whole = applied(empty, writeSnapshot(told({ ...network, nodes: [] })));
        let grown = empty;
        for (let turn = 0; turn <= 3; turn++)
          grown = applied(
            grown,
            writeSnapshot(
              told({
                channels: network.channels.filter((channel) => part(channel) === turn),
                policies: network.policies.filter((one) => part(one) === turn),
              }),
            ),
          );
        expect(sayings(grown)).toEqual(sayings(whole));
      }),
      { numRuns: 40 },
    );
  });

  it('applied twice, it changes nothing', () => {
    const bytes = writeSnapshot(told({ ...toldNetwork(3, 20, 2), nodes: [] }));
    const once = applied(empty, bytes);
    expect(sayings(applied(once, bytes))).toEqual(sayings(once));
  });
});

describe('what is refused', () => {
  const small = toldNetwork(11, 6, 2);
  const bytes = writeSnapshot(told({ ...small, nodes: [{ id: madeUpNode(9), features: fromHex('08') }] }));

  it('another chain, an old one, one from the future', () => {
    const other = writeSnapshot(told({ chainHash: NETWORKS.regtest.genesisHash }));
    expect(applySnapshot(empty, other)).toEqual({ ok: false, error: { code: 'snapshot-wrong-chain' } });
    expect(applySnapshot(empty, bytes, timestamp(AT + 15 * DAY))).toMatchObject({
      ok: false,
      error: { code: 'snapshot-stale', ageSeconds: 15 * DAY },
    });
    expect(applySnapshot(empty, bytes, timestamp(AT - 2 * DAY))).toMatchObject({
      ok: false,
      error: { code: 'snapshot-ahead' },
    });
    expect(applySnapshot(empty, bytes, timestamp(AT + DAY)).ok).toBe(true);
  });

  it('bytes cut off anywhere, or too many', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(applySnapshot(empty, bytes.subarray(0, length))).toMatchObject({
        ok: false,
        error: { code: 'snapshot-invalid' },
      });
    expect(applySnapshot(empty, Uint8Array.of(...bytes, 0))).toMatchObject({
      ok: false,
      error: { detail: 'trailing' },
    });
  });

  it('more nodes or channels than there can be', () => {
    const at = 4 + 32 + 4 + 1;
    const many = bytes.slice();
    many.set(fromHex('ffffffff'), at);
    expect(applySnapshot(empty, many)).toMatchObject({ ok: false, error: { detail: 'too-many' } });
  });

  it('any change of bytes gives a graph or a refusal, and the graph before stays as it was', () => {
    const graph = applied(empty, bytes);
    const before = sayings(graph);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1 }),
        (changes) => {
          const bad = bytes.slice();
          for (const [at, value] of changes) bad[at] = value;
          const result = applySnapshot(graph, bad);
          if (!result.ok) expect(result.error.code).toMatch(/^snapshot-/);
          else expect(result.value.channels.count).toBeGreaterThanOrEqual(graph.channels.count);
          expect(sayings(graph)).toEqual(before);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a channel of a node with itself, an index beyond the nodes', () => {
    const [channel] = small.channels;
    const own = writeSnapshot(told({ channels: [{ ...channel!, nodeB: channel!.nodeA }] }));
    expect(applySnapshot(empty, own)).toMatchObject({ ok: false, error: { detail: 'out-of-range' } });
  });
});

it('a node that is told of over and over costs no more than one: what is said first counts', () => {
  const count = 5_000;
  const nodes = Array.from({ length: count }, (_, i) => ({
    id: madeUpNode(i),
    addresses: [new Uint8Array(250).fill(i === 0 ? 1 : 2), new Uint8Array(250)],
    features: new Uint8Array(64).fill(i === 0 ? 1 : 2),
  }));
  const bytes = writeSnapshot(told({ nodes }));
  const first = 4 + 32 + 4 + 1 + 4;
  const each = 33 + 1 + 2 * 251 + 2 + 64;
  for (let i = 1; i < count; i++) bytes.copyWithin(first + i * each, first, first + 33);
  const sizes: number[] = [];
  vi.stubGlobal(
    'Uint8Array',
    new Proxy(Uint8Array, {
      construct(target, args) {
        if (typeof args[0] === 'number') sizes.push(args[0]);
        return Reflect.construct(target, args) as Uint8Array;
      },
    }),
  );
  let graph: Graph;
  try {
    graph = applied(empty, bytes);
  } finally {
    vi.unstubAllGlobals();
  }
  expect(graph.nodes.count).toBe(1);
  expect(nodeDetailAt(graph.details, 0)?.features).toEqual(new Uint8Array(64).fill(1));
  expect(nodeDetailAt(graph.details, 0)?.addresses[0]).toBe(1);
  // Room for the ids of as many nodes as are told of, and for what one of them says.
  expect(Math.max(...sizes)).toBe(33 * count);
});

it('forgets channels of which nobody told for two weeks', () => {
  const [old, half, fresh] = [1n, 2n, 3n].map((scid) => ({
    scid,
    nodeA: madeUpNode(1),
    nodeB: madeUpNode(2),
  }));
  const both = (scid: bigint): readonly ToldPolicy[] => [
    { scid, direction: 0 },
    { scid, direction: 1 },
  ];
  const first = applied(
    empty,
    writeSnapshot(told({ channels: [old!, half!, fresh!], policies: [1n, 2n, 3n].flatMap(both) })),
  );
  expect(pruneStale(first, timestamp(AT + 6 * DAY))).toBe(first);
  const said = [{ scid: 2n, direction: 0 as const, incremental: true }, ...both(3n)];
  const later = applied(first, writeSnapshot(told({ at: AT + 10 * DAY, policies: said })));
  const pruned = pruneStale(later, timestamp(AT + 8 * DAY));
  expect([0].map((channel) => scidAt(pruned, channel))).toEqual([3n]);
  expect(pruned.channels.count).toBe(1);
  expect(pruned.incoming.edges.length).toBe(2);
});

const DATA = new URL('../../../shared/data/', import.meta.url);
const real = new URL('mainnet-2026-02-03.rgs.gz', DATA);

it.runIf(existsSync(real))('reads the network of 2026-02-03', () => {
  const graph = applied(empty, gunzipSync(readFileSync(real)));
  expect([graph.nodes.count, graph.channels.count]).toEqual([17_324, 50_808]);
  let enabled = 0;
  for (const flags of graph.policies.flags) if (flags === 1) enabled++;
  expect(enabled).toBe(65_810);
});
