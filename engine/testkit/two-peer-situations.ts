import { blockHeight, feeratePerKw, msat, sat } from '../base/units.ts';
import { localCommitment } from '../channel/commitments.ts';
import { TEST_FEATURES } from './two-peer-env.ts';
import { preimageOf, TwoPeers } from './two-peer.ts';

const connected = (): TwoPeers => {
  const peers = new TwoPeers();
  peers.connect();
  return peers;
};

const busy = (): TwoPeers => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  peers.add(peers.alice, msat(20_000_000), 'one');
  peers.add(peers.bob, msat(30_000_000), 'two');
  peers.add(peers.alice, msat(100_000), 'dust');
  peers.pump();
  return peers;
};

const dataLost = (): TwoPeers => {
  const peers = TwoPeers.ready({ push: msat(400_000_000), amount: sat(1_000_000) });
  const old = new Map([...peers.alice.disk].map(([table, rows]) => [table, new Map(rows)]));
  peers.pay(peers.alice, msat(1_000_000));
  peers.alice.disk.clear();
  for (const [table, rows] of old) peers.alice.disk.set(table, rows);
  peers.crash(peers.alice);
  peers.connect();
  peers.pump();
  return peers;
};

const SIMPLE = { features: { ...TEST_FEATURES, option_simple_close: 'optional' } } as const;

