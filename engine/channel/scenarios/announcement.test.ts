import { describe, expect, test } from 'vitest';
import { blockDelta, msat } from '../../base/units.ts';
import { fromHex } from '../../base/bytes.ts';
import { sha256d } from '../../crypto/hash.ts';
import { verifyEcdsa } from '../../crypto/secp256k1.ts';
import { breachesOf, change, countSaid, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';
import { DISABLE, signedBytes, type ChannelUpdate } from '../../wire/gossip.ts';
import { encodeMessage } from '../../wire/wire-message.ts';
import { publicChannel } from '../public-channel.ts';

const announced = (): TwoPeers => {
  const peers = TwoPeers.ready({ announce: true });
  peers.mine(3);
  peers.pump();
  return peers;
};

describe('announcement_signatures', () => {
  test('announcement_signatures -- at six confirmations, and both can announce the channel', () => {
    const peers = TwoPeers.ready({ announce: true });
    peers.mine(2);
    peers.pump();
    expect(countSaid(peers, 'announcement_signatures')).toBe(0);
    peers.mine(1);
    peers.pump();
    const [one, two] = [peers.alice, peers.bob].map((side) => side.notice('announced').announcement);
    expect(one).toEqual(two);
    if (one === undefined) return;
    const hash = sha256d(signedBytes(one));
    expect(one.nodeId1 < one.nodeId2).toBe(true);
    expect(verifyEcdsa(one.nodeSignature1, hash, fromHex(one.nodeId1))).toBe(true);
    expect(verifyEcdsa(one.nodeSignature2, hash, fromHex(one.nodeId2))).toBe(true);
    expect(verifyEcdsa(one.bitcoinSignature1, hash, one.bitcoinKey1)).toBe(true);
    expect(verifyEcdsa(one.bitcoinSignature2, hash, one.bitcoinKey2)).toBe(true);
    expect(one.scid).toBe(peers.alice.summary.scid);
    expect(countSaid(peers, 'announcement_signatures')).toBe(2);
  });

  test('announcement_signatures -- never for a private channel', () => {
    const peers = TwoPeers.ready();
    peers.mine(10);
    peers.pump();
    expect(countSaid(peers, 'announcement_signatures')).toBe(0);
  });

  test('announcement_signatures -- not after shutdown', () => {
    const peers = TwoPeers.ready({ announce: true, push: msat(400_000_000) });
    peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    peers.close(peers.alice);
    peers.pump();
    peers.mine(6);
    peers.pump();
    expect(countSaid(peers, 'announcement_signatures')).toBe(0);
  });

  test('announcement_signatures -- again on each connection until the peer’s are known', () => {
    const peers = TwoPeers.ready({ announce: true });
    change(peers, 'announcement_signatures', (message, from) => (from === peers.bob ? null : message));
    peers.mine(3);
    peers.pump();
    expect(peers.alice.notices.some(({ tag }) => tag === 'announced')).toBe(false);
    peers.tap = null;
    peers.reconnect();
    // Bob knows Alice's; he answers hers.
    expect(peers.alice.notice('announced').announcement).toEqual(peers.bob.notice('announced').announcement);
    const said = countSaid(peers, 'announcement_signatures');
    peers.reconnect();
    expect(countSaid(peers, 'announcement_signatures')).toBe(said);
  });

  test('announcement_signatures -- from a peer that saw the sixth block before us: kept until we see it', () => {
    const peers = TwoPeers.ready({ announce: true });
    const { bob } = peers;
    bob.apply({ tag: 'tick', height: (peers.height + 3) as never, feerates: bob.env.feerates });
    peers.pump();
    expect(countSaid(peers, 'announcement_signatures', bob)).toBe(1);
    expect(breachesOf(peers.alice)).toEqual([]);
    peers.mine(3);
    peers.pump();
    expect(peers.alice.notice('announced').announcement).toEqual(bob.notice('announced').announcement);
  });

  test('announcement_signatures -- exchanged anew when the funding transaction moved to another place', () => {
    const peers = announced();
    const { alice, bob } = peers;
    const [{ funding, confirmed }] = alice.durable.active;
    if (confirmed === null) throw new Error('not confirmed');
    const { txId } = funding.outPoint;
    const moved = { ...confirmed, index: confirmed.index + 1 };
    for (const side of [alice, bob]) {
      const tipHeight = side.env.height;
      side.apply({ tag: 'chain', event: { tag: 'reorged', txId, tipHeight } });
      const event = { tag: 'confirmed', txId, tx: peers.fundingTx, at: moved, tipHeight } as const;
      side.apply({ tag: 'chain', event });
    }
    expect(publicChannel(alice.durable, alice.env)).toBeNull();
    peers.reconnect();
    const told = publicChannel(alice.durable, alice.env);
    expect(told?.announcement.scid).toBe(alice.summary.scid);
    expect(told?.announcement).toEqual(publicChannel(bob.durable, bob.env)?.announcement);
    const hash = sha256d(signedBytes(told!.announcement));
    expect(verifyEcdsa(told!.announcement.nodeSignature2, hash, fromHex(told!.announcement.nodeId2))).toBe(
      true,
    );
  });

  test('announcement_signatures -- for another short_channel_id: a warning', () => {
    const peers = TwoPeers.ready({ announce: true });
    change(peers, 'announcement_signatures', (message) => ({ ...message, scid: 5n as never }));
    peers.mine(3);
    peers.deliver(peers.alice);
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'warn' });
  });

  test.each(['nodeSignature', 'bitcoinSignature'] as const)(
    'announcement_signatures -- a wrong %s costs the connection',
    (field) => {
      const peers = TwoPeers.ready({ announce: true });
      change(peers, 'announcement_signatures', (message) => ({
        ...message,
        [field]: new Uint8Array(64).fill(1),
      }));
      peers.mine(3);
      peers.deliver(peers.alice);
      expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
      peers.pump();
      expect(peers.bob.durable.phase).toBe('normal');
    },
  );
});

