import { describe, expect, test } from 'vitest';
import { blockHeight, feeratePerKw, msat } from '../../base/units.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { breachesOf, change, countSaid, lastSaid } from '../../testkit/two-peer-breach.ts';
import { TEST_FEATURES } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { confirmedAt, TwoPeers } from '../../testkit/two-peer.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../default-config.ts';

// A closing transaction that both signed and that no block takes: it may be replaced, and it may be given up.

const features = { ...TEST_FEATURES, option_simple_close: 'optional' } as const;
const { closingTimeout, closingPatience } = DEFAULT_CHANNEL_CONFIG;
const [LOW, NORMAL, HIGH] = [feeratePerKw(300), feeratePerKw(1_000), feeratePerKw(3_000)];
const WAYS = ['closing_complete', 'closing_signed'] as const;

const ready = (way: (typeof WAYS)[number] = 'closing_complete'): TwoPeers => {
  const both = way === 'closing_complete' ? { features } : {};
  return TwoPeers.ready({ push: msat(400_000_000) }, both, both);
};

/** Bob asked to close, and pays little for it. */
function closedLow(way: (typeof WAYS)[number] = 'closing_complete'): TwoPeers {
  const peers = ready(way);
  peers.close(peers.bob, LOW);
  peers.pump();
  return peers;
}

const closingOf = (side: Side): Tx => {
  const tx = side.sent('mutual-close').at(-1);
  if (tx === undefined) throw new Error(`${side.name} has no closing transaction`);
  return tx;
};
const seen = (peers: TwoPeers): void => {
  const tx = closingOf(peers.alice);
  for (const side of [peers.alice, peers.bob]) peers.tell(side, tx, null);
};

describe('nobody raises it', () => {
  test.each(WAYS)('%s: known to no server for a day, our commitment goes beside it', (way) => {
    const peers = closedLow(way);
    peers.mine(closingTimeout - 1);
    expect(peers.alice.durable).toMatchObject({ phase: 'negotiating' });
    peers.mine(1);
    expect(peers.alice.sent('local-commitment')).toEqual([]);
    peers.mine(1);
    expect(peers.alice.sent('local-commitment')).toHaveLength(1);
    expect(peers.alice.summary.status).toBe('force-closing');
  });

  test.each([false, true])(
    'what no server tells is counted against nobody (in the mempool: %s)',
    (isSeen) => {
      const peers = closedLow();
      if (isSeen) seen(peers);
      const { alice } = peers;
      const blind = (blocks: number): void => {
        const height = blockHeight(peers.height + blocks);
        alice.env = { ...alice.env, height };
        alice.apply({ tag: 'tick', height, feerates: alice.env.feerates, isBlind: true });
      };
      peers.mine((isSeen ? closingPatience : closingTimeout) - 1);
      for (let blocks = 1; blocks < 5; blocks++) blind(blocks);
      expect(alice.sent('local-commitment')).toEqual([]);
      peers.mine(5);
      expect(alice.sent('local-commitment')).toEqual([]);
      peers.mine(1);
      expect(alice.sent('local-commitment')).toHaveLength(1);
    },
  );

  test('in the mempool for a week, our commitment goes beside it', () => {
    const peers = closedLow();
    seen(peers);
    peers.mine(closingPatience - 1);
    peers.mine(1);
    expect(peers.alice.summary.status).toBe('closing');
    peers.mine(1);
    expect(peers.alice.sent('local-commitment')).toHaveLength(1);
    expect(peers.alice.summary.status).toBe('force-closing');
  });

  test.each(WAYS)('%s: a peer that hangs up again and again does not stop the clock', (way) => {
    const peers = closedLow(way);
    seen(peers);
    // Nor is it raised.
    change(peers, 'closing_complete', () => null);
    peers.mine(closingPatience);
    for (let i = 0; i < 5; i++) peers.reconnect();
    peers.mine(1);
    expect(peers.alice.sent('local-commitment')).toHaveLength(1);
  });

  test('who was away all the time hears of its confirmation before anything is given up', () => {
    const peers = closedLow();
    seen(peers);
    const tx = closingOf(peers.alice);
    peers.disconnect();
    peers.mine(closingPatience + 500);
    peers.tell(peers.alice, tx, confirmedAt(peers.height - 400));
    peers.mine(1);
    expect(peers.alice.sent('local-commitment')).toEqual([]);
    expect(peers.alice.summary.status).toBe('closed');
  });

  test('the peer gave an error after it: the clock runs all the same', () => {
    const peers = closedLow();
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, { name: 'error', channelId, data: Uint8Array.of(0x21) });
    expect(peers.alice.durable).toMatchObject({ phase: 'closing' });
    expect(peers.alice.sent('local-commitment')).toEqual([]);
    peers.mine(closingTimeout);
    peers.mine(1);
    expect(peers.alice.sent('local-commitment')).toHaveLength(1);
  });
});

