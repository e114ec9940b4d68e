import { expect, test } from 'vitest';
import { msat, sat } from '../../base/units.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';

test('open, pay both ways, close: every satoshi is somewhere', () => {
  const peers = TwoPeers.ready({ amount: sat(1_000_000) });
  const { alice, bob } = peers;
  expect(alice.summary.sendable).toBeGreaterThan(900_000_000n);

  peers.pay(alice, msat(200_000_000));
  peers.pay(bob, msat(50_000_000));
  expect(alice.summary.local).toBe(850_000_000n);
  expect(bob.summary.local).toBe(150_000_000n);
  expect(bob.summary.remote).toBe(850_000_000n);

  peers.close(alice);
  peers.pump();
  const closing = alice.published.findLast(({ purpose }) => purpose === 'mutual-close');
  expect(bob.published.findLast(({ purpose }) => purpose === 'mutual-close')?.tx).toEqual(closing?.tx);
  if (closing === undefined) return;
  const paid = closing.tx.outputs.map(({ amount }) => amount);
  expect(paid).toContain(150_000n);
  peers.mine(1, [closing.tx]);
  expect(alice.summary.status).toBe('closing');
  peers.mine(6);
  expect(alice.summary.status).toBe('closed');
  expect(bob.summary.status).toBe('closed');
  expect(alice.summary.closing?.amount).toBe(paid.find((amount) => amount !== 150_000n));
});