describe('channel_update', () => {
  const relay = { feeBase: msat(7), feeProportionalMillionths: 300, cltvDelta: blockDelta(50) };

  test('channel_update -- the peer learns our terms, under the alias in a private channel', () => {
    const peers = TwoPeers.ready();
    const update = lastSaid(peers, 'channel_update', peers.alice);
    expect(update.scid).toBe(peers.alice.summary.remoteAlias);
    expect(update.messageFlags).toBe(3);
    expect(peers.alice.command({ tag: 'update-relay', ...relay })?.ok).toBe(true);
    // Within one second, and newer than the one before nevertheless.
    peers.pump();
    expect(lastSaid(peers, 'channel_update', peers.alice).timestamp).toBe(update.timestamp + 1);
    expect(peers.bob.summary.remotePolicy).toMatchObject({ ...relay, disabled: false });
    expect(peers.alice.summary.relay).toEqual(relay);
    peers.crash(peers.bob);
    expect(peers.bob.summary.remotePolicy).toMatchObject(relay);
  });

  test('channel_update -- under the real short channel id once the channel is public', () => {
    const peers = announced();
    peers.reconnect();
    const update = lastSaid(peers, 'channel_update', peers.alice);
    expect(update.scid).toBe(peers.alice.summary.scid);
    expect(update.messageFlags).toBe(1);
    // We relay for nobody, and say so to those who might try.
    expect(update.channelFlags & DISABLE).toBe(DISABLE);
  });

  test('channel_update -- not for others before the signatures were exchanged', () => {
    const peers = TwoPeers.ready({ announce: true });
    const before = lastSaid(peers, 'channel_update', peers.alice);
    expect(before.messageFlags).toBe(3);
    expect(before.scid).toBe(peers.alice.summary.scid);
    peers.mine(3);
    peers.pump();
    const after = lastSaid(peers, 'channel_update', peers.alice);
    expect(after.messageFlags).toBe(1);
    expect(after.timestamp).toBeGreaterThan(before.timestamp);
    expect(peers.bob.summary.remotePolicy?.timestamp).toBe(after.timestamp);
  });

  test('channel_update -- the same bytes on each connection, over a restart too, until they are a week old', () => {
    const peers = announced();
    const said = () => encodeMessage(lastSaid(peers, 'channel_update', peers.alice));
    const first = said();
    const later = (seconds: number): void => {
      peers.alice.env = { ...peers.alice.env, now: (peers.alice.env.now + seconds) as never };
      peers.crash(peers.alice);
      peers.reconnect();
    };
    later(86_400);
    expect(said()).toEqual(first);
    later(7 * 86_400);
    expect(said()).not.toEqual(first);
  });

  test('a public channel is told of as its announcement and our update, a private one never', () => {
    const peers = announced();
    const { alice } = peers;
    const told = publicChannel(alice.durable, alice.env);
    expect(told?.announcement).toEqual(alice.notice('announced').announcement);
    expect(told?.update).toEqual(lastSaid(peers, 'channel_update', alice));
    peers.crash(alice);
    expect(publicChannel(alice.durable, alice.env)).toEqual(told);
    const hidden = TwoPeers.ready();
    hidden.mine(10);
    hidden.pump();
    expect(publicChannel(hidden.alice.durable, hidden.alice.env)).toBeNull();
    const early = TwoPeers.ready({ announce: true });
    expect(publicChannel(early.alice.durable, early.alice.env)).toBeNull();
    peers.reconnect();
    peers.close(alice);
    expect(publicChannel(alice.durable, alice.env)).toBeNull();
  });

  test('channel_update -- more than the message can say is refused', () => {
    const peers = TwoPeers.ready();
    expect(peers.alice.command({ tag: 'update-relay', ...relay, feeBase: msat(1n << 32n) })).toMatchObject({
      error: { code: 'invalid-argument' },
    });
  });

  test.each<readonly [string, (update: ChannelUpdate) => ChannelUpdate]>([
    ['a wrong signature', (update) => ({ ...update, signature: new Uint8Array(64).fill(1) })],
    ['our own direction', (update) => ({ ...update, channelFlags: update.channelFlags ^ 1 })],
    ['an old one', (update) => ({ ...update, timestamp: 1 as never })],
    ['another chain', (update) => ({ ...update, chainHash: '00'.repeat(32) as never })],
  ])('channel_update -- ignored: %s', (_, to) => {
    const peers = TwoPeers.ready();
    const before = peers.bob.durable;
    const update = lastSaid(peers, 'channel_update', peers.alice);
    peers.inject(peers.alice, to({ ...update, timestamp: (update.timestamp + 1) as never }));
    expect(peers.bob.durable).toBe(before);
  });
});