describe('force-close', () => {
  test.each(['known to nobody', 'in the mempool'] as const)('while it is %s: both are offered', (how) => {
    const peers = closedLow();
    if (how === 'in the mempool') seen(peers);
    const { alice, bob } = peers;
    expect(alice.command({ tag: 'force-close' })?.ok).toBe(true);
    expect(alice.summary.status).toBe('force-closing');
    const [commitment] = alice.sent('local-commitment');
    expect(alice.demand.lift?.parent).toEqual(commitment);
    // Told to the peer, at once and on each connection; and once is enough.
    expect(alice.outbox.at(-1)?.name).toBe('error');
    expect(alice.command({ tag: 'force-close' })).toMatchObject({ error: { code: 'already-closing' } });
    alice.published.length = 0;
    peers.crash(alice);
    expect(alice.sent('local-commitment')).toEqual([commitment]);
    expect(alice.sent('mutual-close')).toEqual([closingOf(bob)]);
    peers.connect();
    expect(alice.outbox.map(({ name }) => name)).toEqual(['error']);
    // The other one wins after all.
    const at = confirmedAt(peers.height + 1);
    const mutual = closingOf(bob);
    peers.tell(alice, mutual, at);
    expect(alice.summary).toMatchObject({ status: 'closing', closing: { kind: 'mutual', amount: 600_000n } });
    expect(alice.demand).toMatchObject({ open: [], lift: null });
    expect(alice.demand.lost).toHaveLength(2);
    peers.mine(7);
    expect(alice.summary.status).toBe('closed');
  });

  test('our commitment wins: all of it is claimed', () => {
    const peers = closedLow();
    seen(peers);
    const { alice } = peers;
    alice.command({ tag: 'force-close' });
    const [commitment] = alice.sent('local-commitment');
    if (commitment === undefined) throw new Error('not published');
    peers.mine(1, [commitment]);
    expect(alice.summary).toMatchObject({ status: 'force-closing', closing: { kind: 'local' } });
    expect(alice.demand.open.map(({ claim }) => claim.kind)).toEqual(['local-delayed']);
    expect(alice.demand.lift).toBeNull();
  });

  test('not where the data may be old', () => {
    const peers = closedLow();
    seen(peers);
    const { alice } = peers;
    alice.env = { ...alice.env, mayBeStale: true };
    expect(alice.command({ tag: 'force-close' })?.ok).toBe(false);
    expect(alice.sent('local-commitment')).toEqual([]);
  });
});

