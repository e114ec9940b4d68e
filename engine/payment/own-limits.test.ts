import { describe, expect, it } from 'vitest';
import { blockDelta, blockHeight, msat, sat, timestamp } from '../base/units.ts';
import { TwoPeers, type OpenTerms } from '../testkit/two-peer.ts';
import type { Character } from '../testkit/two-peer-env.ts';
import { scidOf, testNode } from './fixtures/pay-world.ts';
import { graphRoutes } from './graph-routes.ts';

const payee = testNode(5).id;
const MOST_PARTS = 8;

/** Ways from our only peer on, each of which lets through so much. */
const hints = (peer: typeof payee, widthMsat: number) =>
  Array.from({ length: MOST_PARTS }, (_, i) => [
    {
      nodeId: peer,
      scid: scidOf(100 + i),
      feeBase: msat(0),
      feeProportionalMillionths: 0,
      cltvExpiryDelta: blockDelta(20),
      htlcMaximum: msat(widthMsat),
    },
  ]);

/** What is planned over one channel of ours for so much, in parts of that width at the most; null: refused. */
function planned(peers: TwoPeers, from: TwoPeers['alice'], amount: number, widthMsat: number) {
  const channel = from.summary;
  const found = graphRoutes(null, () => timestamp(0))({
    ourId: testNode(1).id,
    payee,
    amount: msat(amount),
    maxFee: msat(0),
    finalCltvExpiry: blockHeight(peers.height + 20),
    maxCltvExpiry: blockHeight(peers.height + 1_000),
    routeHints: hints(channel.peerId, widthMsat),
    maxParts: MOST_PARTS,
    channels: [channel],
    avoid: { channels: new Set(), scids: new Set(), nodes: new Set(), amounts: [] },
    inFlight: () => [],
    policies: [],
  });
  return found.ok ? found.value.map(({ hops }) => hops[0].amount) : null;
}

/** The most that a way is found for. */
function mostOf(peers: TwoPeers, from: TwoPeers['alice'], widthMsat: number): number {
  const whole = Number(from.summary.sendable);
  let [low, high] = [0, whole + 1];
  // Most likely: a little less than one part may have.
  if (planned(peers, from, whole - 4_000_000, widthMsat) !== null) low = whole - 4_000_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (planned(peers, from, middle, widthMsat) === null) high = middle;
    else low = middle;
  }
  return low;
}

type Case = {
  readonly terms?: OpenTerms;
  readonly config?: NonNullable<Character['config']>;
  readonly from?: 'alice' | 'bob';
  /** Of each part at the most. */
  readonly width: number;
  readonly parts: number;
  /** What the channel still takes once they are in it, at the most. */
  readonly left: bigint;
};

describe('several parts over one channel of ours, as many and as much as can be planned: the channel takes them all, and hardly anything more', () => {
  it.each<[string, Case]>([
    ['whoever pays for the outputs pays for each', { width: 150_000_000, parts: 7, left: 0n }],
    [
      'static_remotekey, the same',
      { width: 150_000_000, parts: 7, left: 0n, config: { formats: ['static_remotekey'] } },
    ],
    [
      'no more than may be in flight',
      { width: 150_000_000, parts: 3, left: 0n, config: { maxInFlightPercent: 40 } },
    ],
    [
      'no more than the peer accepts',
      { width: 50_000_000, parts: 5, left: 0n, config: { maxAcceptedHtlcs: 5 } },
    ],
    [
      'of one who does not pay for them',
      { from: 'bob', terms: { push: msat(500_000_000) }, width: 150_000_000, parts: 4, left: 0n },
    ],
    [
      'no more than the peer can pay for',
      // Alice, who pays, has her reserve and enough for three more outputs.
      {
        from: 'bob',
        terms: { amount: sat(1_000_000), push: msat(987_650_000) },
        width: 50_000_000,
        parts: 3,
        left: 400_000n,
      },
    ],
    [
      'no more dust than we bear',
      { width: 300_000, parts: 7, left: 1_000_000_000n, config: { maxDustExposure: msat(2_000_000) } },
    ],
  ])('%s', (_name, { terms, config = {}, from = 'alice', width, parts, left }) => {
    const peers = TwoPeers.ready(terms, { config }, { config });
    const side = peers[from];
    const most = mostOf(peers, side, width);
    const amounts = planned(peers, side, most, width) ?? [];
    expect(amounts.length).toBe(parts);
    expect(amounts.reduce((sum, amount) => sum + amount, 0n)).toBe(BigInt(most));
    for (const amount of amounts) expect(peers.add(side, amount)).toMatchObject({ ok: true });
    peers.pump();
    expect(peers.other(side).offers).toHaveLength(parts);
    expect(side.summary.sendable).toBeLessThanOrEqual(left);
  });
});