describe('what was not negotiated', () => {
  test.each(['stfu', 'splice_init', 'tx_init_rbf', 'closing_complete', 'tx_abort'] as const)(
    '%s -- refused with a warning, nothing changes',
    (name) => {
      const peers = TwoPeers.ready();
      const { channelId } = peers.bob.durable.params;
      const script = new Uint8Array(22);
      const messages = {
        stfu: { name: 'stfu', channelId, initiator: 1 },
        splice_init: {
          name: 'splice_init',
          channelId,
          fundingContribution: 1n,
          fundingFeeratePerKw: 253 as never,
          locktime: 0,
          fundingPubkey: peers.alice.env.signer.point(5),
        },
        tx_init_rbf: { name: 'tx_init_rbf', channelId, locktime: 0, feeratePerKw: 253 as never },
        closing_complete: {
          name: 'closing_complete',
          channelId,
          closerScript: script,
          closeeScript: script,
          fee: 1n as never,
          locktime: 0,
        },
        tx_abort: { name: 'tx_abort', channelId, data: new Uint8Array() },
      } as const;
      const before = peers.bob.durable;
      peers.inject(peers.alice, messages[name]);
      expect(theBreach(peers.bob)).toMatchObject({ severity: 'warn' });
      expect(peers.bob.durable).toBe(before);
      peers.pump();
      expect(countSaid(peers, 'warning', peers.bob)).toBe(1);
      peers.pay(peers.alice, msat(1_000_000));
    },
  );
});
