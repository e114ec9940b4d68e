import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { change } from '../../testkit/two-peer-breach.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';

// The peer has our signature of the close, and has published; what it says of that is lost on the way to us.

const ours = ({ alice }: TwoPeers): number => alice.sent('local-commitment').length;

/** Bob closed, and knows of no channel any more: as LDK, he says so by numbers of zero, or by an error. */
function forgotten(says: 'zero' | 'error'): TwoPeers {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  change(peers, 'closing_signed', (message, from) => (from === peers.bob ? null : message));
  peers.close(peers.alice);
  peers.pump();
  peers.disconnect();
  expect(peers.alice.durable.phase).toBe('negotiating');
  if (says === 'zero')
    change(peers, 'channel_reestablish', (message, from) =>
      from === peers.bob ? { ...message, nextCommitmentNumber: 0n, nextRevocationNumber: 0n } : message,
    );
  else peers.tap = (message, from) => (from === peers.bob ? null : message);
  peers.connect();
  peers.pump();
  if (says === 'error') {
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, { name: 'error', channelId, data: Uint8Array.of(0x21) });
  }
  return peers;
}

describe.each(['zero', 'error'] as const)(
  'a peer that closed and forgot the channel, and says so: %s',
  (says) => {
    test('gets no commitment of ours beside what both agreed on', () => {
      const peers = forgotten(says);
      expect(ours(peers)).toBe(0);
      const mutual = peers.bob.published.find(({ purpose }) => purpose === 'mutual-close');
      peers.mine(1, mutual === undefined ? [] : [mutual.tx]);
      expect(peers.alice.durable).toMatchObject({
        phase: 'closing',
        failure: null,
        spend: { kind: 'mutual' },
      });
      peers.mine(10);
      expect(ours(peers)).toBe(0);
    });

    test('is not waited for where the chain shows nothing of it', () => {
      const peers = forgotten(says);
      peers.disconnect();
      peers.mine(1);
      expect(ours(peers)).toBe(0);
      for (let i = 0; i < 8; i++) peers.mine(1);
      expect(ours(peers)).toBeGreaterThan(0);
    });

    test('the same after a restart', () => {
      const peers = forgotten(says);
      peers.crash(peers.alice);
      for (let i = 0; i < 9; i++) peers.mine(1);
      expect(ours(peers)).toBeGreaterThan(0);
    });
  },
);
