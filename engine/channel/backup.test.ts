import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { decode, encode } from '../codec/field.ts';
import { msat } from '../base/units.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { SITUATIONS } from '../testkit/two-peer-situations.ts';
import type { Side } from '../testkit/two-peer-side.ts';
import { TwoPeers, preimageOf } from '../testkit/two-peer.ts';
import {
  adoptWrites,
  briefOf,
  briefRecord,
  distrusted,
  durableOfBrief,
  isAhead,
  reachedBy,
  wholeChannel,
} from './backup.ts';
import { loadChannels } from './load.ts';
import { resume } from './machine.ts';
import { isLive, type Durable } from './state.ts';
import type { Table } from '../base/write.ts';

const durables = Object.entries(SITUATIONS).flatMap(([name, make]) => {
  const { durable } = make().alice.state;
  return durable === null ? [] : [[name, durable] as const];
});

const read = (durable: Durable): Durable => {
  const decoded = decode(wholeChannel, encode(wholeChannel, durable));
  if (!decoded.ok) throw new Error(decoded.error.code);
  return decoded.value;
};

const onDisk = (durable: Durable): unknown => {
  const tables = new Map<Table, Map<string, Uint8Array>>();
  for (const write of adoptWrites(durable)) {
    const rows = tables.get(write.table) ?? new Map<string, Uint8Array>();
    tables.set(write.table, rows);
    if (write.op === 'put') rows.set(write.key, write.value);
  }
  return loadChannels((table) => tables.get(table) ?? new Map<string, Uint8Array>());
};

describe.each(durables)('%s', (_, durable) => {
  test('what comes back is what went in, without onions and without whose payments they were', () => {
    const back = read(durable);
    expect(encode(wholeChannel, back)).toEqual(encode(wholeChannel, durable));
    expect(back.ledger.localNumber).toBe(durable.ledger.localNumber);
    for (const direction of ['outgoing', 'incoming'] as const)
      expect(
        [...back.ledger[direction].values()].map(({ add, step, removal }) => [
          add.id,
          add.amount,
          step,
          removal,
        ]),
      ).toEqual(
        [...durable.ledger[direction].values()].map(({ add, step, removal }) => [
          add.id,
          add.amount,
          step,
          removal,
        ]),
      );
    expect(back.shachain).toEqual(durable.shachain);
    expect(back.params).toEqual(durable.params);
  });

  test('never usable again, and kept as any other channel is', () => {
    const back = distrusted(read(durable));
    expect(isLive(back)).toBe(false);
    expect(back.phase).toBe(isLive(durable) ? 'data-loss' : durable.phase);
    expect(onDisk(back)).toEqual({ ok: true, value: [back] });
  });

  test('the least of it names the same output and the same keys', () => {
    const decoded = decode(briefRecord, encode(briefRecord, briefOf(durable)));
    if (!decoded.ok) throw new Error(decoded.error.code);
    const peers = SITUATIONS['normal']?.() ?? new TwoPeers();
    const back = durableOfBrief(decoded.value, peers.alice.env.signer);
    expect(back.params.channelId).toBe(durable.params.channelId);
    expect(back.params.keyId).toEqual(durable.params.keyId);
    expect(back.params.peerId).toBe(durable.params.peerId);
    expect(back.active[0].funding.outPoint).toEqual(durable.active[0].funding.outPoint);
    expect(back.phase).toBe('data-loss');
    expect(onDisk(back)).toEqual({ ok: true, value: [back] });
  });
});

test('a cut or bent backup of a channel is refused, whatever was bent', () => {
  const [, durable] = durables.find(([name]) => name === 'with HTLCs') ?? [];
  if (durable === undefined) throw new Error('no channel');
  const whole = encode(wholeChannel, durable);
  for (let length = 0; length < whole.length; length += 5)
    expect(decode(wholeChannel, whole.subarray(0, length)).ok).toBe(false);
  for (let at = 0; at < whole.length; at += 3) {
    // Many changes make another channel; none may throw.
    const bent = decode(wholeChannel, whole.with(at, (whole[at] ?? 0) ^ 0xff));
    expect(typeof bent.ok).toBe('boolean');
  }
});

