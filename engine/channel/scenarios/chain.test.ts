import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../base/utf8.ts';
import { outPointKey } from '../../base/ids.ts';
import { blockHeight, feeratePerKw, msat } from '../../base/units.ts';
import { showsItsEnd } from '../../bitcoin/preimage-in.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { breachesOf, change, countSaid } from '../../testkit/two-peer-breach.ts';
import { localCommitment } from '../commitments.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { SITUATIONS } from '../../testkit/two-peer-situations.ts';
import { confirmedAt, preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

const even = { push: msat(400_000_000) };
const legacy = { config: { formats: ['static_remotekey'] } } as const;

const lastOf = (side: Side, purpose: string): Tx => {
  const found = side.published.findLast((one) => one.purpose === purpose);
  if (found === undefined) throw new Error(`${side.name} published no ${purpose}`);
  return found.tx;
};
const countOf = (side: Side, purpose: string): number =>
  side.published.filter((one) => one.purpose === purpose).length;
const sumOf = (tx: Tx): bigint => tx.outputs.reduce((sum, { amount }) => sum + amount, 0n);
/** Whether what spends HTLCs shows what a watch for them asks of it. */
function showIsWhole({ watches }: Side, tx: Tx): boolean {
  const spent = new Set(tx.inputs.map(({ outPoint }) => outPointKey(outPoint)));
  const asked = watches.flatMap((watch) =>
    watch.tag === 'spent' && watch.htlc !== undefined && spent.has(outPointKey(watch.outPoint))
      ? [showsItsEnd(tx, watch.outPoint, watch.htlc)]
      : [],
  );
  expect(asked).not.toEqual([]);
  return asked.every((shows) => shows);
}

describe.each(['anchors', 'static_remotekey'] as const)('force close without HTLCs (%s)', (base) => {
  const formats = { config: { formats: [base] } } as const;

  function forced(): TwoPeers {
    const peers = TwoPeers.ready(even, formats, formats);
    peers.pay(peers.alice, msat(50_000_000));
    peers.disconnect();
    expect(peers.alice.command({ tag: 'force-close' })).toMatchObject({ ok: true });
    return peers;
  }

  // BOLT 5 §Unilateral Close Handling: Local Commitment Transaction: "SHOULD spend the `to_local` output to a convenient
  // address"
  // BOLT 5 §General Nomenclature
  test('both get their money into their wallets, the closer after its delay', () => {
    const peers = forced();
    const { alice, bob } = peers;
    const commitment = lastOf(alice, 'local-commitment');
    expect(alice.summary).toMatchObject({ status: 'force-closing', closing: { kind: null } });
    peers.mine(1, [commitment]);
    expect(alice.notice('spent')).toMatchObject({ kind: 'local', at: peers.height });
    expect(bob.notice('spent')).toMatchObject({ kind: 'remote' });
    const { closing } = alice.summary;
    expect(closing).toMatchObject({ kind: 'local', confirmations: 1, claimableAt: peers.height + 144 });
    expect(commitment.outputs.map(({ amount }) => amount)).toContain(closing?.amount);
    expect(bob.summary.closing).toMatchObject({ kind: 'remote', amount: 450_000n, claimableAt: null });

    // The peer's share can be claimed at once (with anchors, in the next block).
    const bobs = lastOf(bob, 'claim');
    expect(bobs.outputs).toEqual([{ amount: sumOf(bobs), script: bob.env.closingScript }]);
    expect(countOf(alice, 'claim')).toBe(0);
    peers.mine(142, [bobs]);
    expect(countOf(alice, 'claim')).toBe(0);
    peers.mine(1);
    const mine = lastOf(alice, 'claim');
    expect(mine.inputs[0]).toMatchObject({ outPoint: { txId: txIdOf(commitment) }, sequence: 144 });
    expect(mine.outputs[0]?.script).toEqual(alice.env.closingScript);
    expect(sumOf(mine)).toBeGreaterThan(545_000n);
    peers.mine(1, [mine]);
    peers.mine(5);
    expect(alice.summary.status).toBe('closed');
    expect(bob.summary.status).toBe('closed');
    expect(alice.notices.filter(({ tag }) => tag === 'closed')).toHaveLength(1);
  });

  test('what it costs is the opener’s: the fee and the anchors, and none of the payments under way', () => {
    const peers = TwoPeers.ready(even, formats, formats);
    const { alice, bob } = peers;
    peers.pay(alice, msat(50_000_000));
    for (const side of [alice, bob]) peers.add(side, msat(30_000_000));
    peers.pump();
    peers.disconnect();
    alice.command({ tag: 'force-close' });
    const commitment = lastOf(alice, 'local-commitment');
    const isAnchor = ({ amount }: { readonly amount: bigint }): boolean => amount === 330n;
    const anchors = commitment.outputs.filter(isAnchor).length;
    expect(anchors).toBe(base === 'anchors' ? 2 : 0);
    const cost = 1_000_000n - sumOf(commitment) + 330n * BigInt(anchors);
    expect(alice.summary.closing).toMatchObject({ kind: null, cost, amount: 520_000n - cost });
    peers.mine(1, [commitment]);
    expect(alice.summary.closing).toMatchObject({ kind: 'local', cost, amount: 520_000n - cost });
    expect(bob.summary.closing).toMatchObject({ kind: 'remote', cost: 0n, amount: 420_000n });
  });

  // BOLT 5 §Failing a Channel
  test('a restart at any moment asks for the same again', () => {
    const peers = forced();
    const { alice, bob } = peers;
    const commitment = lastOf(alice, 'local-commitment');
    alice.published.length = 0;
    peers.crash(alice);
    expect(alice.published).toEqual([{ tag: 'publish', tx: commitment, purpose: 'local-commitment' }]);
    peers.mine(1, [commitment]);
    for (const side of [alice, bob]) side.published.length = 0;
    peers.crash(bob);
    const claim = lastOf(bob, 'claim');
    expect(bob.watches).toContainEqual(
      expect.objectContaining({ tag: 'spent', outPoint: claim.inputs[0]?.outPoint }),
    );
    peers.mine(143);
    alice.published.length = 0;
    peers.crash(alice);
    expect(alice.published.map(({ purpose }) => purpose)).toEqual(['claim']);
  });

  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction
  test('the peer closes: known in the mempool, claimed when mined', () => {
    const peers = TwoPeers.ready(even, formats, formats);
    const { alice, bob } = peers;
    bob.command({ tag: 'force-close' });
    const commitment = lastOf(bob, 'local-commitment');
    peers.tell(alice, commitment, null);
    expect(alice.summary).toMatchObject({
      status: 'force-closing',
      closing: { kind: 'remote', confirmations: 0 },
    });
    // With anchors our output waits for one confirmation.
    expect(countOf(alice, 'claim')).toBe(base === 'anchors' ? 0 : 1);
    peers.mine(1, [commitment]);
    const claim = lastOf(alice, 'claim');
    peers.mine(1, [claim]);
    peers.mine(5);
    expect(alice.summary.status).toBe('closed');
  });

  // BOLT 5 §General Nomenclature
  test('a reorg steps back, and forward again', () => {
    const peers = forced();
    const { alice, bob } = peers;
    const commitment = lastOf(alice, 'local-commitment');
    peers.mine(1, [commitment]);
    const claim = lastOf(bob, 'claim');
    peers.mine(1, [claim]);
    for (const tx of [claim, commitment])
      for (const side of [alice, bob])
        side.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(tx), tipHeight: peers.height } });
    expect(bob.summary.closing?.confirmations).toBe(0);
    peers.mine(20);
    expect(bob.summary.status).toBe('force-closing');
    peers.mine(1, [commitment]);
    peers.mine(1, [claim]);
    peers.mine(5);
    expect(bob.summary.status).toBe('closed');
  });
});

