import { describe, expect, it } from 'vitest';
import { blockDelta, blockHeight, msat } from '../base/units.ts';
import { NETWORKS } from '../base/network.ts';
import { attribute } from '../onion/attribution.ts';
import { encodeFailure } from '../onion/failure.ts';
import { failurePacket, wrapFailure } from '../onion/failure-onion.ts';
import { verdictOf } from './attempt-outcome.ts';
import { holdTimesOfSuccess, secretsOf } from './attributed.ts';
import { scidOf, testChannelId, testNode } from './fixtures/pay-world.ts';
import type { Attempt, Recipient } from './outgoing.ts';

const nodes = [2, 3, 4, 5].map(testNode);
const hops = nodes.map(({ id }, i) => ({
  nodeId: id,
  scid: i === 0 ? null : scidOf(10 + i),
  amount: msat(100_000 + (3 - i) * 1_000),
  cltvExpiry: blockHeight(1_000 + (3 - i) * 40),
}));
const [first, ...rest] = hops;
if (first === undefined) throw new Error('no hop');
/** us – 0 – 1 – 2 – 3. */
const attempt: Attempt = {
  number: 0,
  channelId: testChannelId(1),
  sessionKey: new Uint8Array(32).fill(9),
  hops: [first, ...rest],
  outcome: { tag: 'in-flight' },
};
const recipient: Recipient = {
  nodeId: hops[3]?.nodeId ?? first.nodeId,
  paymentSecret: null,
  paymentMetadata: null,
  routeHints: [],
  minFinalCltvExpiryDelta: blockDelta(18),
  multiPart: true,
  keysendPreimage: null,
};
const secrets = secretsOf(attempt);
const secret = (hop: number): Uint8Array => secrets[hop] ?? new Uint8Array(32);

type OnTheWay = { readonly packet: Uint8Array; readonly data: Uint8Array | null };

/** What hop `erring` refuses with, as it comes back; `at` a hop does something to it before it adds its own. */
function back(erring: number, at: (hop: number, said: OnTheWay) => OnTheWay = (_, said) => said): OnTheWay {
  let said: OnTheWay = {
    packet: failurePacket(secret(erring), encodeFailure({ name: 'temporary_node_failure' })),
    data: null,
  };
  for (let hop = erring; hop >= 0; hop--) {
    const { packet, data } = at(hop, said);
    said = {
      packet: wrapFailure(secret(hop), packet),
      data: attribute(secret(hop), packet, 10 + hop, data),
    };
  }
  return said;
}
const verdict = ({ packet, data }: OnTheWay) =>
  verdictOf(
    attempt,
    recipient,
    { tag: 'failed', reason: packet, ...(data === null ? {} : { attributionData: data }) },
    NETWORKS.regtest.genesisHash,
  );
const spoil = (bytes: Uint8Array): Uint8Array => bytes.with(60, (bytes[60] ?? 0) ^ 1);
const spoiledBy = (culprit: number) =>
  back(3, (hop, said) => (hop === culprit ? { ...said, packet: spoil(said.packet) } : said));
const edge = (index: number, outcome: string, share?: number) => ({
  tag: 'channel',
  scid: hops[index]?.scid,
  from: hops[index - 1]?.nodeId,
  to: hops[index]?.nodeId,
  amount: hops[index]?.amount,
  outcome,
  ...(share === undefined ? {} : { share }),
});

describe('a failure with attribution data', () => {
  it.each([0, 1, 2, 3])('made by hop %i: who held it for how long', (erring) => {
    const { holdTimes, outcome } = verdict(back(erring));
    expect(outcome.hop).toBe(erring);
    expect(holdTimes).toEqual([10, 11, 12, 13].slice(0, erring + 1));
  });

  it('without it, an error that nobody signed is everybody’s', () => {
    const { outcome, holdTimes } = verdict({ ...spoiledBy(2), data: null });
    expect(outcome.blame).toBe('route');
    expect(holdTimes).toEqual([]);
  });

  // Hop 1 vouches for the changed packet, hop 2 does not: either may have changed it.
  it('changed between two hops: the channel between them is avoided, those before it are not', () => {
    const { outcome, lessons, holdTimes } = verdict(spoiledBy(1));
    expect(outcome).toMatchObject({
      blame: 'next-channel',
      hop: 1,
      isFinal: false,
      failure: { code: 'unreadable-error', hop: 1 },
    });
    expect(holdTimes).toEqual([10, 11]);
    expect(lessons).toEqual([edge(1, 'passed'), edge(2, 'doubted', 0.5), edge(3, 'doubted', 0.5)]);
  });

  it('changed next to the recipient: all of the doubt is the last channel’s', () => {
    expect(verdict(spoiledBy(2)).lessons).toEqual([
      edge(1, 'passed'),
      edge(2, 'passed'),
      edge(3, 'doubted', 1),
    ]);
  });

  it('changed by our peer before the next one: our peer vouches, the next does not', () => {
    expect(verdict(spoiledBy(0)).outcome).toMatchObject({ blame: 'next-channel', hop: 0 });
  });

  it('our peer does not vouch for what it hands on: our channel to it is avoided', () => {
    const { packet, data } = back(3);
    expect(verdict({ packet: spoil(packet), data }).outcome).toMatchObject({ blame: 'channel', hop: 0 });
    expect(verdict({ packet: spoil(packet), data: new Uint8Array(3) }).outcome.blame).toBe('channel');
  });

  it('all vouch for garbage: the recipient sent it, and no other way leads elsewhere', () => {
    const { outcome, lessons } = verdict(
      back(3, (hop, said) => (hop === 3 ? { ...said, packet: new Uint8Array(292) } : said)),
    );
    expect(outcome).toMatchObject({ blame: 'nothing', hop: 3, isFinal: true });
    expect(lessons).toEqual([edge(1, 'passed'), edge(2, 'passed'), edge(3, 'passed')]);
  });

  // BOLT 4: "the origin node will still have attribution data up to the first node downstream without support."
  it('one hop drops it: hold times end there, and an error that can be read is read', () => {
    const dropped = back(3, (hop, said) => (hop === 1 ? { ...said, data: null } : said));
    const { outcome, holdTimes } = verdict(dropped);
    expect(outcome).toMatchObject({ hop: 3, failure: { detail: 'temporary_node_failure' } });
    expect(holdTimes).toEqual([10, 11]);
  });
});

describe('a payment that arrived', () => {
  const none = new Uint8Array(0);
  const fulfilled = secrets.reduceRight<Uint8Array | null>(
    (data, shared, hop) => attribute(shared, none, 10 + hop, data),
    null,
  );

  it('who held it for how long', () => {
    expect(holdTimesOfSuccess(attempt, fulfilled ?? none)).toEqual([10, 11, 12, 13]);
    expect(holdTimesOfSuccess(attempt, none)).toEqual([]);
    expect(holdTimesOfSuccess(attempt, undefined)).toEqual([]);
  });
});
