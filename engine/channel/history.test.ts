import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assert } from '../base/assert.ts';
import { blockHeight, msat } from '../base/units.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { decode, encode } from '../codec/field.ts';
import type { RevokedHtlc } from '../commitment/penalty.ts';
import { hashOf, TwoPeers } from '../testkit/two-peer.ts';
import { localCommitment } from './commitments.ts';
import { foldHistory, HistorySearch, historyRange, unfoldedRange } from './history.ts';
import { monitorRecord, pastRecord } from './snapshot/htlc-record.ts';
import { keysOf } from './snapshot/keys.ts';

type Rows = Map<string, Uint8Array>;
type Range = { readonly from: string; readonly below: string };

/** Bob's commitment now, as he could publish it. */
function commitmentOf({ bob }: TwoPeers): Tx {
  const { params, ledger, active } = bob.durable;
  const [latest] = active;
  return bob.env.signer.signLocalCommitment(
    localCommitment(params, ledger, latest, bob.env),
    latest.remoteSignature,
  );
}

/** A channel with HTLCs each way that have all come to an end, and the commitments that had them: Bob has revoked them. */
function pastOfTwo() {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const { alice, bob } = peers;
  const revoked: Tx[] = [];
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 3; i++) peers.add(alice, msat(20_000_000), `out ${round} ${i}`);
    for (let i = 0; i < 2; i++) peers.add(bob, msat(30_000_000), `in ${round} ${i}`);
    peers.pump();
    revoked.push(commitmentOf(peers));
    const reason = new Uint8Array(40);
    for (let i = 0; i < 3; i++) bob.command({ tag: 'fail-htlc', id: BigInt(3 * round + i), reason });
    for (let i = 0; i < 2; i++) alice.command({ tag: 'fail-htlc', id: BigInt(2 * round + i), reason });
    peers.pump();
  }
  return {
    durable: alice.durable,
    rows: alice.disk.get('monitor') ?? new Map<string, Uint8Array>(),
    revoked,
  };
}

const { durable, rows: real, revoked } = pastOfTwo();
const id = durable.params.channelId;

/** Others, that none of those commitments had. */
const others: readonly [string, Uint8Array][] = Array.from({ length: 180 }, (_, i) => {
  const direction = i % 3 === 0 ? 'incoming' : 'outgoing';
  const record = { paymentHash: hashOf(`other ${i}`), cltvExpiry: blockHeight(500 + i) };
  return [keysOf(id).htlc({ direction, id: BigInt(100 + 7 * i) }), encode(monitorRecord, record)];
});
const unreadable: readonly [string, Uint8Array][] = [
  [`${id}/incoming/3000`, Uint8Array.of(9)],
  [`${id}/outgoing/none`, others[0]![1]],
  [`${id}/past/incoming/4000`, Uint8Array.of(1, 1)],
];
const all = [...real, ...others, ...unreadable];

const page = (rows: Rows, { from, below }: Range, limit: number) =>
  [...rows]
    .filter(([key]) => key >= from && key < below)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([key, value]) => ({ key, value }));

function found(rows: Rows, tx: Tx, limit: number) {
  const search = new HistorySearch(durable, tx);
  for (let range = historyRange(id); ;) {
    const read = page(rows, range, limit);
    search.look(read);
    const last = read.at(-1);
    if (last === undefined) break;
    range = { ...range, from: `${last.key}\u0000` };
  }
  const htlcs = search.found.map(({ direction, id: n, ...rest }) => ({ name: `${direction} ${n}`, ...rest }));
  return {
    htlcs: htlcs.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    unreadable: search.unreadable,
  };
}

/**
 * From the row at this place, so many at a time, over and over; what comes in the meantime is there for the next.
 * `stay`: those that were folded are there as well, as no program leaves them.
 */
const folding = fc.record({
  place: fc.nat(all.length),
  size: fc.integer({ min: 1, max: 100 }),
  times: fc.nat(4),
  come: fc.nat(60),
  stay: fc.boolean(),
});

test('whatever was folded when, a search finds in each revoked commitment what it finds without folding', () => {
  const expected = revoked.map((tx) => found(new Map(all), tx, 1_000));
  for (const { htlcs, unreadable: count } of expected) expect([htlcs.length, count]).toEqual([5, 3]);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(all, { minLength: all.length }),
      fc.array(folding, { maxLength: 8 }),
      fc.integer({ min: 1, max: 50 }),
      (order, folds, limit) => {
        const rows: Rows = new Map();
        const toCome = [...order];
        let stayed = false;
        for (const { place, size, times, come, stay } of folds) {
          stayed ||= stay;
          for (const [key, value] of toCome.splice(0, come)) rows.set(key, value);
          const whole = unfoldedRange(id);
          const range = { ...whole, from: page(rows, whole, place).at(-1)?.key ?? whole.from };
          for (let i = 0; i < times; i++) {
            const fold = foldHistory(id, page(rows, range, size));
            if (fold === null) continue;
            if (rows.has(fold.key)) {
              expect(stayed, fold.key).toBe(true);
              continue;
            }
            for (const write of fold.writes)
              if (write.op === 'put') rows.set(write.key, write.value);
              else if (!stay) rows.delete(write.key);
          }
        }
        for (const [key, value] of toCome) rows.set(key, value);
        expect(revoked.map((tx) => found(rows, tx, limit))).toEqual(expected);
      },
    ),
  );
});

test('a fold is one row in the place of all that can be read, and leaves the others as they are', () => {
  const rows = page(new Map(all), unfoldedRange(id), 1_000);
  const fold = foldHistory(id, rows);
  assert(fold !== null, 'nothing is folded');
  const [first, ...gone] = fold.writes;
  const held = first?.op === 'put' ? decode(pastRecord, first.value) : null;
  assert(held?.ok === true, 'no row');
  const name = ({ direction, id: n }: RevokedHtlc) => keysOf(id).htlc({ direction, id: n });
  const readable = [...real.keys(), ...others.map(([key]) => key)].sort();
  expect(held.value.htlcs.map(name).sort()).toEqual(readable);
  expect(gone.map(({ op, table, key }) => `${op} ${table} ${key}`)).toEqual(
    rows.flatMap(({ key }) => (readable.includes(key) ? [`delete monitor ${key}`] : [])),
  );
  expect(first).toMatchObject({ table: 'monitor', key: fold.key });
  const { from, below } = historyRange(id);
  expect(fold.key > from && fold.key < below).toBe(true);
  expect(fold.key > unfoldedRange(id).below).toBe(true);
  expect(
    foldHistory(
      id,
      unreadable.map(([key, value]) => ({ key, value })),
    ),
  ).toBeNull();
});