describe('a channel that came from a backup', () => {
  /** Alice as she was when the backup was made; Bob as he is now, with more payments since. */
  function restored(make: (durable: Durable, peers: TwoPeers) => Durable): TwoPeers {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const saved = encode(wholeChannel, peers.alice.durable);
    peers.add(peers.alice, msat(20_000_000), 'one');
    peers.pump();
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.pump();
    peers.disconnect();
    const decoded = decode(wholeChannel, saved);
    if (!decoded.ok) throw new Error(decoded.error.code);
    peers.alice.state = { durable: make(decoded.value, peers), session: { link: 'offline' } };
    return peers;
  }
  const forms = {
    whole: (durable: Durable) => distrusted(durable),
    'the least of it': (durable: Durable, peers: TwoPeers) =>
      durableOfBrief(briefOf(durable), peers.alice.env.signer),
  };

  test.each(Object.entries(forms))(
    '%s: the peer closes at the first word, what is ours comes home, nothing of ours is published',
    (_, make) => {
      const peers = restored(make);
      peers.connect();
      peers.pump();
      const theirs = peers.bob.published.at(-1);
      expect(theirs?.purpose).toBe('local-commitment');
      if (theirs === undefined) return;
      const before = peers.alice.published.length;
      peers.mine(1, [theirs.tx]);
      expect(peers.alice.notice('spent').kind).toBe('unknown');
      const claim = peers.alice.published.slice(before).findLast(({ purpose }) => purpose === 'claim');
      expect(claim?.tx.inputs[0]?.outPoint.txId).toBe(peers.alice.notice('spent').txId);
      expect(peers.alice.published.map(({ purpose }) => purpose)).not.toContain('local-commitment');
    },
  );

  test('the user cannot publish it either, and time does not', () => {
    const peers = restored(forms.whole);
    expect(peers.alice.command({ tag: 'force-close' })?.ok).toBe(false);
    peers.mine(3_000);
    expect(peers.alice.published.map(({ purpose }) => purpose)).not.toContain('local-commitment');
  });
});

describe('the least of a channel, and then the whole of it', () => {
  /** Alice is back from what a peer kept, with a payment under way; her file comes at once, or after Bob has closed. */
  function restored(late: boolean): TwoPeers {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const { alice, bob } = peers;
    peers.add(alice, msat(30_000_000), 'under way');
    peers.pump();
    peers.disconnect();
    const least = decode(briefRecord, encode(briefRecord, briefOf(alice.durable)));
    const whole = read(alice.durable);
    if (!least.ok) throw new Error(least.error.code);
    alice.disk.clear();
    alice.watches.length = 0;
    const durable = durableOfBrief(least.value, alice.env.signer);
    for (const write of adoptWrites(durable))
      if (write.op === 'put')
        alice.disk.set(write.table, (alice.disk.get(write.table) ?? new Map()).set(write.key, write.value));
    peers.crash(alice);
    bob.command({ tag: 'force-close' });
    const commitment = bob.published.findLast(({ purpose }) => purpose === 'local-commitment')?.tx;
    if (commitment === undefined) throw new Error('no commitment');
    if (late) peers.mine(1, [commitment]);
    expect(alice.command({ tag: 'fall-back', known: whole })?.ok).toBe(true);
    if (!late) peers.mine(1, [commitment]);
    return peers;
  }

  test.each([
    ['before the peer has closed', false],
    ['after', true],
  ])('what the file knows of payments under way is taken, %s, also over a restart', (_, late) => {
    const peers = restored(late);
    peers.crash(peers.alice);
    expect(peers.alice.demand.open).toMatchObject([
      { claim: { kind: 'remote-main' } },
      { claim: { kind: 'claim-htlc-timeout', amount: 30_000n } },
    ]);
  });
});

test('what was told of payments of an older copy does not keep a channel open', () => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const { alice, bob } = peers;
  peers.add(alice, msat(30_000_000), 'under way');
  peers.pump();
  peers.disconnect();
  const known = alice.durable;
  bob.command({ tag: 'force-close' });
  const commitment = bob.published.findLast(({ purpose }) => purpose === 'local-commitment')?.tx;
  if (commitment === undefined) throw new Error('no commitment');
  alice.command({ tag: 'fall-back', known });
  peers.mine(1, [commitment]);
  peers.mine(40);
  const taken = (side: Side, amount: bigint): Tx => {
    const found = side.published.findLast(({ tx }) =>
      tx.outputs.some((one) => one.amount > amount && one.amount < amount * 2n),
    );
    if (found === undefined) throw new Error('nothing claimed');
    return found.tx;
  };
  peers.mine(1, [taken(alice, 20_000n)]);
  peers.mine(6);
  expect(alice.settled).toHaveLength(1);
  // A copy from before the payment.
  const before = { ...known, ledger: { ...known.ledger, outgoing: new Map() } };
  expect(alice.command({ tag: 'fall-back', known: before })?.ok).toBe(true);
  expect(alice.summary.status).toBe('force-closing');
  peers.mine(1, [taken(alice, 500_000n)]);
  peers.mine(6);
  expect(alice.summary.status).toBe('closed');
});

