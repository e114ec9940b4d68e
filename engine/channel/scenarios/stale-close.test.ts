import { describe, expect, test } from 'vitest';
import { feeratePerKw, msat, type FeeratePerKw } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { TxPurpose } from '../../bitcoin/watch.ts';
import { change, countSaid, lastSaid } from '../../testkit/two-peer-breach.ts';
import { TEST_FEATURES } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { confirmedAt, preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../default-config.ts';
import { feeOfClosing } from '../phases/shutdown/simple-offer.ts';

// What a close that is not mined may cost: an old copy of the disk, fees that moved meanwhile, a peer that is slow.

const features = { ...TEST_FEATURES, option_simple_close: 'optional' } as const;
const { closingTimeout, closingPatience } = DEFAULT_CHANNEL_CONFIG;
const LOW = feeratePerKw(300);

const ready = (isSimple = true, push = 400_000_000): TwoPeers => {
  const both = isSimple ? { features } : {};
  return TwoPeers.ready({ push: msat(push) }, both, both);
};
const lastOf = (side: Side, purpose: TxPurpose): Tx => {
  const tx = side.sent(purpose).at(-1);
  if (tx === undefined) throw new Error(`${side.name} published no ${purpose}`);
  return tx;
};
const seen = (peers: TwoPeers): void => {
  const tx = lastOf(peers.bob, 'mutual-close');
  for (const side of [peers.alice, peers.bob]) peers.tell(side, tx, null);
};
const at = (side: Side, normal: FeeratePerKw): void => {
  side.env = { ...side.env, feerates: { ...side.env.feerates, urgent: normal, normal } };
};
/** Bob asked, at a low rate, when that was the rate of all. */
function asked(): TwoPeers {
  const peers = ready();
  at(peers.alice, LOW);
  peers.close(peers.bob, LOW);
  peers.pump();
  seen(peers);
  return peers;
}
function putBack(peers: TwoPeers, side: Side, old: ReturnType<Side['copyDisk']>): void {
  side.putBack(old);
  peers.crash(side);
  side.published.length = 0;
}

describe('an old copy of the disk was put back', () => {
  test.each([true, false])(
    'what both signed since is in the mempool: never beside it (simple: %s)',
    (isSimple) => {
      const peers = ready(isSimple);
      const { alice, bob } = peers;
      const old = alice.copyDisk();
      peers.pay(alice, msat(300_000_000));
      peers.close(bob, LOW);
      peers.pump();
      const mutual = lastOf(bob, 'mutual-close');
      putBack(peers, alice, old);
      expect(alice.durable).toMatchObject({ phase: 'normal' });
      peers.tell(alice, mutual, null);
      expect(alice.durable).toMatchObject({ phase: 'closing', lostData: true });
      expect(alice.notice('data-loss')).toBeDefined();
      expect(alice.command({ tag: 'force-close' })?.ok).toBe(false);
      peers.connect();
      peers.pump();
      peers.mine(closingPatience + 10);
      expect(alice.sent('local-commitment')).toEqual([]);
      expect(alice.demand.lift).toBeNull();
      peers.tell(alice, mutual, confirmedAt(peers.height + 1));
      peers.mine(7);
      expect(alice.summary.status).toBe('closed');
    },
  );

  test.each(['the user', 'an HTLC that is overdue'])(
    'their newer commitment is in the mempool: %s',
    (who) => {
      const peers = ready();
      const { alice, bob } = peers;
      peers.add(alice, msat(20_000_000), 'one', 40);
      peers.pump();
      const old = alice.copyDisk();
      peers.pay(alice, msat(200_000_000));
      bob.command({ tag: 'force-close' });
      const theirs = lastOf(bob, 'local-commitment');
      putBack(peers, alice, old);
      peers.tell(alice, theirs, null);
      expect(alice.durable).toMatchObject({ lostData: true, spend: { kind: 'unknown' } });
      if (who === 'the user') expect(alice.command({ tag: 'force-close' })?.ok).toBe(false);
      else peers.mine(60);
      expect(alice.sent('local-commitment')).toEqual([]);
      expect(alice.durable).toMatchObject({ failure: null });
    },
  );

  test.each([false, true])(
    'and was given to the chain: not once more, once their newer commitment is in the mempool (a restart: %s)',
    (restarts) => {
      const peers = ready();
      const { alice, bob } = peers;
      const old = alice.copyDisk();
      peers.pay(alice, msat(200_000_000));
      bob.command({ tag: 'force-close' });
      const theirs = lastOf(bob, 'local-commitment');
      putBack(peers, alice, old);
      alice.command({ tag: 'force-close' });
      expect(alice.sent('local-commitment')).toHaveLength(1);
      expect(alice.demand.lift).not.toBeNull();
      alice.published.length = 0;
      peers.tell(alice, theirs, null);
      expect(alice.durable).toMatchObject({ lostData: true, spend: { kind: 'unknown' } });
      if (restarts) peers.crash(alice);
      peers.mine(60);
      expect(alice.sent('local-commitment')).toEqual([]);
      expect(alice.demand.lift).toBeNull();
    },
  );

  test('a payment of that copy may have been paid since: it ends unknown, not failed, and only when it is long over', () => {
    const peers = ready();
    const { alice, bob } = peers;
    peers.add(alice, msat(20_000_000), 'one', 40);
    peers.pump();
    const old = alice.copyDisk();
    bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.pump();
    bob.command({ tag: 'force-close' });
    const theirs = lastOf(bob, 'local-commitment');
    putBack(peers, alice, old);
    alice.settled.length = 0;
    const expiry = peers.height + 40;
    peers.mine(1, [theirs]);
    peers.mine(expiry - peers.height);
    expect(alice.settled).toEqual([]);
    peers.mine(alice.env.config.irrevocableDepth);
    expect(alice.settled.map(({ result }) => result)).toEqual([{ tag: 'abandoned', cause: 'state-lost' }]);
  });
});

describe('whoever was asked pays what is asked now', () => {
  test('less, when a spike is over', () => {
    const peers = ready();
    const { alice, bob } = peers;
    at(alice, feeratePerKw(50_000));
    peers.close(bob, LOW);
    peers.pump();
    seen(peers);
    at(alice, feeratePerKw(1_000));
    peers.mine(closingTimeout);
    peers.pump();
    expect(countSaid(peers, 'closing_complete', alice)).toBe(1);
    expect(lastSaid(peers, 'closing_complete', alice).fee).toBeLessThan(1_000n);
  });

  test('more, when rates have risen, before anything is forced', () => {
    const peers = asked();
    const { alice } = peers;
    at(alice, feeratePerKw(5_000));
    peers.mine(closingTimeout);
    peers.pump();
    expect(countSaid(peers, 'closing_complete', alice)).toBe(1);
    expect(alice.sent('local-commitment')).toEqual([]);
  });

  test('and offers it once it was away for long, where the peer offered nothing', () => {
    const peers = ready();
    const { alice, bob } = peers;
    change(peers, 'closing_complete', (message, from) => (from === bob ? null : message));
    peers.close(bob, LOW);
    peers.pump();
    peers.disconnect();
    peers.mine(closingTimeout + 6);
    peers.connect();
    peers.pump();
    expect(countSaid(peers, 'closing_complete', alice)).toBe(1);
    expect(lastOf(alice, 'mutual-close')).toEqual(lastOf(bob, 'mutual-close'));
  });
});

describe('before our commitment goes beside it', () => {
  test('what was raised at the last moment has its time', () => {
    const peers = asked();
    const { alice, bob } = peers;
    peers.mine(closingPatience - 1);
    peers.pump();
    expect(peers.close(bob, feeratePerKw(20_000))?.ok).toBe(true);
    peers.pump();
    seen(peers);
    peers.mine(1);
    peers.mine(30);
    expect(alice.sent('local-commitment')).toEqual([]);
    peers.mine(10);
    peers.mine(1);
    expect(alice.sent('local-commitment')).toHaveLength(1);
  });

  test('and what a reorganisation takes out of its block again', () => {
    const peers = asked();
    const { alice } = peers;
    const mutual = lastOf(alice, 'mutual-close');
    peers.mine(closingPatience - 1);
    peers.tell(alice, mutual, confirmedAt(peers.height + 1));
    peers.mine(1);
    alice.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(mutual), tipHeight: peers.height } });
    peers.mine(3);
    peers.mine(1);
    expect(alice.sent('local-commitment')).toEqual([]);
  });

  test('never by itself where our commitment pays us nothing', () => {
    const peers = ready(true, 300_000);
    const { alice, bob } = peers;
    peers.close(alice, LOW);
    peers.pump();
    // Enough for an output of the closing transaction, not of a commitment.
    expect(lastOf(bob, 'mutual-close').outputs.map(({ amount }) => amount)).toContain(300n);
    for (const how of ['known to nobody', 'in the mempool']) {
      if (how === 'in the mempool') seen(peers);
      peers.mine(closingPatience + 10);
      peers.mine(1);
      expect(bob.sent('local-commitment')).toEqual([]);
    }
    expect(bob.command({ tag: 'force-close' })?.ok).toBe(true);
  });

  test('a raise that the peer does not sign is said again on another connection', () => {
    const peers = asked();
    const { alice } = peers;
    change(peers, 'closing_sig', () => null);
    expect(peers.close(alice, feeratePerKw(4_000))?.ok).toBe(true);
    peers.pump();
    peers.mine(35);
    expect(alice.wantsDisconnect).toBe(false);
    peers.mine(1);
    expect(alice.wantsDisconnect).toBe(true);
    peers.pump();
    peers.tap = null;
    peers.connect();
    peers.pump();
    expect(countSaid(peers, 'closing_complete', alice)).toBe(2);
    expect(lastOf(alice, 'mutual-close')).toEqual(lastOf(peers.bob, 'mutual-close'));
  });

  // BOLT 2 §Message Retransmission: "if `next_commitment_number` is zero: MUST immediately fail the channel and broadcast any
  // relevant latest commitment transaction."
  test('nor for a peer that lost everything: what both signed is on its way', () => {
    const peers = asked();
    const { alice, bob } = peers;
    peers.disconnect();
    change(peers, 'channel_reestablish', (message, from) =>
      from === bob ? { ...message, nextCommitmentNumber: 0n } : message,
    );
    peers.connect();
    peers.pump();
    expect(alice.sent('local-commitment')).toEqual([]);
    expect(alice.summary.status).toBe('closing');
  });
});

test('legacy: of what was signed on two connections the dearer one is kept', () => {
  const peers = ready(false);
  const { alice, bob } = peers;
  peers.close(alice, feeratePerKw(3_000));
  peers.pump();
  const dear = lastOf(bob, 'mutual-close');
  expect(bob.durable).toMatchObject({ phase: 'negotiating' });
  // The opener of the channel, which pays, thinks again.
  alice.state = { ...alice.state, durable: { ...alice.durable, closeFeerate: LOW, mutual: null } as never };
  peers.disconnect();
  peers.connect();
  peers.pump();
  const { durable } = bob;
  if (durable.phase !== 'negotiating' || durable.mutual === null) throw new Error('nothing is signed');
  expect(feeOfClosing(durable, lastOf(bob, 'mutual-close'))).toBeLessThan(feeOfClosing(durable, dear));
  expect(durable.mutual).toEqual(dear);
});
