import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { CEILING } from '../../chain/fee-estimates.ts';
import { change, lastSaid } from '../../testkit/two-peer-breach.ts';
import { TEST_FEATURES } from '../../testkit/two-peer-env.ts';
import { TwoPeers, type OpenTerms } from '../../testkit/two-peer.ts';

const simple = { ...TEST_FEATURES, option_simple_close: 'optional' } as const;

/** As high as any answer of a server is believed. */
const ABSURD: Feerates = { urgent: CEILING, normal: CEILING, background: CEILING, minimum: CEILING };

/** Alice has 200,000 satoshis. */
const terms: OpenTerms = { push: msat(800_000_000) };
const HALF = 100_000n;

// Nobody here saw a fee and agreed to it: a server that lies, or a peer that asks in a spike, decides what is paid.
describe('a close that the peer asks for costs no more than half of what is ours', () => {
  test('where the peer leaves it to us to pay', () => {
    const peers = TwoPeers.ready(terms, { features: simple }, { features: simple });
    change(peers, 'closing_complete', (message, from) => (from === peers.bob ? null : message));
    peers.close(peers.bob);
    peers.pump();
    peers.mine(1, [], ABSURD);
    peers.pump();
    const { fee } = lastSaid(peers, 'closing_complete', peers.alice);
    expect(fee).toBeLessThanOrEqual(HALF);
    expect(fee).toBeGreaterThan(HALF / 2n);
  });

  test('by closing_signed, whatever of our range the peer takes', () => {
    const peers = TwoPeers.ready(terms);
    peers.mine(1, [], ABSURD);
    peers.pump();
    peers.close(peers.bob);
    peers.pump();
    const { fee, feeRange } = lastSaid(peers, 'closing_signed', peers.alice);
    expect(fee).toBeLessThanOrEqual(HALF);
    expect(feeRange?.max).toBeLessThanOrEqual(HALF);
    expect(peers.alice.summary.closing).toMatchObject({ kind: 'mutual' });
  });

  test('nor does one that we asked for, if estimates jump before both agree, but for what we asked for ourselves', () => {
    const peers = TwoPeers.ready(terms);
    change(peers, 'shutdown', (message, from) => (from === peers.bob ? null : message));
    peers.close(peers.alice);
    peers.pump();
    peers.tap = null;
    peers.mine(1, [], ABSURD);
    peers.reconnect();
    peers.pump();
    const { fee, feeRange } = lastSaid(peers, 'closing_signed', peers.alice);
    expect(feeRange?.max).toBe(HALF);
    expect(fee).toBeLessThanOrEqual(HALF);
    expect(peers.alice.summary.closing).toMatchObject({ kind: 'mutual' });
  });
});
