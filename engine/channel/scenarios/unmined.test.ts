import { expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';

const even = { push: msat(400_000_000) };

const commitmentOf = (side: Side): Tx => {
  const found = side.published.findLast(({ purpose }) => purpose === 'local-commitment');
  if (found === undefined) throw new Error(`${side.name} published no commitment`);
  return found.tx;
};

test.each<readonly [string, (tx: Tx) => Tx]>([
  ['no witness', (tx) => ({ ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [] })) })],
  ['signatures of something else', (tx) => ({ ...tx, outputs: tx.outputs.slice(1) })],
  [
    'a closing transaction that nobody signed',
    (tx) => ({ ...tx, lockTime: 0, inputs: tx.inputs.map((input) => ({ ...input, sequence: 0xffff_ffff })) }),
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