describe('closing_complete', () => {
  test.each(['known to nobody', 'in the mempool'] as const)(
    'while it is %s: raised by who was asked, and on a new connection',
    (how) => {
      const peers = closedLow();
      const { alice, bob } = peers;
      if (how === 'in the mempool') seen(peers);
      expect(countSaid(peers, 'closing_complete', alice)).toBe(0);
      peers.crash(alice);
      expect(peers.close(alice, HIGH)).toMatchObject({ error: { code: 'peer-not-connected' } });
      peers.connect();
      peers.pump();
      // Nobody asked for more.
      expect(countSaid(peers, 'closing_complete')).toBe(1);
      expect(countSaid(peers, 'shutdown', alice)).toBe(2);
      expect(peers.close(alice, HIGH)?.ok).toBe(true);
      peers.pump();
      expect(countSaid(peers, 'closing_complete', alice)).toBe(1);
      const raised = closingOf(alice);
      expect(raised).toEqual(closingOf(bob));
      expect(raised.outputs.map(({ amount }) => amount)).toContain(400_000n);
      // And back again, after both have begun anew.
      peers.crash(bob);
      peers.crash(alice);
      expect(closingOf(alice)).toEqual(raised);
      peers.connect();
      peers.pump();
      expect(countSaid(peers, 'closing_complete')).toBe(2);
      expect(peers.close(bob, feeratePerKw(6_000))?.ok).toBe(true);
      peers.pump();
      expect(closingOf(alice)).toEqual(closingOf(bob));
      expect(closingOf(alice).outputs.map(({ amount }) => amount)).toContain(600_000n);
    },
  );

  test('who was asked raises by itself once it took a day', () => {
    const peers = closedLow();
    seen(peers);
    peers.mine(closingTimeout - 1);
    peers.pump();
    expect(countSaid(peers, 'closing_complete', peers.alice)).toBe(0);
    peers.mine(1);
    peers.pump();
    expect(countSaid(peers, 'closing_complete', peers.alice)).toBe(1);
    expect(closingOf(peers.alice).outputs.map(({ amount }) => amount)).toContain(400_000n);
  });

  test('asked for again: the patience begins anew', () => {
    const peers = closedLow();
    peers.mine(closingTimeout - 2);
    expect(peers.close(peers.alice, HIGH)?.ok).toBe(true);
    peers.pump();
    peers.mine(2);
    peers.mine(1);
    expect(peers.alice.sent('local-commitment')).toEqual([]);
  });

  test('after a restart it is still the other who asked, and who pays', () => {
    const peers = ready();
    change(peers, 'closing_complete', () => null);
    peers.close(peers.alice, NORMAL);
    peers.pump();
    peers.tap = null;
    peers.mine(1, []);
    const before = countSaid(peers, 'closing_complete', peers.bob);
    peers.crash(peers.bob);
    peers.crash(peers.alice);
    peers.connect();
    peers.pump();
    expect(countSaid(peers, 'closing_complete', peers.bob)).toBe(before);
    expect(closingOf(peers.bob).outputs.map(({ amount }) => amount)).toContain(400_000n);
  });

  test('a peer that does not sign gets a new connection, by a block or two or when asked again', () => {
    const peers = ready();
    change(peers, 'closing_sig', () => null);
    peers.close(peers.alice, NORMAL);
    peers.pump();
    peers.mine(1);
    expect(peers.alice.wantsDisconnect).toBe(false);
    peers.mine(1);
    expect(peers.alice.wantsDisconnect).toBe(true);
    // Who is slow has broken no rule.
    expect(breachesOf(peers.alice)).toEqual([]);
    peers.pump();
    peers.connect();
    peers.pump();
    expect(countSaid(peers, 'closing_complete', peers.alice)).toBe(2);
    expect(peers.close(peers.alice, HIGH)?.ok).toBe(true);
    expect(peers.alice.wantsDisconnect).toBe(true);
    peers.pump();
    peers.tap = null;
    peers.connect();
    peers.pump();
    expect(closingOf(peers.alice)).toEqual(closingOf(peers.bob));
    expect(lastSaid(peers, 'closing_complete', peers.alice).fee).toBeGreaterThan(2_000n);
  });

  test('legacy: once a fee was named, another is not, and that is said', () => {
    const peers = ready('closing_signed');
    change(peers, 'closing_signed', () => null);
    peers.close(peers.alice, NORMAL);
    peers.pump();
    expect(peers.close(peers.alice, HIGH)).toMatchObject({ error: { code: 'already-closing' } });
    expect(peers.alice.wantsDisconnect).toBe(false);
    expect(peers.alice.durable).toMatchObject({ closeFeerate: NORMAL });
    // Nor does it hold up what is under way.
    peers.tap = null;
    peers.reconnect();
    expect(closingOf(peers.alice)).toEqual(closingOf(peers.bob));
  });

  test('legacy: what both signed cannot be raised, and that is said', () => {
    const peers = closedLow('closing_signed');
    expect(peers.close(peers.alice, HIGH)).toMatchObject({ error: { code: 'already-closing' } });
  });

  test('a fee that would leave nothing is refused; what there is stays', () => {
    const peers = ready();
    peers.close(peers.alice, feeratePerKw(2_000_000));
    peers.pump();
    expect(peers.close(peers.alice, feeratePerKw(3_000_000))).toMatchObject({
      error: { code: 'already-closing' },
    });
    peers.tell(peers.alice, closingOf(peers.alice), null);
    expect(peers.alice.summary.closing).toMatchObject({ kind: 'mutual' });
  });
});