describe('how a channel ends', () => {
  test('mutual close: recognised, final, nothing to claim', () => {
    const peers = TwoPeers.ready(even);
    peers.close(peers.alice);
    peers.pump();
    const tx = lastOf(peers.alice, 'mutual-close');
    for (const side of [peers.alice, peers.bob]) peers.tell(side, tx, null);
    expect(peers.alice.summary).toMatchObject({
      status: 'closing',
      closing: { kind: 'mutual', confirmations: 0, cost: 1_000_000n - sumOf(tx) },
    });
    expect(peers.bob.summary.closing).toMatchObject({ cost: 0n, amount: 400_000n });
    peers.mine(1, [tx]);
    peers.mine(4);
    expect(peers.alice.summary.status).toBe('closing');
    peers.mine(1);
    for (const side of [peers.alice, peers.bob]) {
      expect(side.summary.status).toBe('closed');
      expect(countOf(side, 'claim')).toBe(0);
      expect(side.notice('spent').kind).toBe('mutual');
    }
    // Until nobody goes back behind it any more.
    peers.mine(100);
    peers.crash(peers.alice);
    expect(peers.alice.watches).toEqual([]);
  });

  // BOLT 5 §Failing a Channel
  test('our commitment loses the race against a closing transaction of before', () => {
    const peers = TwoPeers.ready(even);
    change(peers, 'closing_signed', (message, from) => (from === peers.bob ? null : message));
    peers.close(peers.alice);
    peers.pump();
    peers.alice.command({ tag: 'force-close' });
    // Bob had agreed to the fee: his transaction is complete.
    const tx = lastOf(peers.bob, 'mutual-close');
    peers.mine(1, [tx]);
    peers.mine(5);
    expect(peers.alice.summary).toMatchObject({ status: 'closed', closing: { kind: 'mutual' } });
  });

  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction
  // BOLT 2 §Message Retransmission: "if it has sent a previous `commitment_signed` message: MUST handle the case where
  // the corresponding commitment transaction is broadcast"
  test('the peer publishes what it has not revoked yet, or what follows: both are recognised', () => {
    for (const next of [false, true]) {
      const peers = TwoPeers.ready(even);
      peers.add(peers.alice, msat(30_000_000), 'one');
      if (next) {
        // Bob has the new one; his revocation of the old one is lost.
        peers.deliver(peers.alice);
        peers.deliver(peers.alice);
      }
      peers.disconnect();
      peers.bob.command({ tag: 'force-close' });
      peers.mine(1, [lastOf(peers.bob, 'local-commitment')]);
      expect(peers.alice.notice('spent').kind).toBe(next ? 'remote-next' : 'remote');
    }
  });

  test('what a state costs that is not ours to know: its fee, and the one anchor that it has', () => {
    const peers = TwoPeers.ready();
    const { alice, bob } = peers;
    const { params, ledger, active } = bob.durable;
    const old = bob.env.signer.signLocalCommitment(
      localCommitment(params, ledger, active[0], bob.env),
      active[0].remoteSignature,
    );
    peers.pay(alice, msat(50_000_000));
    peers.mine(1, [old]);
    const anchors = old.outputs.filter(({ amount }) => amount === 330n);
    expect(anchors).toHaveLength(1);
    expect(alice.summary.closing).toMatchObject({ kind: 'revoked', cost: 1_000_000n - sumOf(old) + 330n });
  });

  test('a revoked commitment is recognised; our main output is claimed', () => {
    const peers = TwoPeers.ready(even, legacy, legacy);
    const old = peers.bob.env.signer.signLocalCommitment(
      localCommitment(
        peers.bob.durable.params,
        peers.bob.durable.ledger,
        peers.bob.durable.active[0],
        peers.bob.env,
      ),
      peers.bob.durable.active[0].remoteSignature,
    );
    peers.pay(peers.alice, msat(50_000_000));
    peers.mine(1, [old]);
    expect(peers.alice.notice('spent').kind).toBe('revoked');
    expect(lastOf(peers.alice, 'claim').outputs[0]?.script).toEqual(peers.alice.env.closingScript);
  });

  // BOLT 5 §General Requirements
  // BOLT 5 §General Requirements: "MUST warn the user of potentially lost funds"
  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "otherwise (it is NOT able to handle the
  // broadcast for some reason): MUST inform the user of potentially lost funds"
  test('a commitment from after all that we know: the user is warned, once, and our balance in it is taken', () => {
    const peers = TwoPeers.ready(even);
    const { alice, bob } = peers;
    const { durable } = alice;
    for (let i = 0; i < 2; i++) peers.pay(alice, msat(50_000_000));
    peers.disconnect();
    // The disk went back, and nobody noticed.
    alice.state = { durable, session: { link: 'offline' } };
    bob.command({ tag: 'force-close' });
    const theirs = lastOf(bob, 'local-commitment');
    peers.tell(alice, theirs, null);
    peers.mine(1, [theirs]);
    expect(alice.durable).toMatchObject({ phase: 'closing', spend: { kind: 'unknown' } });
    expect(alice.notices.filter(({ tag }) => tag === 'data-loss')).toHaveLength(1);
    peers.mine(1, [lastOf(alice, 'claim')]);
    peers.mine(6);
    expect(alice.summary).toMatchObject({ status: 'closed', closing: { amount: 498_216n } });
  });

  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "It can derive its own `remotepubkey` for the
  // transaction, in order to salvage its own funds"
  test.each(['anchors', 'static_remotekey'] as const)(
    'a commitment from after all that we know, with HTLCs: our balance is taken by our own key, and no HTLC (%s)',
    (base) => {
      const formats = { config: { formats: [base] } } as const;
      const peers = TwoPeers.ready(even, formats, formats);
      const { alice, bob } = peers;
      const { durable } = alice;
      peers.pay(alice, msat(50_000_000));
      for (const side of [alice, bob]) peers.add(side, msat(30_000_000));
      peers.pump();
      peers.disconnect();
      bob.command({ tag: 'force-close' });
      alice.state = { durable, session: { link: 'offline' } };
      const commitment = lastOf(bob, 'local-commitment');
      peers.mine(1, [commitment]);
      expect(alice.durable).toMatchObject({ spend: { kind: 'unknown' } });
      // 600,000 sat less what was paid, what is pending, and the fee and the anchors, which the opener pays.
      const anchors = commitment.outputs.filter(({ amount }) => amount === 330n);
      const cost = 1_000_000n - sumOf(commitment) + 330n * BigInt(anchors.length);
      const ours = 600_000n - 50_000n - 30_000n - cost;
      expect(alice.demand.open).toMatchObject([{ claim: { kind: 'remote-main', amount: ours } }]);
      peers.mine(100);
      const claims = alice.published.filter(({ purpose }) => purpose === 'claim');
      expect(new Set(claims.map(({ tx }) => outPointKey(tx.inputs[0]!.outPoint))).size).toBe(1);
      expect(lastOf(alice, 'claim').outputs).toMatchObject([{ script: alice.env.closingScript }]);
    },
  );

  test('an error of the peer sends us to the chain, and is told to the user', () => {
    const peers = TwoPeers.ready(even);
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, { name: 'error', channelId, data: Uint8Array.of(0x6e, 0x6f, 0x0a, 0xc3) });
    expect(peers.alice.notice('peer-said')).toEqual({ tag: 'peer-said', kind: 'error', text: 'no??' });
    expect(countOf(peers.alice, 'local-commitment')).toBe(1);
  });

  test('a warning is told to the user and changes nothing', () => {
    const peers = TwoPeers.ready(even);
    const before = peers.alice.durable;
    const { channelId } = before.params;
    peers.inject(peers.bob, { name: 'warning', channelId, data: Uint8Array.of(0x68, 0x69) });
    expect(peers.alice.notice('peer-said')).toMatchObject({ kind: 'warning', text: 'hi' });
    expect(peers.alice.durable).toBe(before);
  });
});

