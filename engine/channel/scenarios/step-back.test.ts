import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { msat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { confirmedAt, TwoPeers } from '../../testkit/two-peer.ts';
import type { Side } from '../../testkit/two-peer-side.ts';

const lastOf = (side: Side, purpose: string): Tx => {
  const found = side.published.findLast((one) => one.purpose === purpose);
  if (found === undefined) throw new Error(`${side.name} published no ${purpose}`);
  return found.tx;
};
const reorged = (peers: TwoPeers, side: Side, tx: Tx): void =>
  side.apply({ tag: 'chain', event: { tag: 'reorged', txId: txIdOf(tx), tipHeight: peers.height } });

type Ended = { readonly peers: TwoPeers; readonly commitment: Tx; readonly claim: Tx };

/** Bob closed alone; what was Alice's is taken, and all of it six blocks deep. */
function ended(): Ended {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const { alice, bob } = peers;
  peers.disconnect();
  bob.command({ tag: 'force-close' });
  const commitment = lastOf(bob, 'local-commitment');
  peers.mine(1, [commitment]);
  const claim = lastOf(alice, 'claim');
  peers.mine(1, [claim]);
  peers.mine(6);
  expect(alice.summary.status).toBe('closed');
  return { peers, commitment, claim };
}

// BOLT 5 §General Nomenclature
test.each([false, true])(
  'a close that was over steps back with the chain, claims again, and ends again (restart: %s)',
  (restart) => {
    const { peers, commitment, claim } = ended();
    const { alice } = peers;
    if (restart) peers.crash(alice);
    reorged(peers, alice, claim);
    expect(alice.summary.status).toBe('force-closing');
    // What was published already is offered again by whoever has the wallet.
    expect(alice.demand.open).toMatchObject([{ claim: { kind: 'remote-main' }, spent: { at: null } }]);
    reorged(peers, alice, commitment);
    expect(alice.summary.closing?.confirmations).toBe(0);
    if (restart) peers.crash(alice);
    peers.mine(1, [commitment]);
    peers.mine(1, [claim]);
    peers.mine(6);
    expect(alice.summary.status).toBe('closed');
  },
);

test('another close may take the place of the one that was over', () => {
  const { peers, commitment, claim } = ended();
  const { alice } = peers;
  for (const tx of [claim, commitment]) reorged(peers, alice, tx);
  alice.command({ tag: 'force-close' });
  const own = lastOf(alice, 'local-commitment');
  peers.mine(1, [own]);
  peers.mine(143);
  peers.mine(1, [lastOf(alice, 'claim')]);
  peers.mine(6);
  expect(alice.summary).toMatchObject({ status: 'closed', closing: { kind: 'local' } });
});

// BOLT 5 §General Nomenclature: "at least 100 deep"
test('what is told again of where it is changes nothing; what nobody goes back behind is forgotten', () => {
  const { peers, commitment, claim } = ended();
  const { alice } = peers;
  const before = alice.durable;
  peers.crash(alice);
  expect(alice.watches.length).toBeGreaterThan(0);
  const at = confirmedAt(before.phase === 'closed' ? (before.spend?.at?.height ?? 0) : 0);
  peers.tell(alice, commitment, at);
  expect(alice.durable).toEqual(before);
  // The claim is the last to be 100 deep.
  peers.mine(93);
  peers.crash(alice);
  expect(alice.watches.length).toBeGreaterThan(0);
  peers.mine(1);
  peers.crash(alice);
  expect(alice.watches).toEqual([]);
  reorged(peers, alice, claim);
  expect(alice.summary.status).toBe('closed');
});

// As version 1 wrote it since a close that is over remembers how it came to be. Never made anew.
const VERSION_1 =
  '01070102fd01bd02000000000101ddb092c7ca0dfb75132d38bc557f2e73b97a0c186812101e92b845d7af409105010000000035f99880044a01000000000000220020d5a46d62469e4b752ea53f991edaf9bc5ca55d9d4d75d5bff065c40a85a97a644a01000000000000220020ee43d0cd68e445ba8dd181c997746ec3f4d3e12bebff916b0c166aaaac9a2122801a060000000000220020f7bb2a00f738d02aa32ab186fea3008b04f7386f3123c6b04baac3db65c94675c820090000000000220020686753a997e1f4b3ce8a4ef6773779fd6254e0d8b604aa517526cbd6dc9dfe730400483045022100fd66c45289ebd46cf1e3692aa4ae5630ae33c4fe50cbb90e507c7e964d3a616202202370aae02640aa59a93d6aa8a7afb61d061c78cf8c7abaa01050d5e48742340801483045022100bbf44d3ddfd4d5452569f619f7f3b9cd580114a5af4fd477dd39a4512ad4be9e0220443681cb415753f6505b2600f34fb2331b4b6b57285d2e3d28f1dd03f1e89494014752210386667ccdb25d1ec2751a6d3a0ea7c2a93f87b8ccfa84db9cc01c33fbbc43c18121039d987d88cb55a30b5c3102d34a488d5f5aacdb94659cafe4094ac26344d0685152ae7c091820010000006808311c6210cceb4598ac86a2c2296bcb7e07e635af1dd7df77da321bcac7179601fe23c34600fe17d7840000000000000003e800000000022820a7817fbac8cd83329526e77fd079698e70e6317fa644847186a63aba582f0102f69cf503e9dba8dd27bb7a16c7aa99ed183c7eef31d17d80057e01786a5fc28d0101fd013707fd013300000142613333653764613337316638343132356135306539313038353437653265393665323439306433613732376665373036343337373237646134623339356130373a33c302000000000101075a394bda27774306e77f723a0d49e2962e7e5408910ea52541f871a37d3ea3030000000001000000010f1f0900000000001600143ba61bbb17150e4fdad5e261e7888404a7fa63300247304402204956faf2988537fd5f639a02cebdb928cec08d591592566f6fca156c7f2933fb02201366279019195fe7e78faa3831a5e9bc765af25d6edcfa33fbf1a1e713b4537e01252103cafc495aedf2afb44b32f8440a83eac147cdbf2dd1c399a3e457a42b2c1d1510ad51b200000000010000006905db10a57ed9a43b5b9b288fd3c37acd7fd97e077dd9f33b227e5231732c90e801000000';

test('how it closed is on disk, and rows of before can be read', () => {
  const { peers } = ended();
  const rows = peers.alice.disk.get('channel') ?? new Map<string, Uint8Array>();
  const [key, head] = [...rows].find(([name]) => name.endsWith('/head')) ?? ['', new Uint8Array()];
  expect(toHex(head)).toBe(VERSION_1);
  peers.alice.disk.set('channel', new Map(rows).set(key, fromHex(VERSION_1)));
  expect(peers.alice.load()).toEqual(peers.alice.durable);
});
