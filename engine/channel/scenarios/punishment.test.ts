import { describe, expect, test } from 'vitest';
import { assert } from '../../base/assert.ts';
import { outPointKey, txId, type OutPoint } from '../../base/ids.ts';
import { blockHeight, msat, sat } from '../../base/units.ts';
import { txIdOf, type Tx, type TxInput } from '../../bitcoin/tx.ts';
import type { ChainEvent } from '../../bitcoin/watch.ts';
import { buildHtlcTx } from '../../commitment/claim-tx.ts';
import type { Claim } from '../../commitment/claim.ts';
import type { Commitment } from '../../commitment/commitment.ts';
import { htlcTransactionClaim } from '../../commitment/local-claims.ts';
import { confirmedAt, hashOf, preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { NO_DEMAND } from '../claim-demand.ts';
import { localCommitment } from '../commitments.ts';
import type { ChannelEvent } from '../event.ts';
import { transition } from '../machine.ts';

const even = { push: msat(400_000_000) };
type Base = 'anchors' | 'static_remotekey';

/** A commitment of Bob's as he has it, with what his HTLC transactions need. */
type Held = {
  readonly tx: Tx;
  readonly commitment: Commitment;
  readonly signatures: readonly Uint8Array[];
};

function heldBy({ durable, env }: Side): Held {
  const [latest] = durable.active;
  const commitment = localCommitment(durable.params, durable.ledger, latest, env);
  return {
    tx: env.signer.signLocalCommitment(commitment, latest.remoteSignature),
    commitment,
    signatures: latest.remoteHtlcSignatures,
  };
}

/** Bob with HTLCs both ways, which end and are followed by others; `old` holds him at each stage. */
function withHistory(base: Base): { readonly peers: TwoPeers; readonly old: readonly Held[] } {
  const formats = { config: { formats: [base] } } as const;
  const peers = TwoPeers.ready(even, formats, formats);
  const old: Held[] = [heldBy(peers.bob)];
  for (let round = 0; round < 2; round++) {
    peers.add(peers.alice, msat(20_000_000), `out ${round}`);
    peers.add(peers.alice, msat(20_000_000), `out ${round}`);
    peers.add(peers.bob, msat(30_000_000), `in ${round}`);
    peers.pump();
    old.push(heldBy(peers.bob));
    for (const id of [0n, 1n])
      peers.bob.command({ tag: 'fail-htlc', id: id + 2n * BigInt(round), reason: new Uint8Array(292) });
    peers.alice.command({ tag: 'fail-htlc', id: BigInt(round), reason: new Uint8Array(292) });
    peers.pump();
    old.push(heldBy(peers.bob));
  }
  // Of these Alice has the records in her ledger, not in the history.
  peers.add(peers.alice, msat(25_000_000), 'live');
  peers.pump();
  old.push(heldBy(peers.bob));
  peers.pay(peers.alice, msat(1_000_000));
  return { peers, old };
}

const isAnchor = ({ amount }: { readonly amount: bigint }): boolean => amount === 330n;
const inputKeys = (tx: Tx): string[] => tx.inputs.map(({ outPoint }) => outPointKey(outPoint));
const outputsOf = (tx: Tx): string[] =>
  tx.outputs.flatMap((output, index) => (isAnchor(output) ? [] : [outPointKey({ txId: txIdOf(tx), index })]));
const takenBy = (side: Side): Tx[] =>
  side.published.flatMap(({ tx, purpose }) => (purpose === 'penalty' || purpose === 'claim' ? [tx] : []));

/** The input of Bob's HTLC transaction for each HTLC of his commitment. */
const htlcClaims = ({ commitment, signatures }: Held): Claim[] =>
  commitment.htlcs.map((output, i) => {
    const label = ['out 0', 'out 1', 'live'].find((one) => hashOf(one) === output.htlc.paymentHash);
    const preimage = output.kind === 'received' ? preimageOf(label ?? '') : null;
    const signature = signatures[i];
    assert(signature !== undefined, 'no signature');
    return htlcTransactionClaim(commitment, output, signature, preimage);
  });

const keysTakenBy = (side: Side): string[] => [...new Set(takenBy(side).flatMap(inputKeys))].sort();

/** What puts everything back to where it is now. */
function saved({ peers }: { readonly peers: TwoPeers }): () => void {
  const { alice, height } = peers;
  const { state, env } = alice;
  const disk = [...alice.disk].map(([table, rows]) => [table, new Map(rows)] as const);
  const watches = [...alice.watches];
  return () => {
    peers.height = height;
    Object.assign(alice, { state, env, demand: NO_DEMAND });
    for (const [table, rows] of disk) alice.disk.set(table, new Map(rows));
    for (const list of [alice.published, alice.settled, alice.notices]) list.length = 0;
    alice.watches.splice(0, alice.watches.length, ...watches);
  };
}

const foreign: OutPoint = { txId: txId('ee'.repeat(32)), index: 7 };

/** One transaction of several HTLCs, with something foreign first: inputs and outputs of HTLCs stand side by side. */
function together(claims: readonly Claim[]): Tx {
  const inputOf = (outPoint: OutPoint, sequence: number): TxInput => ({
    outPoint,
    sequence,
    scriptSig: new Uint8Array(),
    witness: [],
  });
  return {
    version: 2,
    inputs: [inputOf(foreign, 0), ...claims.map(({ outPoint, sequence }) => inputOf(outPoint, sequence))],
    outputs: [
      { amount: sat(1_000), script: Uint8Array.of(0x51) },
      ...claims.flatMap(({ pairedOutput }) => pairedOutput ?? []),
    ],
    lockTime: 0,
  };
}

describe.each(['anchors', 'static_remotekey'] as const)('a revoked commitment (%s)', (base) => {
  const story = withHistory(base);
  const start = saved(story);
  const peers = story.peers;
  const { alice, bob } = peers;
  const at = (which: number): Held => {
    start();
    const held = story.old[which];
    assert(held !== undefined, 'no such commitment');
    return held;
  };

  // BOLT 5 §Revoked Transaction Close Handling
  test('any old one: every output of it is taken, also after a crash', () => {
    for (const which of story.old.keys()) {
      const held = at(which);
      peers.mine(1, [held.tx]);
      expect(alice.notice('spent').kind).toBe('revoked');
      const wanted = outputsOf(held.tx).sort();
      expect(keysTakenBy(alice)).toEqual(wanted);
      for (const tx of takenBy(alice)) expect(tx.outputs[0]?.script).toEqual(alice.env.closingScript);

      // All that is needed is on disk.
      alice.published.length = 0;
      peers.crash(alice);
      expect(keysTakenBy(alice)).toEqual(wanted);
      peers.mine(1, takenBy(alice));
      peers.mine(60);
      expect(alice.summary.status).toBe('closed');
    }
  });

  test('the history is read until it was read: a crash before loses nothing', () => {
    const { tx } = at(1);
    const [input] = tx.inputs;
    assert(input !== undefined, 'no input');
    const event = {
      tag: 'spent',
      outPoint: input.outPoint,
      tx,
      at: confirmedAt(peers.height),
      tipHeight: peers.height,
    } as const;
    alice.apply({ tag: 'chain', event }, true);
    expect(takenBy(alice)).toEqual([]);
    peers.crash(alice);
    expect(keysTakenBy(alice)).toEqual(outputsOf(tx).sort());
  });

  test('it is not over before its history was read, however deep all is that is known without it', () => {
    const { tx, commitment } = at(1);
    const old = new Set(commitment.htlcs.map(({ index }) => index));
    const [input] = tx.inputs;
    assert(input !== undefined, 'no input');
    const spent = (outPoint: OutPoint, by: Tx): ChainEvent => ({
      tag: 'spent',
      outPoint,
      tx: by,
      at: confirmedAt(peers.height),
      tipHeight: peers.height,
    });
    // Read by nobody: the disk is slow.
    const step = (event: ChannelEvent): void => {
      alice.state = transition(alice.state, event, alice.env).next;
    };
    step({ tag: 'chain', event: spent(input.outPoint, tx) });
    for (const index of tx.outputs.keys())
      if (!old.has(index)) {
        const outPoint = { txId: txIdOf(tx), index };
        step({ tag: 'chain', event: spent(outPoint, { ...tx, inputs: [{ ...input, outPoint }] }) });
      }
    step({ tag: 'tick', height: blockHeight(peers.height + 1_000), feerates: alice.env.feerates });
    expect(alice.summary.status).toBe('force-closing');
  });

  // BOLT 5 §Revoked Transaction Close Handling: "MUST *resolve* the _remote node's HTLC-timeout transaction_ by
  // spending it using the revocation private key"
  test('the HTLC transactions of the peer: their outputs are taken, each by itself', () => {
    const held = at(1);
    peers.mine(1, [held.tx]);
    const claims = htlcClaims(held);
    expect(claims).toHaveLength(3);
    const txs = claims.map((claim) => bob.env.signer.signClaims(buildHtlcTx(claim), [claim]));
    for (const tx of txs) peers.tell(alice, tx, null);
    alice.published.length = 0;
    peers.mine(1, txs);
    const taken = takenBy(alice).flatMap(inputKeys);
    for (const tx of txs) expect(taken).toContain(outPointKey({ txId: txIdOf(tx), index: 0 }));
    // Both with the hash of "out 0" are proven to be paid, though their money comes back.
    peers.mine(60, takenBy(alice));
    expect(alice.summary.status).toBe('closed');
  });

  // BOLT 5 §Revoked Transaction Close Handling
  test('an HTLC transaction in no block does not stop the claim of what it spends', () => {
    const held = at(1);
    peers.mine(1, [held.tx]);
    const before = alice.demand.open.map(({ claim }) => outPointKey(claim.outPoint));
    for (const claim of htlcClaims(held)) peers.tell(alice, buildHtlcTx(claim), null);
    expect(alice.demand.open.map(({ claim }) => outPointKey(claim.outPoint))).toEqual(before);
    // Nor does it take the place of what is in a block.
    const [, mine] = takenBy(alice);
    assert(mine !== undefined, 'nothing taken');
    peers.mine(1, [mine]);
    const [key] = inputKeys(mine);
    const known = (): unknown =>
      alice.demand.open.find((one) => outPointKey(one.claim.outPoint) === key)?.spent;
    const proven = known();
    peers.tell(alice, { ...mine, outputs: [] }, null);
    expect(known()).toEqual(proven);
  });

  test('an HTLC of ours that is still open is not given up before it is over, nor kept for ever', () => {
    // It holds the live HTLC, and the payment after it is what revoked it.
    const held = at(5);
    const from = peers.height;
    peers.mine(1, [held.tx]);
    peers.mine(1, takenBy(alice));
    peers.mine(20);
    expect(alice.settled.some(({ result }) => result.tag === 'abandoned')).toBe(false);
    // 40 blocks, and as deep as nothing comes back from.
    peers.mine(from + 40 + alice.env.config.irrevocableDepth - peers.height - 1);
    expect(alice.settled.some(({ result }) => result.tag === 'abandoned')).toBe(false);
    peers.mine(1);
    expect(alice.settled.filter(({ result }) => result.tag === 'abandoned')).toHaveLength(1);
    expect(alice.summary.status).toBe('closed');
  });

  test('an HTLC of ours that is long over has not failed while what takes it is in no block: the peer may still show the preimage', () => {
    const held = at(5);
    const from = peers.height;
    peers.mine(1, [held.tx]);
    const penalties = takenBy(alice);
    peers.mine(from + 60 + alice.env.config.irrevocableDepth - peers.height);
    expect(alice.settled).toEqual([]);
    peers.mine(1, penalties);
    peers.mine(alice.env.config.irrevocableDepth - 1);
    expect(alice.settled.map(({ result }) => result.tag)).toEqual(['abandoned']);
  });

  // BOLT 5 §Revoked Transaction Close Handling: "SHOULD extract the payment preimage from the transaction input witness, if
  // it's not already known"
  test('a preimage that the thief shows is the proof of payment, at once', () => {
    const held = at(5);
    peers.mine(1, [held.tx]);
    const claim = htlcClaims(held).find(({ kind }) => kind === 'htlc-success');
    assert(claim !== undefined, 'no HTLC');
    const tx = bob.env.signer.signClaims(buildHtlcTx(claim), [claim]);
    peers.tell(alice, tx, null);
    expect(alice.settled.map(({ result }) => result)).toContainEqual({
      tag: 'fulfilled',
      preimage: preimageOf('live'),
    });
  });
});

test('several HTLCs in one transaction of the peer, at any index (anchors)', () => {
  const { peers, old } = withHistory('anchors');
  const { alice } = peers;
  const held = old[3];
  assert(held !== undefined, 'no such commitment');
  peers.mine(1, [held.tx]);
  const claims = htlcClaims(held);
  const tx = together(claims);
  alice.published.length = 0;
  peers.mine(1, [tx]);
  const taken = takenBy(alice).flatMap(inputKeys);
  for (const index of claims.keys())
    expect(taken).toContain(outPointKey({ txId: txIdOf(tx), index: index + 1 }));
  expect(taken).not.toContain(outPointKey({ txId: txIdOf(tx), index: 0 }));
});