describe('deadlines', () => {
  // BOLT 2 §cltv_expiry_delta: "MUST estimate a timeout deadline for each HTLC it offers."
  // BOLT 2 §cltv_expiry_delta: "if an HTLC which it offered is in either node's current commitment transaction, AND is
  // past this timeout deadline"
  test('cltv_expiry_delta -- an HTLC of ours past its expiry is taken to the chain, also offline', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(30_000_000), 'one', 10);
    peers.pump();
    peers.disconnect();
    peers.mine(12);
    // Seen to be late at 13 blocks; the peer has 6 more to come back.
    for (let i = 0; i < 6; i++) peers.mine(1);
    expect(peers.alice.durable.phase).toBe('normal');
    peers.mine(1);
    expect(peers.alice.durable).toMatchObject({ phase: 'closing', failure: 'HTLC 0 has timed out' });
    expect(countOf(peers.alice, 'local-commitment')).toBe(1);
  });

  // BOLT 2 §cltv_expiry_delta: "for each HTLC it is attempting to fulfill: MUST estimate a fulfillment deadline."
  // BOLT 2 §cltv_expiry_delta: "if an HTLC it has fulfilled is in either node's current commitment transaction, AND is
  // past this fulfillment deadline"
  test('cltv_expiry_delta -- an HTLC that we fulfilled is taken to the chain 18 blocks before its expiry', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(30_000_000), 'one', 40);
    peers.pump();
    peers.disconnect();
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.mine(21);
    expect(peers.bob.durable.phase).toBe('normal');
    peers.mine(1);
    expect(peers.bob.durable.phase).toBe('closing');
    expect(peers.alice.durable.phase).toBe('normal');
  });

  test('cltv_expiry_delta -- one that was not fulfilled is the affair of the peer', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(30_000_000), 'one', 40);
    peers.pump();
    peers.disconnect();
    peers.mine(42);
    expect(peers.bob.durable.phase).toBe('normal');
  });
});

