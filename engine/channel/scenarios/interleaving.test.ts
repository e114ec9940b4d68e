import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { msat, sat } from '../../base/units.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { wasmBackend } from '../../testkit/wasm-backend.ts';
import { action, answer, closing, play, type Action, type Book } from '../../testkit/two-peer-script.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { hashOf, TwoPeers } from '../../testkit/two-peer.ts';
import { localCommitment, remoteCommitment } from '../commitments.ts';
import { verifyRemoteSignatures } from '../../commitment/signatures.ts';

const CAPACITY = 1_000_000_000n;

beforeAll(async () => installSecp256k1(await wasmBackend()));

/** What holds at every moment, whatever was lost. */
function checkSide(side: Side): void {
  const { durable } = side;
  expect(durable.ledger.local + durable.ledger.remote).toBe(CAPACITY);
  // Ten times faster than toEqual, and asked a thousand times.
  expect(isDeepStrictEqual(side.load(), durable)).toBe(true);
  expect(side.notices.filter(({ tag }) => tag === 'violation')).toEqual([]);
  expect(['normal', 'shutting-down', 'negotiating']).toContain(durable.phase);
}

/** What holds when nothing is left to say. */
function checkAgreement({ alice, bob }: TwoPeers): void {
  expect(alice.durable.ledger.local).toBe(bob.durable.ledger.remote);
  expect(alice.durable.ledger.feerate).toBe(bob.durable.ledger.feerate);
  for (const [one, two] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const { params, ledger, active } = one.durable;
    const mine = localCommitment(params, ledger, active[0], one.env);
    const theirs = remoteCommitment(two.durable.params, two.durable.ledger, two.durable.active[0]);
    expect(mine.txId).toBe(theirs.txId);
    expect(
      verifyRemoteSignatures(mine, {
        signature: active[0].remoteSignature,
        htlcSignatures: active[0].remoteHtlcSignatures,
      }),
    ).toBeNull();
  }
}

/** Brings everything to its end: reconnects, answers all offers, and checks the books. */
function conclude(peers: TwoPeers, book: Book): void {
  const { alice, bob } = peers;
  peers.reconnect();
  for (const side of [alice, bob]) side.apply({ tag: 'idle' });
  peers.pump();
  checkAgreement(peers);
  for (const side of [alice, bob])
    while (
      [...side.durable.ledger.incoming.values()].some(({ step, removal }) => step === 4 && removal === null)
    )
      answer(side, 'fulfill', 0, book);
  peers.pump();
  expect(alice.durable.ledger.outgoing.size + alice.durable.ledger.incoming.size).toBe(0);
  expect(bob.durable.ledger.outgoing.size + bob.durable.ledger.incoming.size).toBe(0);
  checkAgreement(peers);
}

/** Each payer knows the end of each HTLC, and the balances are their sum. */
function checkBook(peers: TwoPeers, book: Book, scripted: readonly Action[], start: bigint): void {
  let local = start;
  for (const [label, end] of book) {
    const step = scripted[Number(label.split(' ')[1])];
    if (step?.tag !== 'add') continue;
    const results = peers[step.who].settled.filter(
      ({ origin }) => origin.paymentId === (hashOf(label) as string),
    );
    const kinds = new Set(results.map(({ result }) => result.tag));
    if (end === 'fulfilled') {
      expect([...kinds]).toEqual(['fulfilled']);
      local += step.who === 'alice' ? BigInt(-step.amount) : BigInt(step.amount);
    } else {
      // Failed, or dropped before it was signed.
      expect(kinds.size).toBe(1);
      expect(kinds.has('fulfilled')).toBe(false);
    }
  }
  expect(peers.alice.durable.ledger.local).toBe(local);
}

const run = (script: readonly Action[], base: 'anchors' | 'static_remotekey', close: Action | null): void => {
  const formats = { config: { formats: [base] } } as const;
  const peers = TwoPeers.ready({ amount: sat(1_000_000), push: msat(400_000_000) }, formats, formats);
  const book: Book = new Map();
  const actions = close === null ? script : [...script, close, ...script.map(withoutAdds)];
  play(peers, actions, book, () => {
    checkSide(peers.alice);
    checkSide(peers.bob);
  });
  conclude(peers, book);
  checkBook(peers, book, actions, 600_000_000n);
  if (close === null) return;
  peers.reconnect();
  const closings = [peers.alice, peers.bob].map((side) =>
    side.published.findLast(({ purpose }) => purpose === 'mutual-close'),
  );
  expect(closings[0]).toBeDefined();
  expect(closings[0]?.tx).toEqual(closings[1]?.tx);
};

const withoutAdds = (step: Action): Action =>
  step.tag === 'add' ? { tag: 'deliver', who: step.who, count: 2 } : step;

const scripts = fc.array(action, { minLength: 1, maxLength: 40, size: 'max' });

test.each(['anchors', 'static_remotekey'] as const)(
  'two honest peers keep one truth, whatever is lost on the way (%s)',
  (base) => {
    fc.assert(
      fc.property(scripts, (script) => run(script, base, null)),
      { numRuns: 25 },
    );
  },
  60_000,
);

test('a close in the middle of anything ends in one closing transaction', () => {
  fc.assert(
    fc.property(scripts, closing, (script, close) => run(script, 'anchors', close)),
    { numRuns: 20 },
  );
}, 60_000);
