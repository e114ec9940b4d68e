import { expect, test } from 'vitest';
import { feeratePerKw, msat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { CALM } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';
import { loadChannels } from '../load.ts';
import { writesBetween } from '../snapshot/writes.ts';

const dear: Feerates = {
  urgent: feeratePerKw(20_000),
  normal: feeratePerKw(15_000),
  background: feeratePerKw(10_000),
  minimum: CALM.minimum,
};

const mainOf = (side: Side, commitment: Tx): Tx => {
  const own = side.published.findLast(
    ({ tx }) => tx.lockTime === 0 && tx.inputs[0]?.outPoint.txId === txIdOf(commitment),
  );
  if (own === undefined) throw new Error('no claim of the balance');
  return own.tx;
};

/** Alice offered so much when the channel went to the chain, and all but that output is taken and deep. */
function left(amount: bigint, closer: 'alice' | 'bob'): TwoPeers {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  peers.add(peers.alice, msat(amount), 'small');
  peers.pump();
  peers.disconnect();
  peers[closer].command({ tag: 'force-close' });
  const commitment = peers[closer].published.findLast(({ purpose }) => purpose === 'local-commitment')?.tx;
  if (commitment === undefined) throw new Error('no commitment');
  peers.mine(1, [commitment], dear);
  peers.mine(144);
  peers.mine(1, [mainOf(peers.alice, commitment)]);
  peers.mine(6);
  return peers;
}

const ends = ({ alice }: TwoPeers): unknown => alice.settled.map(({ result }) => result);
const LOST = [{ tag: 'abandoned', cause: 'timed-out-on-chain' }];

test.each(['alice', 'bob'] as const)(
  'a payment whose output never pays for taking it ends with its time, and so does the close of %s',
  (closer) => {
    const peers = left(400_000n, closer);
    expect(ends(peers)).toEqual(LOST);
    expect(peers.alice.summary).toMatchObject({ status: 'closed', closing: { leftBehind: 400n } });
  },
);

test.each(['alice', 'bob'] as const)(
  'one that fees of now would eat is waited for four weeks, so that in the last two more may be paid, then given up (%s closed)',
  (closer) => {
    const peers = left(2_000_000n, closer);
    const { alice } = peers;
    peers.mine(3_700);
    expect(ends(peers)).toEqual([]);
    expect(alice.summary.status).toBe('force-closing');
    peers.mine(400);
    expect(ends(peers)).toEqual(LOST);
    expect(alice.summary).toMatchObject({ status: 'closed', closing: { leftBehind: 2_000n } });
    const rows = writesBetween(null, alice.durable);
    const read = loadChannels(
      (table) =>
        new Map(
          rows.flatMap((write) =>
            write.op === 'put' && write.table === table ? [[write.key, write.value]] : [],
          ),
        ),
    );
    expect(read).toEqual({ ok: true, value: [alice.durable] });
  },
);

// BOLT 5 §Failing a Channel
test('one that is worth more is waited for, whatever fees are, and never when fees fall', () => {
  const large = left(9_000_000n, 'bob');
  large.mine(5_000);
  expect(large.alice.summary.status).toBe('force-closing');
  const cheap = left(2_000_000n, 'bob');
  cheap.mine(4_200, [], { ...dear, background: feeratePerKw(400) });
  expect(cheap.alice.summary.status).toBe('force-closing');
  expect(ends(cheap)).toEqual([]);
});