describe('HTLCs on the chain', () => {
  const htlcs = (base: 'anchors' | 'static_remotekey'): TwoPeers => {
    const formats = { config: { formats: [base] } } as const;
    const peers = TwoPeers.ready(even, formats, formats);
    peers.add(peers.alice, msat(30_000_000), 'one');
    peers.add(peers.bob, msat(20_000_000), 'two');
    peers.add(peers.alice, msat(100_000), 'dust');
    peers.pump();
    peers.disconnect();
    return peers;
  };

  // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "once the commitment transaction has reached
  // reasonable depth: MUST fail the corresponding incoming HTLC (if any)"
  test.each(['anchors', 'static_remotekey'] as const)(
    'of the commitment of the peer: claimed by preimage, and after the expiry (%s)',
    (base) => {
      const peers = htlcs(base);
      const { alice, bob } = peers;
      alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('two') });
      bob.command({ tag: 'force-close' });
      peers.mine(1, [lastOf(bob, 'local-commitment')]);
      const byPreimage = alice.published.find(({ tx }) =>
        tx.inputs.some(({ witness }) => witness.some((item) => item.length === 32)),
      );
      expect(byPreimage?.purpose).toBe('claim');
      expect(byPreimage?.tx.outputs[0]?.script).toEqual(alice.env.closingScript);
      // The expiry is 40 blocks after the HTLC was made.
      peers.mine(38);
      expect(alice.published.some(({ tx }) => tx.lockTime > 0 && tx.lockTime < 500)).toBe(false);
      peers.mine(1);
      const byTimeout = alice.published.find(({ tx }) => tx.lockTime > 0 && tx.lockTime < 500);
      expect(byTimeout?.purpose).toBe('claim');
      if (byTimeout === undefined || byPreimage === undefined) return;
      peers.mine(1, [byTimeout.tx, byPreimage.tx, lastMain(alice)]);
      expect(alice.settled.map(({ result }) => result)).toEqual([
        { tag: 'abandoned', cause: 'channel-closed' },
      ]);
      peers.mine(5);
      // What was paid by its preimage is not taken back.
      expect(alice.takenBack).toEqual([]);
      expect(alice.settled.map(({ id, result }) => [id, result])).toEqual([
        [1n, { tag: 'abandoned', cause: 'channel-closed' }],
        [0n, { tag: 'abandoned', cause: 'timed-out-on-chain' }],
      ]);
      expect(alice.summary.status).toBe('closed');
    },
  );

  test.each(['anchors', 'static_remotekey'] as const)(
    'what we answered and the payer took back is told for good, also after a restart (%s)',
    (base) => {
      const peers = htlcs(base);
      const { alice, bob } = peers;
      bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
      bob.command({ tag: 'force-close' });
      peers.mine(1, [lastOf(bob, 'local-commitment')]);
      peers.mine(39);
      const byTimeout = alice.published.find(({ tx }) => tx.lockTime > 0 && tx.lockTime < 500);
      if (byTimeout === undefined) throw new Error('the payer took nothing back');
      peers.mine(1, [byTimeout.tx]);
      peers.mine(4);
      expect(bob.takenBack).toEqual([]);
      peers.mine(1);
      expect(bob.takenBack).toEqual([0n]);
      bob.restart();
      expect(bob.takenBack).toEqual([0n, 0n]);
    },
  );

  const lastMain = (side: Side): Tx => {
    const main = side.published.find(
      ({ tx, purpose }) =>
        purpose === 'claim' && tx.lockTime === 0 && (tx.inputs[0]?.witness.length ?? 0) === 2,
    );
    if (main === undefined) throw new Error('no claim of the main output');
    return main.tx;
  };

  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers
  test('of our commitment: a preimage that the peer shows is the proof of payment', () => {
    const peers = htlcs('anchors');
    const { alice, bob } = peers;
    alice.command({ tag: 'force-close' });
    bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.mine(1, [lastOf(alice, 'local-commitment')]);
    const taken = bob.published.find(({ tx }) =>
      tx.inputs.some(({ witness }) => witness.some((item) => item.length === 32)),
    );
    if (taken === undefined) throw new Error('the peer does not claim');
    // A server that leaves it out is not believed; our own way needs none.
    const bare = taken.tx.inputs.map((input) => ({ ...input, witness: [] }));
    expect([taken.tx, { ...taken.tx, inputs: bare }].map((tx) => showIsWhole(alice, tx))).toEqual([
      true,
      false,
    ]);
    peers.tell(alice, taken.tx, null);
    expect(alice.settled.map(({ id, result }) => [id, result])).toEqual([
      [0n, { tag: 'fulfilled', preimage: preimageOf('one') }],
    ]);
    // Told, and written down: not told again at the next start.
    peers.crash(alice);
    expect(alice.settled).toHaveLength(1);
  });

  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "for any committed HTLC that does NOT have an output
  // in this commitment transaction"
  test('of our commitment without anchors: HTLC-timeout, and its output after the delay', () => {
    const peers = htlcs('static_remotekey');
    const { alice } = peers;
    alice.command({ tag: 'force-close' });
    peers.mine(1, [lastOf(alice, 'local-commitment')]);
    expect(countOf(alice, 'htlc-timeout')).toBe(0);
    peers.mine(39);
    // The one that is too small for an output.
    expect(alice.settled.map(({ id, result }) => [id, result])).toEqual([
      [1n, { tag: 'abandoned', cause: 'channel-closed' }],
    ]);
    const timeout = lastOf(alice, 'htlc-timeout');
    expect(showIsWhole(alice, timeout)).toBe(true);
    peers.mine(1, [timeout]);
    peers.mine(143);
    const second = alice.published.findLast(({ tx }) => tx.inputs[0]?.outPoint.txId === txIdOf(timeout));
    expect(second?.purpose).toBe('claim');
    expect(second?.tx.inputs[0]?.sequence).toBe(144);
    expect(second && outPointKey(second.tx.inputs[0]?.outPoint ?? { txId: txIdOf(timeout), index: 9 })).toBe(
      `${txIdOf(timeout)}:0`,
    );
  });

  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers
  // BOLT 5 §Generation of HTLC Transactions
  test('of our commitment without anchors: HTLC-success with the preimage', () => {
    const peers = htlcs('static_remotekey');
    const { alice } = peers;
    alice.command({ tag: 'force-close' });
    peers.mine(1, [lastOf(alice, 'local-commitment')]);
    expect(countOf(alice, 'htlc-success')).toBe(0);
    // The preimage may come late.
    alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('two') });
    const success = lastOf(alice, 'htlc-success');
    expect(success.inputs[0]?.witness).toContainEqual(preimageOf('two'));
    // Any server can make up a spend that is in no block.
    peers.tell(alice, { ...success, lockTime: success.lockTime + 1 }, null);
    alice.published.length = 0;
    peers.mine(1);
    expect(lastOf(alice, 'htlc-success')).toEqual(success);
  });

  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "if the *remote node* is NOT irrevocably committed
  // to the HTLC: MUST NOT *resolve* the output by spending it"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers: "if the remote node is NOT irrevocably committed to
  // the HTLC: MUST NOT *resolve* the output by spending it"
  test.each(['ours', 'theirs'] as const)(
    'one that the peer can still revoke is not claimed, though its preimage is known (%s is mined)',
    (whose) => {
      const peers = TwoPeers.ready(even);
      const { alice, bob } = peers;
      peers.add(bob, msat(20_000_000), 'two');
      // Both have it in a commitment; Bob's revocation of the one without it is lost.
      peers.deliver(bob);
      peers.deliver(bob);
      if (whose === 'theirs') {
        peers.deliver(alice);
        peers.deliver(alice);
      }
      peers.disconnect();
      const claimed = (): unknown =>
        alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('two') });
      const refused = { ok: false, error: { code: 'unknown-htlc', id: 0n } };
      expect(claimed()).toEqual(refused);
      const closer = whose === 'ours' ? alice : bob;
      closer.command({ tag: 'force-close' });
      const commitment = lastOf(closer, 'local-commitment');
      expect(commitment.outputs.map(({ amount }) => amount)).toContain(20_000n);
      peers.mine(1, [commitment]);
      expect(claimed()).toEqual(refused);
      expect(alice.offers).toEqual([]);
      peers.mine(30);
      const shown = alice.published.flatMap(({ tx }) => tx.inputs.flatMap(({ witness }) => witness));
      expect(shown).not.toContainEqual(preimageOf('two'));
    },
  );

  test('an answer is offered again after a restart while the channel closes', () => {
    const peers = htlcs('anchors');
    peers.bob.command({ tag: 'force-close' });
    peers.crash(peers.bob);
    expect(peers.bob.offers.map(({ id }) => id)).toEqual([0n, 1n]);
  });
});

