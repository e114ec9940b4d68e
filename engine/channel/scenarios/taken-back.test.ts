import { describe, expect, test } from 'vitest';
import { assert } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import { outPointKey, type OutPoint } from '../../base/ids.ts';
import { feeratePerKw, msat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { ripemd160 } from '../../crypto/hash.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { hashOf, preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { distrusted } from '../backup.ts';
import { localCommitment } from '../commitments.ts';
import type { Durable } from '../state.ts';
import { buildClaimTx, buildHtlcTx } from '../../commitment/claim-tx.ts';
import { htlcTransactionClaim } from '../../commitment/local-claims.ts';

const even = { push: msat(400_000_000) };
type Base = 'anchors' | 'static_remotekey';
const ready = (base: Base): TwoPeers => {
  const formats = { config: { formats: [base] } } as const;
  return TwoPeers.ready(even, formats, formats);
};

/** Bob's commitment as he has it, and the HTLC transactions by which he takes back what he offered. */
function heldBy({ durable, env }: Side): { readonly tx: Tx; readonly timeouts: readonly Tx[] } {
  const [latest] = durable.active;
  const commitment = localCommitment(durable.params, durable.ledger, latest, env);
  const timeouts = commitment.htlcs.flatMap((output, i) => {
    const signature = latest.remoteHtlcSignatures[i];
    assert(signature !== undefined, 'no signature');
    if (output.kind !== 'offered') return [];
    const claim = htlcTransactionClaim(commitment, output, signature, null);
    return [env.signer.signClaims(buildHtlcTx(claim), [claim])];
  });
  return { tx: env.signer.signLocalCommitment(commitment, latest.remoteSignature), timeouts };
}

/** As the peer takes what waited for its delay: BOLT 3 §to_local Output: "<local_delayedsig> <>". */
function byDelay(side: Side, outPoint: OutPoint): Tx {
  const claim = side.demand.open.find(
    (one) => outPointKey(one.claim.outPoint) === outPointKey(outPoint),
  )?.claim;
  assert(claim?.lock.tag === 'p2wsh', 'no such output is wanted');
  const witness = [new Uint8Array(71), new Uint8Array(), claim.lock.witnessScript];
  return {
    version: 2,
    lockTime: 0,
    inputs: [{ outPoint, sequence: 144, scriptSig: new Uint8Array(), witness }],
    outputs: [{ amount: claim.amount, script: Uint8Array.of(0x51) }],
  };
}

const spendsOf = ({ inputs }: Tx): ReadonlySet<string> =>
  new Set(inputs.map(({ outPoint }) => outPointKey(outPoint)));

const amountsWanted = ({ demand }: Side): bigint =>
  demand.open.reduce((sum, { claim }) => sum + claim.amount, 0n);

/** Bob's HTLC is held, with what Alice's disk had then; and they went on. */
function wentOn(base: Base): { readonly peers: TwoPeers; readonly durable: TwoPeers['alice']['durable'] } {
  const peers = ready(base);
  peers.add(peers.bob, msat(30_000_000), 'one');
  peers.pump();
  const { durable } = peers.alice;
  peers.pay(peers.alice, msat(50_000_000));
  return { peers, durable };
}

describe.each(['anchors', 'static_remotekey'] as const)('a payment that we had answered (%s)', (base) => {
  test('is taken back from a commitment that we do not know: told, and our balance is what the chain has', () => {
    const { peers, durable } = wentOn(base);
    const { alice, bob } = peers;
    peers.disconnect();
    // The disk went back, nobody noticed, and the preimage is given from there.
    alice.state = { durable, session: { link: 'offline' } };
    alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    const { tx, timeouts } = heldBy(bob);
    peers.mine(1, [tx]);
    expect(alice.durable).toMatchObject({ spend: { kind: 'unknown' } });
    const [timeout] = timeouts;
    assert(timeout !== undefined, 'nothing to take back');
    const { closing } = alice.summary;
    expect(closing?.amount).toBe(amountsWanted(alice));
    expect(tx.outputs.map(({ amount }) => amount)).toContain(closing?.amount);
    peers.mine(40);
    peers.mine(1, [timeout]);
    peers.mine(4);
    expect(alice.takenBack).toEqual([]);
    peers.mine(1);
    expect(alice.takenBack).toEqual([0n]);
    peers.crash(alice);
    expect(alice.takenBack).toEqual([0n, 0n]);
  });

  test.each([
    ['shown', [preimageOf('one')]],
    ['that no server shows', []],
  ])('by a preimage %s is not taken back, in a commitment that we do not know', (_, preimage) => {
    const { peers, durable } = wentOn(base);
    const { alice, bob } = peers;
    alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    const { tx, timeouts } = heldBy(bob);
    const [timeout] = timeouts;
    const [input] = timeout?.inputs ?? [];
    assert(timeout !== undefined && input !== undefined, 'nothing to take back');
    alice.state = { durable, session: { link: 'offline' } };
    alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.mine(1, [tx]);
    // What a newer copy of this wallet publishes.
    const witness = [new Uint8Array(71), ...preimage, input.witness.at(-1) ?? new Uint8Array()];
    peers.mine(1, [{ ...timeout, lockTime: 0, inputs: [{ ...input, witness }] }]);
    peers.mine(10);
    const key = outPointKey(input.outPoint);
    expect(alice.durable.phase === 'closing' && alice.durable.resolved.get(key)?.at).toBeTruthy();
    expect(alice.takenBack).toEqual([]);
  });

  /** What the peer makes of an HTLC that it offered, in a commitment of ours. */
  function directTimeout({ demand, env }: Side, later: number): Tx {
    const claim = demand.open.find((one) => one.claim.kind === 'claim-htlc-timeout')?.claim;
    assert(claim !== undefined, 'nothing to take back');
    const built = buildClaimTx([claim], env.closingScript, feeratePerKw(1_000));
    assert(built.ok, 'not built');
    return env.signer.signClaims({ ...built.value, lockTime: built.value.lockTime + later }, [claim]);
  }

  test.each([0, 1])(
    'is taken back from a commitment that a newer copy of ours published (%i blocks late)',
    (later) => {
      const { peers, durable } = wentOn(base);
      const { alice, bob } = peers;
      peers.disconnect();
      alice.command({ tag: 'force-close' });
      const [tx] = alice.sent('local-commitment');
      assert(tx !== undefined, 'not published');
      alice.state = { durable, session: { link: 'offline' } };
      alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
      peers.mine(1, [tx]);
      expect(alice.durable).toMatchObject({ spend: { kind: 'unknown' } });
      peers.mine(42);
      peers.mine(1, [directTimeout(bob, later)]);
      peers.mine(5);
      expect(alice.takenBack).toContain(0n);
    },
  );

  test('is not what a server says of another HTLC, in a commitment that we do not know', () => {
    const { peers, durable } = wentOn(base);
    const { alice, bob } = peers;
    peers.disconnect();
    alice.state = { durable, session: { link: 'offline' } };
    alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    const { tx, timeouts } = heldBy(bob);
    const [timeout] = timeouts;
    assert(timeout !== undefined, 'nothing to take back');
    peers.mine(1, [tx]);
    peers.mine(42);
    const script = ripemd160(fromHex(hashOf('one')));
    const inputs = timeout.inputs.map((input) => ({ ...input, witness: [script] }));
    peers.mine(1, [{ ...timeout, inputs }]);
    peers.mine(5);
    expect(alice.takenBack).toEqual([]);
  });

  /** The preimage was given, the peer has not revoked; the commitment of before is published, and the device is gone. */
  function goneInBetween(): {
    readonly peers: TwoPeers;
    readonly old: Durable;
    readonly newest: Durable;
    readonly tx: Tx;
  } {
    const peers = ready(base);
    const { alice, bob } = peers;
    peers.add(bob, msat(30_000_000), 'one');
    peers.pump();
    const old = alice.durable;
    alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    const newest = alice.durable;
    peers.disconnect();
    alice.command({ tag: 'force-close' });
    const [tx] = alice.sent('local-commitment');
    assert(tx !== undefined, 'not published');
    return { peers, old, newest, tx };
  }

  test('is taken back too where a backup was restored that is the newest', () => {
    const { peers, newest, tx } = goneInBetween();
    const { alice, bob } = peers;
    alice.state = { durable: distrusted(newest), session: { link: 'offline' } };
    peers.mine(1, [tx]);
    expect(alice.durable).toMatchObject({ phase: 'closing', lostData: true, spend: { kind: 'local' } });
    peers.mine(42);
    peers.mine(1, [directTimeout(bob, 0)]);
    peers.mine(5);
    expect(alice.takenBack).toContain(0n);
  });

  test('is ours by the preimage of a newer backup, after an older one', () => {
    const { peers, old, newest, tx } = goneInBetween();
    const { alice } = peers;
    alice.state = { durable: distrusted(old), session: { link: 'offline' } };
    peers.mine(1, [tx]);
    expect(alice.demand.open.map(({ claim }) => claim.kind)).not.toContain('htlc-success');
    expect(alice.command({ tag: 'fall-back', known: newest })).toMatchObject({ ok: true });
    expect(alice.demand.open.map(({ claim }) => claim.kind)).toContain('htlc-success');
  });

  test.each([
    ['before the commitment is in a block', false],
    ['after', true],
  ])(
    'is ours by the preimage that only this device was given, whatever copy it falls back to, %s',
    (_, late) => {
      const { peers, old, tx } = goneInBetween();
      const { alice } = peers;
      alice.state = { durable: distrusted(old), session: { link: 'offline' } };
      if (late) peers.mine(1, [tx]);
      alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
      expect(alice.command({ tag: 'fall-back', known: old })).toMatchObject({ ok: true });
      if (!late) peers.mine(1, [tx]);
      expect(alice.demand.open.map(({ claim }) => claim.kind)).toContain('htlc-success');
      peers.crash(alice);
      expect(alice.demand.open.map(({ claim }) => claim.kind)).toContain('htlc-success');
    },
  );

  test('one that we made and that nobody shows the preimage of is not told as failed, once a copy knows its commitment', () => {
    const peers = ready(base);
    const { alice, bob } = peers;
    peers.add(alice, msat(30_000_000), 'made');
    peers.pump();
    const { durable: old } = alice;
    peers.pay(alice, msat(50_000_000));
    const { durable: newest } = alice;
    peers.disconnect();
    alice.state = { durable: old, session: { link: 'offline' } };
    alice.settled.length = 0;
    bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('made') });
    bob.command({ tag: 'force-close' });
    const [tx] = bob.sent('local-commitment');
    assert(tx !== undefined, 'not published');
    peers.mine(1, [tx]);
    expect(alice.durable).toMatchObject({ spend: { kind: 'unknown' } });
    const success = bob.demand.open.find(({ claim }) => claim.kind === 'htlc-success')?.claim;
    assert(success !== undefined, 'nothing is taken');
    const taken = bob.env.signer.signClaims(buildHtlcTx(success), [success]);
    const bare = { ...taken, inputs: taken.inputs.map((input) => ({ ...input, witness: [] })) };
    peers.mine(1, [bare]);
    peers.mine(10);
    expect(alice.command({ tag: 'fall-back', known: newest })).toMatchObject({ ok: true });
    peers.mine(10);
    peers.crash(alice);
    expect(alice.settled).toEqual([]);
    const watch = alice.watches.findLast(
      (one) => one.tag === 'spent' && spendsOf(taken).has(outPointKey(one.outPoint)),
    );
    expect(watch).not.toHaveProperty('known');
    peers.mine(1, [taken]);
    expect(alice.settled).toMatchObject([{ id: 0n, result: { tag: 'fulfilled' } }]);
  });

  function revoked(): {
    readonly peers: TwoPeers;
    readonly before: Tx;
    readonly tx: Tx;
    readonly timeout: Tx;
  } {
    const peers = ready(base);
    const { alice, bob } = peers;
    const before = heldBy(bob).tx;
    peers.add(bob, msat(30_000_000), 'one');
    peers.pump();
    const { tx, timeouts } = heldBy(bob);
    peers.pay(alice, msat(50_000_000));
    peers.disconnect();
    alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    const [timeout] = timeouts;
    assert(timeout !== undefined, 'nothing to take back');
    return { peers, before, tx, timeout };
  }

  const takenBy = ({ published }: Side): Tx[] =>
    published.flatMap(({ tx, purpose }) => (purpose === 'penalty' || purpose === 'claim' ? [tx] : []));

  // No id tells of a witness: a server may leave it out.
  const bare = (tx: Tx): Tx => ({ ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [] })) });

  test.each([
    ['the peer is', true, takenBy],
    ['we are', false, takenBy],
    ['the peer is, and nobody shows how we took it', true, (side: Side) => takenBy(side).map(bare)],
    ['we are, and nobody shows how we took it', false, (side: Side) => takenBy(side).map(bare)],
  ])('is ours in a revoked commitment, whoever is first (%s)', (_, isLate, seen) => {
    const { peers, tx, timeout } = revoked();
    const { alice } = peers;
    peers.mine(1, [tx]);
    expect(alice.notice('spent').kind).toBe('revoked');
    if (isLate) {
      peers.mine(1, [timeout]);
      alice.published.length = 0;
      peers.mine(1);
    }
    peers.mine(1, seen(alice));
    peers.mine(10);
    expect(alice.durable.phase).toBe('closed');
    expect(alice.takenBack).toEqual([]);
  });

  test('is the peer’s in a revoked commitment once its delay was over before we came', () => {
    const { peers, tx, timeout } = revoked();
    const { alice } = peers;
    peers.mine(1, [tx]);
    peers.mine(1, [timeout]);
    peers.mine(10);
    expect(alice.takenBack).toEqual([]);
    const wanted = amountsWanted(alice);
    const lost = byDelay(alice, { txId: txIdOf(timeout), index: 0 });
    peers.mine(1, [lost]);
    peers.mine(4);
    expect(alice.takenBack).toEqual([]);
    peers.mine(1);
    expect(alice.takenBack).toEqual([0n]);
    const left = alice.demand.open.filter(({ spent }) => spent === null);
    expect(left.reduce((sum, { claim }) => sum + claim.amount, 0n)).toBeLessThan(wanted);
  });

  test('has no output in a revoked commitment from before: it goes with the main output of the peer', () => {
    const { peers, before } = revoked();
    const { alice } = peers;
    peers.mine(1, [before]);
    const main = alice.demand.open.find(({ claim }) => claim.kind === 'main-penalty');
    assert(main !== undefined, 'no main output');
    peers.mine(1, [byDelay(alice, main.claim.outPoint)]);
    peers.mine(4);
    expect(alice.takenBack).toEqual([]);
    peers.mine(1);
    expect(alice.takenBack).toEqual([0n]);
  });
});
