import { expect, test } from 'vitest';
import { assert } from '../../base/assert.ts';
import { msat } from '../../base/units.ts';
import { lastSaid } from '../../testkit/two-peer-breach.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';
import { shownBy } from '../shown.ts';
import { isLive } from '../state.ts';

test('what a peer says first on a connection shows whether our state is the last one', () => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const old = peers.alice.durable;
  peers.add(peers.bob, msat(30_000_000), 'one');
  peers.pump();
  peers.reconnect();
  const said = lastSaid(peers, 'channel_reestablish', peers.bob);
  const now = peers.alice.durable;
  const env = { ...peers.alice.env, moreToCome: false };
  assert(isLive(old) && isLive(now), 'both are live');
  expect(shownBy(now, said, env)).toBe('in-step');
  expect(shownBy(old, said, env)).toBe('behind');
  // Without the secret that proves it nobody has to believe it.
  expect(shownBy(old, { ...said, yourLastPerCommitmentSecret: new Uint8Array(32) }, env)).toBe(null);
});
