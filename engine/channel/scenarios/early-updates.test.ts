import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import type { ChannelReady } from '../../wire/channel-open.ts';
import { breachesOf, change, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

/** Alice uses the channel; her channel_ready, which is given, never came to Bob. */
function unready(): { peers: TwoPeers; ready: ChannelReady } {
  const peers = new TwoPeers();
  peers.open({ push: msat(400_000_000) });
  change(peers, 'channel_ready', (ready, from) => (from === peers.alice ? null : ready));
  peers.mine(3, [peers.fundingTx]);
  let ready: ChannelReady | null = null;
  for (const message of peers.alice.outbox) if (message.name === 'channel_ready') ready = message;
  if (ready === null) throw new Error('no channel_ready');
  peers.pump();
  peers.tap = null;
  expect(peers.bob.summary.status).toBe('waiting-for-peer');
  return { peers, ready };
}

// Electrum says its channel_ready only after the updates and the commitment_signed that it says again.
describe('updates before channel_ready', () => {
  test('update_add_htlc -- is heard once channel_ready has come', () => {
    const { peers, ready } = unready();
    expect(peers.add(peers.alice, msat(1_000_000), 'early')?.ok).toBe(true);
    const before = peers.bob.durable;
    peers.pump();
    expect(peers.bob.durable).toBe(before);
    expect(peers.bob.offers).toHaveLength(0);
    expect(breachesOf(peers.bob)).toEqual([]);
    peers.inject(peers.alice, ready);
    peers.pump();
    expect(peers.bob.summary.status).toBe('ready');
    expect(peers.bob.offers).toHaveLength(1);
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('early') });
    peers.pump();
    peers.pay(peers.bob, msat(2_000_000));
    expect(peers.bob.summary.local).toBe(msat(399_000_000));
    expect(breachesOf(peers.bob)).toEqual([]);
    expect(breachesOf(peers.alice)).toEqual([]);
  });

  test('channel_ready -- the one who heard what came before it dies at once', () => {
    const { peers, ready } = unready();
    peers.add(peers.alice, msat(1_000_000), 'early');
    peers.pump();
    peers.inject(peers.alice, ready, true);
    peers.reconnect();
    expect(peers.bob.summary.status).toBe('ready');
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('early') });
    peers.pump();
    expect(peers.bob.summary.local).toBe(msat(401_000_000));
  });

  test('channel_ready -- never comes: what was said before it is gone with the connection', () => {
    const { peers } = unready();
    peers.add(peers.alice, msat(1_000_000), 'early');
    peers.pump();
    // Here it is said first, as it ought to be.
    peers.reconnect();
    expect(peers.bob.summary.status).toBe('ready');
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('early') });
    peers.pump();
    expect(peers.bob.summary.local).toBe(msat(401_000_000));
    expect(breachesOf(peers.bob)).toEqual([]);
  });

  // It may be that Electrum never says it again while it runs.
  test('channel_ready -- never comes: a person closes alone, and all that is ours comes home', () => {
    const { peers } = unready();
    peers.tap = (message, from) =>
      from === peers.alice && message.name === 'channel_ready' ? null : message;
    peers.reconnect();
    expect(peers.bob.summary.status).toBe('waiting-for-peer');
    expect(peers.bob.command({ tag: 'force-close' })).toMatchObject({ ok: true });
    peers.mine(1, peers.bob.sent('local-commitment'));
    peers.mine(2_016);
    const claim = peers.bob.published.findLast(({ purpose }) => purpose === 'claim');
    expect(claim?.tx.outputs).toMatchObject([{ script: peers.bob.env.closingScript }]);
    expect(claim?.tx.outputs[0]?.amount).toBeGreaterThan(399_000n);
  });

  test('update_add_htlc -- no end of them', () => {
    const { peers } = unready();
    peers.add(peers.alice, msat(1_000_000), 'early');
    const add = peers.alice.outbox.find(({ name }) => name === 'update_add_htlc');
    if (add?.name !== 'update_add_htlc') throw new Error('nothing offered');
    for (let id = 0n; id < 16n; id++) peers.inject(peers.alice, { ...add, id });
    expect(breachesOf(peers.bob)).toEqual([]);
    peers.inject(peers.alice, { ...add, id: 16n });
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
  });

  test('update_add_htlc -- after commitment_signed, and answers to nothing', () => {
    const { peers } = unready();
    peers.add(peers.alice, msat(1_000_000), 'early');
    peers.pump();
    const signed = lastSaid(peers, 'commitment_signed', peers.alice);
    peers.inject(peers.alice, signed);
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
    peers.reconnect();
    expect(peers.bob.summary.status).toBe('ready');
  });

  test('commitment_signed -- before our own channel_ready is due', () => {
    const { peers } = unready();
    peers.add(peers.alice, msat(1_000_000), 'early');
    peers.pump();
    const signed = lastSaid(peers, 'commitment_signed', peers.alice);
    const other = new TwoPeers();
    other.open({ push: msat(400_000_000) });
    other.inject(other.alice, { ...signed, channelId: other.bob.durable.params.channelId });
    expect(theBreach(other.bob)).toMatchObject({ severity: 'disconnect' });
  });
});
