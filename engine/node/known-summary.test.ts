import { expect, it } from 'vitest';
import { blockHeight, msat } from '../base/units.ts';
import { summary, type ChannelSummary } from '../channel/summary.ts';
import type { Side } from '../testkit/two-peer-side.ts';
import { hashOf, TwoPeers } from '../testkit/two-peer.ts';
import { knownSummary } from './known-summary.ts';

/** All that it says; what it is asked for a hash apart. */
const said = (shown: ChannelSummary | null) =>
  shown && Object.entries(shown).map(([name, value]) => (name === 'isPaying' ? null : [name, value]));

it('is at each step of a channel what is made anew, and made once', () => {
  const peers = new TwoPeers();
  const look = ({ state, env: { height } }: Side): void => {
    const shown = knownSummary(state, height);
    expect(said(shown)).toEqual(said(summary(state, height)));
    expect(shown?.isPaying(hashOf('first'))).toBe(summary(state, height)?.isPaying(hashOf('first')));
    expect(knownSummary(state, height)).toBe(shown);
  };
  const lookAt = (...steps: readonly (() => unknown)[]): void => {
    for (const step of steps) {
      step();
      for (const side of [peers.alice, peers.bob]) look(side);
    }
  };
  lookAt(
    () => peers.open(),
    () => peers.mine(3, [peers.fundingTx]),
    () => peers.pump(),
    () => peers.add(peers.alice, msat(10_000_000), 'first'),
    () => peers.deliver(peers.alice),
    () => peers.pump(),
  );
  expect(knownSummary(peers.alice.state, peers.height)?.isPaying(hashOf('first'))).toBe(true);
  lookAt(
    () => peers.pay(peers.alice, msat(20_000_000)),
    () => peers.disconnect(),
    () => peers.reconnect(),
    () => peers.pump(),
    () => peers.close(peers.alice),
    () => peers.pump(),
  );
  expect(peers.alice.state.durable?.phase).toBe('shutting-down');
});

it('is made anew at another height', () => {
  const { state, env } = TwoPeers.ready().alice;
  const later = blockHeight(env.height + 5);
  const now = knownSummary(state, env.height)?.confirmations ?? 0;
  expect(knownSummary(state, later)?.confirmations).toBe(now + 5);
  expect(knownSummary(state, env.height)?.confirmations).toBe(now);
});