describe('a device that is lost after it closed a channel by itself', () => {
  /** Alice published her latest commitment, is gone, and comes back from what a peer kept. */
  function returned(): { readonly peers: TwoPeers; readonly commitment: Tx } {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const { alice } = peers;
    peers.pay(alice, msat(20_000_000), 'one');
    peers.disconnect();
    const kept = encode(briefRecord, briefOf(alice.durable));
    alice.command({ tag: 'force-close' });
    const commitment = alice.published.findLast(({ purpose }) => purpose === 'local-commitment')?.tx;
    const read = decode(briefRecord, kept);
    if (!read.ok || commitment === undefined) throw new Error('no backup');
    alice.published.length = 0;
    alice.watches.length = 0;
    const durable = durableOfBrief(read.value, alice.env.signer);
    alice.state = { durable, session: { link: 'offline' } };
    alice.apply({ tag: 'disconnected' });
    for (const effect of resume(durable, alice.env))
      if (effect.tag === 'watch') alice.watches.push(effect.watch);
    return { peers, commitment };
  }

  // BOLT 5 §Unilateral Close Handling: Local Commitment Transaction
  test('the least that a peer keeps is enough to find what waits for its delay in our own commitment', () => {
    const { peers, commitment } = returned();
    const { alice } = peers;
    peers.mine(1, [commitment]);
    expect(alice.notice('spent').kind).toBe('unknown');
    expect(alice.summary.status).toBe('force-closing');
    peers.mine(143);
    const claim = alice.published.findLast(({ purpose }) => purpose === 'claim');
    expect(claim?.tx.inputs[0]?.outPoint.txId).toBe(txIdOf(commitment));
    expect(claim?.tx.outputs[0]?.amount).toBeGreaterThan(570_000n);
    if (claim !== undefined) peers.mine(1, [claim.tx]);
    peers.mine(6);
    expect(alice.summary.status).toBe('closed');
  });
});

describe('a backup that is further on than what is on disk', () => {
  const busy = (): { readonly peers: TwoPeers; readonly old: Durable; readonly known: Durable } => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const old = peers.alice.durable;
    peers.add(peers.alice, msat(20_000_000), 'one');
    peers.pump();
    return { peers, old, known: peers.alice.durable };
  };

  test('is known by its numbers', () => {
    const { old, known } = busy();
    expect(isAhead(reachedBy(known), reachedBy(old))).toBe(true);
    expect(isAhead(reachedBy(old), reachedBy(known))).toBe(false);
    expect(isAhead(reachedBy(known), reachedBy(known))).toBe(false);
  });

  test('stops the channel, keeps what it knows, and asks the peer to close', () => {
    const { peers, old, known } = busy();
    peers.disconnect();
    peers.alice.state = { durable: old, session: { link: 'offline' } };
    peers.connect();
    expect(peers.alice.command({ tag: 'fall-back', known })?.ok).toBe(true);
    expect(peers.alice.durable.phase).toBe('data-loss');
    expect(peers.alice.durable.ledger.localNumber).toBe(known.ledger.localNumber);
    peers.pump();
    expect(peers.bob.published.at(-1)?.purpose).toBe('local-commitment');
    expect(peers.alice.published.map(({ purpose }) => purpose)).not.toContain('local-commitment');
    // A second one, and none at all, change nothing.
    expect(peers.alice.command({ tag: 'fall-back', known: null })?.ok).toBe(true);
    expect(peers.alice.durable.ledger.localNumber).toBe(known.ledger.localNumber);
  });
});

const BRIEF =
  '01b1efcabd8fa2be5b19c5683d2ab08b7acd5767e6ab00d4cf8bb98deaccffaf140251e697e7a4527fd4dc93de33a0ac2dfc9c8a42c6238011861195a82c2e3d572fddb092c7ca0dfb75132d38bc557f2e73b97a0c186812101e92b845d7af40910500000001fe000f424000039d987d88cb55a30b5c3102d34a488d5f5aacdb94659cafe4094ac26344d0685103864b81824e0b1e4d4a9ce51db6122da0747afeb1bfe468a22be82a2456d4594500010100fe23c34600030200000064';
const OWN = '25012303be6ca2f4af3e6843f8ec28e707ca46b3ff633ae57fdee38b1bb9dba144c9747e0090';

// As version 1 wrote it, before and since it finds our own commitment. Never made anew: peers keep them for years.
test.each([
  ['without', `${BRIEF}00`, null],
  ['with', BRIEF + OWN, { revocation: OWN.slice(6, 72), delay: 144 }],
])('the least of a channel as a peer may hand it back, %s what finds our own commitment', (_, hex, own) => {
  const read = decode(briefRecord, fromHex(hex));
  if (!read.ok) throw new Error(read.error.code);
  const { value } = read;
  expect(value).toMatchObject({
    peerId: '0251e697e7a4527fd4dc93de33a0ac2dfc9c8a42c6238011861195a82c2e3d572f',
    outPoint: { txId: '059140afd745b8921e101268180c7ab9732e7f55bc382d1375fb0dcac792b0dd', index: 1 },
    amount: 1_000_000n,
    keyIndex: 0,
    opener: 'local',
    type: { base: 'anchors', scidAlias: true, zeroConf: false },
    local: 600_000_000n,
    localNumber: 3,
    remoteNumber: 2,
    createdAt: 100,
  });
  expect(value.own === undefined ? null : { ...value.own, revocation: toHex(value.own.revocation) }).toEqual(
    own,
  );
  expect(toHex(encode(briefRecord, value))).toBe(hex);
});
