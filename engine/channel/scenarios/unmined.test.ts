import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { SITUATIONS } from '../../testkit/two-peer-situations.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

const even = { push: msat(400_000_000) };

const commitmentOf = (side: Side): Tx => {
  const found = side.published.findLast(({ purpose }) => purpose === 'local-commitment');
  if (found === undefined) throw new Error(`${side.name} published no commitment`);
  return found.tx;
};

// BOLT 5 §General Nomenclature: "SHOULD ignore invalid transactions"
test.each<readonly [string, (tx: Tx) => Tx]>([
  ['no witness', (tx) => ({ ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [] })) })],
  ['signatures of something else', (tx) => ({ ...tx, outputs: tx.outputs.slice(1) })],
  [
    'a closing transaction that nobody signed',
    (tx) => ({ ...tx, lockTime: 0, inputs: tx.inputs.map((input) => ({ ...input, sequence: 0xffff_ffff })) }),
  ],
  [
    'more in the witness',
    (tx) => ({
      ...tx,
      inputs: tx.inputs.map((input) => ({ ...input, witness: [...input.witness, new Uint8Array(1)] })),
    }),
  ],
  [
    'one signature twice',
    (tx) => ({
      ...tx,
      inputs: tx.inputs.map((input) => ({
        ...input,
        witness: input.witness.map((item, i) => (i === 2 ? (input.witness[1] ?? item) : item)),
      })),
    }),
  ],
])('a server makes up a spend of the funding output: %s', (_, forge) => {
  const other = TwoPeers.ready(even);
  other.bob.command({ tag: 'force-close' });
  const peers = TwoPeers.ready(even);
  peers.tell(peers.alice, forge(commitmentOf(other.bob)), null);
  expect(peers.alice.summary.status).toBe('ready');
  // What both signed is believed, and what is in a block is proven.
  peers.tell(peers.alice, commitmentOf(other.bob), null);
  expect(peers.alice.notice('spent').kind).toBe('remote');
});

test('the commitment of the peer that is not mined does not hold back ours', () => {
  const peers = TwoPeers.ready(even);
  const { alice, bob } = peers;
  peers.disconnect();
  for (const side of [alice, bob]) side.command({ tag: 'force-close' });
  const ours = commitmentOf(alice);
  peers.tell(alice, commitmentOf(bob), null);
  alice.published.length = 0;
  peers.mine(1);
  expect(alice.published.map(({ tx }) => tx)).toContainEqual(ours);
  peers.crash(alice);
  peers.mine(1, [ours]);
  expect(alice.notice('spent').kind).toBe('local');
});

/** Bob's commitment with an HTLC that Alice has the preimage of, shown to Alice and never mined. */
function shownAlone(): TwoPeers {
  const peers = TwoPeers.ready(even);
  peers.add(peers.bob, msat(20_000_000), 'two');
  peers.pump();
  peers.disconnect();
  peers.bob.command({ tag: 'force-close' });
  peers.tell(peers.alice, commitmentOf(peers.bob), null);
  peers.alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('two') });
  return peers;
}

test('the commitment of the peer is shown to us alone: ours goes to the chain before an HTLC is lost', () => {
  const peers = shownAlone();
  const { alice } = peers;
  peers.mine(21);
  expect(alice.published.filter(({ purpose }) => purpose === 'local-commitment')).toEqual([]);
  peers.mine(1);
  const ours = commitmentOf(alice);
  peers.mine(1, [ours]);
  expect(alice.notice('spent').kind).toBe('local');
  expect(alice.demand.open.map(({ claim }) => claim.kind)).toContain('htlc-success');
});

test('the user need not wait for what the peer does not get mined', () => {
  const { alice } = shownAlone();
  expect(alice.command({ tag: 'force-close' })).toMatchObject({ ok: true });
  expect(commitmentOf(alice)).toBeDefined();
  expect(alice.command({ tag: 'force-close' })).toMatchObject({ error: { code: 'already-closing' } });
});

test('what is in no block does not take the place of what is', () => {
  const peers = TwoPeers.ready(even);
  const { alice, bob } = peers;
  peers.disconnect();
  for (const side of [alice, bob]) side.command({ tag: 'force-close' });
  peers.mine(1, [commitmentOf(bob)]);
  const before = alice.durable;
  peers.tell(alice, commitmentOf(alice), null);
  expect(alice.durable).toBe(before);
});

describe('after data was lost', () => {
  const lost = (): TwoPeers => {
    const peers = SITUATIONS['data lost']?.() ?? new TwoPeers();
    peers.bob.command({ tag: 'force-close' });
    return peers;
  };

  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction
  // BOLT 5 §General Requirements
  test('a commitment in no block leads to nothing of ours; in a block it is swept to the end', () => {
    const peers = lost();
    const { alice, bob } = peers;
    peers.tell(alice, commitmentOf(bob), null);
    expect(alice.durable).toMatchObject({ phase: 'closing', lostData: true });
    expect(alice.published.filter(({ purpose }) => purpose === 'local-commitment')).toEqual([]);
    peers.reconnect();
    expect(alice.summary.status).toBe('force-closing');
    peers.mine(1, [commitmentOf(bob)]);
    expect(alice.durable).toMatchObject({ phase: 'closing', lostData: true, spend: { kind: 'unknown' } });
    const [claim] = alice.published.filter(({ purpose }) => purpose === 'claim');
    peers.mine(1, claim === undefined ? [] : [claim.tx]);
    peers.mine(5);
    expect(alice.summary.status).toBe('closed');
    expect(claim?.tx.outputs[0]?.script).toEqual(alice.env.closingScript);
  });

  // BOLT 5 §Failing a Channel: "if the node knows or assumes its channel state is outdated: MUST NOT broadcast"
  // BOLT 5 §Failing a Channel: "until the remote node closes: MUST NOT forget the channel"
  test('a block that goes again: ours is never published, and the peer is asked again', () => {
    const peers = lost();
    const { alice, bob } = peers;
    const theirs = commitmentOf(bob);
    peers.mine(1, [theirs]);
    alice.published.length = 0;
    alice.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(theirs), tipHeight: peers.height } });
    peers.mine(500);
    expect(alice.command({ tag: 'force-close' })).toMatchObject({ error: { code: 'already-closing' } });
    peers.crash(alice);
    expect(alice.published.filter(({ purpose }) => purpose === 'local-commitment')).toEqual([]);
    expect(alice.demand.lift).toBeNull();
    alice.outbox.length = 0;
    peers.connect();
    expect(alice.outbox.map(({ name }) => name)).toEqual(['channel_reestablish', 'error']);
  });

  test('ours, of which only the number is known here: what it pays us after our delay', () => {
    const peers = SITUATIONS['data lost']?.() ?? new TwoPeers();
    const { alice, bob } = peers;
    // As the device that is gone had published it: Alice's state of after the payment, by her own keys.
    const other = TwoPeers.ready(even);
    other.pay(other.alice, msat(1_000_000));
    other.alice.command({ tag: 'force-close' });
    const ours = commitmentOf(other.alice);
    expect(ours.inputs[0]?.outPoint).toEqual(bob.durable.active[0].funding.outPoint);
    peers.mine(1, [ours]);
    expect(alice.demand.open.map(({ claim }) => claim.kind)).toEqual(['local-delayed']);
    peers.mine(143);
    const claim = alice.published.findLast(({ purpose }) => purpose === 'claim');
    expect(claim?.tx.inputs[0]?.sequence).toBe(144);
    peers.mine(1, claim === undefined ? [] : [claim.tx]);
    peers.mine(5);
    expect(alice.summary.status).toBe('closed');
  });
});