/** A channel in every state that it can be in, by name. Each call makes a new one. */
export const SITUATIONS: Readonly<Record<string, () => TwoPeers>> = {
  'not connected': () => new TwoPeers(),
  connected,
  'open sent': () => {
    const peers = connected();
    peers.ask();
    return peers;
  },
  'open received': () => {
    const peers = connected();
    peers.ask();
    peers.pump();
    return peers;
  },
  accepted: () => {
    const peers = connected();
    peers.ask();
    peers.pump();
    peers.accept();
    peers.pump();
    return peers;
  },
  'funding created': () => {
    const peers = connected();
    peers.ask();
    peers.pump();
    peers.accept();
    peers.pump();
    peers.build();
    return peers;
  },
  'funding pending': () => {
    const peers = new TwoPeers();
    peers.open();
    return peers;
  },
  'one side ready': () => {
    const peers = new TwoPeers();
    peers.open();
    peers.mine(3, [peers.fundingTx]);
    peers.deliver(peers.alice);
    return peers;
  },
  normal: () => TwoPeers.ready({ push: msat(400_000_000) }),
  'with HTLCs': busy,
  'HTLC proposed': () => {
    const peers = busy();
    peers.alice.env = { ...peers.alice.env, moreToCome: true };
    peers.add(peers.alice, msat(5_000_000), 'three');
    peers.deliver(peers.alice);
    peers.alice.env = { ...peers.alice.env, moreToCome: false };
    return peers;
  },
  'HTLC signed': () => {
    const peers = busy();
    peers.add(peers.alice, msat(5_000_000), 'three');
    return peers;
  },
  'HTLC fulfilled': () => {
    const peers = busy();
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.deliver(peers.bob);
    return peers;
  },
  'fee proposed': () => {
    const peers = busy();
    peers.alice.command({ tag: 'update-fee', feerate: feeratePerKw(2_000) });
    peers.deliver(peers.alice);
    return peers;
  },
  'connection lost': () => {
    const peers = busy();
    peers.add(peers.alice, msat(5_000_000), 'three');
    peers.disconnect();
    return peers;
  },
  syncing: () => {
    const peers = busy();
    peers.add(peers.alice, msat(5_000_000), 'three');
    peers.deliver(peers.alice);
    peers.disconnect();
    peers.connect();
    return peers;
  },
  'failed, says the peer': () => {
    const peers = busy();
    peers.crash(peers.alice);
    peers.connect();
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, { name: 'error', channelId, data: Uint8Array.of(0x21) });
    return peers;
  },
  'shutting down': () => {
    const peers = busy();
    peers.close(peers.alice);
    peers.pump();
    return peers;
  },
  negotiating: () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    peers.close(peers.alice);
    peers.deliver(peers.alice);
    peers.deliver(peers.bob);
    return peers;
  },
  agreed: () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    peers.close(peers.alice);
    peers.pump();
    return peers;
  },
  'asked to close': () => {
    const peers = busy();
    peers.close(peers.bob);
    peers.pump();
    return peers;
  },
  'asked and negotiating': () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) }, SIMPLE, SIMPLE);
    peers.tap = (message) => (message.name === 'closing_complete' ? null : message);
    peers.close(peers.bob);
    peers.pump();
    return peers;
  },
  'agreed, and seen': () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) }, SIMPLE, SIMPLE);
    peers.close(peers.bob);
    peers.pump();
    const closing = peers.alice.published.findLast(({ purpose }) => purpose === 'mutual-close');
    if (closing !== undefined)
      for (const side of [peers.alice, peers.bob]) peers.tell(side, closing.tx, null);
    return peers;
  },
  'agreed, and given up': () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) }, SIMPLE, SIMPLE);
    peers.close(peers.bob);
    peers.pump();
    peers.alice.command({ tag: 'force-close' });
    return peers;
  },
  'closed by closing_complete': () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) }, SIMPLE, SIMPLE);
    peers.close(peers.bob);
    peers.pump();
    const closing = peers.alice.published.findLast(({ purpose }) => purpose === 'mutual-close');
    if (closing !== undefined) peers.mine(1, [closing.tx]);
    peers.mine(6);
    return peers;
  },
  'force-closing': () => {
    const peers = busy();
    peers.alice.command({ tag: 'force-close' });
    return peers;
  },
  'force-closed': () => {
    const peers = busy();
    peers.alice.command({ tag: 'force-close' });
    const closing = peers.alice.published.findLast(({ purpose }) => purpose === 'local-commitment');
    if (closing !== undefined) peers.mine(1, [closing.tx]);
    return peers;
  },
  closed: () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    peers.close(peers.alice);
    peers.pump();
    const closing = peers.alice.published.findLast(({ purpose }) => purpose === 'mutual-close');
    if (closing !== undefined) peers.mine(1, [closing.tx]);
    peers.mine(6);
    return peers;
  },
  'data lost': () => dataLost(),
  'data lost, closed by the peer': () => {
    const peers = dataLost();
    peers.bob.command({ tag: 'force-close' });
    const commitment = peers.bob.published.findLast(({ purpose }) => purpose === 'local-commitment');
    if (commitment !== undefined) peers.mine(1, [commitment.tx]);
    return peers;
  },
  'a revoked commitment on chain': () => {
    const peers = busy();
    const { durable, env } = peers.bob;
    const [latest] = durable.active;
    const { signer } = env;
    const old = localCommitment(durable.params, durable.ledger, latest, env);
    const tx = signer.signLocalCommitment(old, latest.remoteSignature);
    peers.bob.command({ tag: 'fail-htlc', id: 0n, reason: new Uint8Array(40) });
    peers.pump();
    peers.mine(1, [tx]);
    return peers;
  },
  'ends not written down': () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const { alice, bob } = peers;
    alice.acknowledges = false;
    for (const label of ['one', 'two', 'three']) peers.add(alice, msat(5_000_000), label);
    peers.pump();
    bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    bob.command({ tag: 'fail-htlc', id: 1n, reason: new Uint8Array(40) });
    bob.command({ tag: 'fail-malformed-htlc', id: 2n, onionHash: new Uint8Array(32), failureCode: 4 });
    peers.pump();
    alice.env = { ...alice.env, moreToCome: true };
    peers.add(alice, msat(5_000_000), 'four');
    alice.env = { ...alice.env, moreToCome: false };
    peers.disconnect();
    return peers;
  },
  'long ago': () => {
    const peers = busy();
    peers.disconnect();
    peers.height = blockHeight(5_000);
    peers.mine(1);
    peers.mine(6);
    return peers;
  },
};
