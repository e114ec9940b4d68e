import { expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';
import { openOrigins, outgoingOrigins } from '../machine.ts';

test('what the chain has ended is under way no more, though the close keeps it', () => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const { alice } = peers;
  // Trimmed: it ends once the commitment is deep.
  peers.add(alice, msat(300_000));
  peers.pump();
  const counts = (): readonly number[] => [
    outgoingOrigins(alice.state).length,
    openOrigins(alice.state).length,
  ];
  expect(counts()).toEqual([1, 1]);
  peers.disconnect();
  alice.command({ tag: 'force-close' });
  expect(counts()).toEqual([1, 1]);
  const ours = alice.published.findLast(({ purpose }) => purpose === 'local-commitment');
  peers.mine(1, ours === undefined ? [] : [ours.tx]);
  peers.mine(6);
  expect(alice.settled).toHaveLength(1);
  expect(alice.durable).toMatchObject({ phase: 'closing', outcomes: new Map() });
  expect(counts()).toEqual([1, 0]);
  peers.crash(alice);
  expect(counts()).toEqual([1, 0]);
  peers.mine(144);
  const claim = alice.published.findLast(({ purpose }) => purpose === 'claim');
  peers.mine(1, claim === undefined ? [] : [claim.tx]);
  peers.mine(6);
  expect(alice.durable.phase).toBe('closed');
  expect(counts()).toEqual([1, 0]);
});