describe('what must never be', () => {
  // BOLT 5 §General Nomenclature: "upon the funding transaction being spent, if the channel is NOT already closed: MAY
  // send a descriptive `error`. SHOULD fail the channel"
  test('after the funding output is spent nothing is signed any more', () => {
    const peers = SITUATIONS['with HTLCs']?.() ?? new TwoPeers();
    peers.bob.command({ tag: 'force-close' });
    const commitment = lastOf(peers.bob, 'local-commitment');
    peers.tell(peers.alice, commitment, confirmedAt(peers.height));
    expect(peers.alice.summary.status).toBe('force-closing');
    const data = encodeUtf8('the funding output is spent');
    expect(peers.alice.outbox.at(-1)).toMatchObject({ name: 'error', data });
    const start = peers.said.length;
    expect(peers.add(peers.alice, msat(1_000_000))).toMatchObject({ error: { code: 'channel-not-ready' } });
    expect(peers.alice.command({ tag: 'update-fee', feerate: feeratePerKw(2_000) })).toMatchObject({
      ok: false,
    });
    peers.reconnect();
    expect(peers.saidSince(start).filter((line) => line.startsWith('alice: commitment'))).toEqual([]);
    expect(breachesOf(peers.alice)).toEqual([]);
    expect(countSaid(peers, 'channel_reestablish', peers.alice)).toBe(0);
    expect(blockHeight(peers.height)).toBe(peers.alice.env.height);
  });
});
