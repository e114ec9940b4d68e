import { beforeAll, expect, test } from 'vitest';
import { equalBytes, toHex } from '../../base/bytes.ts';
import { feeratePerKw, msat, sat } from '../../base/units.ts';
import { isSignedByBoth } from '../../commitment/funding.ts';
import { sha256 } from '../../crypto/hash.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { TEST_FEATURES, walletScript } from '../../testkit/two-peer-env.ts';
import { checkHonest, checkPublished } from '../../testkit/two-peer-honest.ts';
import { bent, NAMES } from '../../testkit/two-peer-lies.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { SITUATIONS } from '../../testkit/two-peer-situations.ts';
import { hashOf, preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { wasmBackend } from '../../testkit/wasm-backend.ts';
import { decodeMessage, encodeMessage } from '../../wire/wire-message.ts';
import type { ChannelMessage } from '../message.ts';
import { isLive, type Durable } from '../state.ts';

beforeAll(async () => installSecp256k1(await wasmBackend()));

/** Every other value that the codec takes in one place of this message, and the message without what may be left out. */
function lieAbout(message: ChannelMessage): readonly ChannelMessage[] {
  const lies = new Map<string, ChannelMessage>();
  for (const [field, value] of Object.entries(message)) {
    if (NAMES.has(field)) continue;
    const { [field as keyof ChannelMessage]: _, ...less } = message;
    for (const one of [less, ...bends(value).map((other) => ({ ...message, [field]: other }))]) {
      const wire = onTheWire(one as ChannelMessage);
      if (wire !== null) lies.set(wire, one as ChannelMessage);
    }
  }
  lies.delete(onTheWire(message) ?? '');
  return [...lies.values()];
}

function bends(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return [value.replace(/.$/, (last) => (last === '0' ? '1' : '0'))];
  if (value instanceof Uint8Array || Array.isArray(value) || typeof value !== 'object' || value === null)
    // Of bytes one bit is as good as another; of numbers: one more, one less, none, and far too many.
    return (value instanceof Uint8Array ? [0, 1, 2] : [0, 1, 2, 4, 5]).map((how) => bent(value, how));
  return Object.entries(value).flatMap(([name, inner]) =>
    bends(inner).map((other) => ({ ...value, [name]: other })),
  );
}

/** Null for what cannot be written, or read again. */
function onTheWire(message: ChannelMessage): string | null {
  try {
    const bytes = encodeMessage(message);
    const read = decodeMessage(bytes);
    return read.ok && read.value.name === message.name ? toHex(bytes) : null;
  } catch {
    return null;
  }
}

const CAPACITY = sat(1_000_000);
const PUSHED = msat(400_000_000);

type Step = (peers: TwoPeers) => void;

/** All that may come between two, whatever came before: what cannot be is refused. */
const life = (closer: 'alice' | 'bob'): readonly Step[] => [
  (peers) => {
    if (!peers.connected) peers.connect();
  },
  (peers) => void peers.ask({ amount: CAPACITY, push: PUSHED }),
  (peers) => void peers.accept(),
  (peers) => {
    if (peers.alice.notices.some(({ tag }) => tag === 'funding-needed')) peers.build();
  },
  (peers) => {
    const waits = peers.bob.state.durable?.phase === 'funding-pending';
    if (waits && peers.alice.sent('funding').length > 0) peers.mine(3, [peers.fundingTx]);
  },
  (peers) => {
    peers.add(peers.alice, msat(20_000_000), 'first');
    peers.add(peers.bob, msat(30_000_000), 'second');
  },
  (peers) => {
    peers.add(peers.alice, msat(25_000_000), 'third');
    peers.add(peers.bob, msat(35_000_000), 'fourth');
  },
  (peers) => void peers.alice.command({ tag: 'update-fee', feerate: feeratePerKw(1_500) }),
  ({ alice, bob }) => {
    for (const side of [alice, bob])
      for (const { id, paymentHash } of side.offers) {
        const label = ['first', 'second'].find((name) => hashOf(name) === paymentHash);
        if (label !== undefined) side.command({ tag: 'fulfill-htlc', id, preimage: preimageOf(label) });
        else side.command({ tag: 'fail-htlc', id, reason: new Uint8Array(292) });
      }
  },
  (peers) => {
    peers.add(peers.alice, msat(22_000_000), 'fifth');
    peers.add(peers.bob, msat(33_000_000), 'sixth');
    peers.disconnect();
    peers.connect();
  },
  ({ alice, bob }) => {
    for (const side of [alice, bob])
      for (const { id } of side.offers)
        side.command({ tag: 'fail-malformed-htlc', id, onionHash: new Uint8Array(32), failureCode: 0x8004 });
  },
  (peers) => void peers.close(peers[closer]),
];

/** What a lie leads to shows within two steps more, and with the first payments where there was none. */
const rest = (steps: readonly Step[], at: number): readonly Step[] =>
  steps.slice(at + 1, Math.max(FIRST_PAYMENTS + 1, at + 3));
const FIRST_PAYMENTS = 5;

/** Plays on, with another world for each lie in place of the first message of each kind. Returns those kinds. */
function lieEverywhere(
  peers: TwoPeers,
  name: 'alice' | 'bob',
  steps: readonly Step[],
  nextOnly = false,
): ReadonlySet<string> {
  const liar = peers.other(peers[name]);
  const told = new Set<string>();
  for (const at of [-1, ...steps.keys()]) {
    steps[at]?.(peers);
    for (;;) {
      const [message] = liar.outbox;
      if (message !== undefined && peers.connected) {
        for (const lie of told.has(message.name) ? [] : lieAbout(message)) {
          told.add(message.name);
          goOn(peers.copy(), name, lie, nextOnly ? [] : rest(steps, at));
        }
        if (nextOnly) return told;
      }
      const moved = peers.deliver(liar) || peers.deliver(peers[name]);
      if (peers.alice.wantsDisconnect || peers.bob.wantsDisconnect) peers.disconnect();
      else if (!moved) break;
    }
  }
  return told;
}

/** The lie is told, both go on as well as they can, and then the honest side has what it had. */
function goOn(peers: TwoPeers, name: 'alice' | 'bob', lie: ChannelMessage, rest: readonly Step[]): void {
  const honest = peers[name];
  const before = honest.state.durable;
  peers.other(honest).outbox.shift();
  peers.inject(peers.other(honest), lie);
  // Refused, as if it had not been said.
  const isOver = honest.wantsDisconnect;
  let checked: Durable | null = null;
  for (const step of [() => undefined, ...(isOver ? [] : rest)]) {
    step(peers);
    peers.pump();
    if (honest.state.durable !== checked) checkHonest(honest);
    checked = honest.state.durable;
  }
  if (honest.state.durable === null) {
    expect(honest.sent('funding')).toEqual([]);
    return;
  }
  checkPublished(peers, honest);
  checkShare(peers, honest, before);
}

/** Satoshis: what a commitment costs who opened, and what is too small for an output of it. */
const COSTS = 7_000n;

function checkShare(peers: TwoPeers, honest: Side, before: Durable | null): void {
  const amounts = new Map(
    peers.said.flatMap(({ from, message }) =>
      from === honest && message.name === 'update_add_htlc' ? [[message.id, message.amount] as const] : [],
    ),
  );
  let [paid, going] = [0n, 0n];
  for (const { id, origin, result } of honest.settled) {
    if (result.tag !== 'fulfilled') continue;
    expect(toHex(sha256(result.preimage))).toBe(origin.paymentId);
    const amount = amounts.get(id) ?? 0n;
    paid += amount;
    if (honest.durable.ledger.outgoing.has(id)) going += amount;
  }
  const had = before?.ledger.local ?? (honest === peers.alice ? CAPACITY * 1_000n - PUSHED : 0n);
  const { local } = honest.durable.ledger;
  expect(local).toBeGreaterThanOrEqual(had - paid);
  if (before !== null && !isLive(before)) return;
  expect(honest.durable.phase).not.toBe('data-loss');
  // Nobody paid for it.
  const isEmpty = honest.durable.active[0].confirmed === null && honest.sent('funding').length === 0;
  if (isEmpty) return;
  const least = (local - going) / 1_000n - COSTS;
  for (const tx of honest.sent('mutual-close')) {
    expect(isSignedByBoth(tx, honest.durable.active[0].funding)).toBe(true);
    const mine = tx.outputs.filter(({ script }) => equalBytes(script, walletScript(honest.name)));
    expect(mine.reduce((sum, { amount }) => sum + amount, 0n)).toBeGreaterThanOrEqual(least);
  }
  // Whatever was agreed may never be mined: alone it comes to the same.
  honest.command({ tag: 'force-close' });
  const commitment = honest.sent('local-commitment').at(-1);
  expect(commitment).toBeDefined();
  if (commitment === undefined) return;
  peers.mine(1, [commitment]);
  const claimed = honest.demand.open.reduce((sum, { claim }) => sum + claim.amount, 0n);
  expect(claimed).toBeGreaterThanOrEqual(least);
}

const { option_anchors: _anchors, ...BARE } = TEST_FEATURES;
const LIVES = [
  {
    format: 'option_anchors',
    features: TEST_FEATURES,
    closer: 'alice',
    closing: { alice: 'closing_signed', bob: 'closing_signed' },
  },
  {
    format: 'option_static_remotekey',
    features: { ...BARE, option_simple_close: 'optional' },
    closer: 'bob',
    closing: { alice: 'closing_complete', bob: 'closing_sig' },
  },
] as const;

test.each(
  LIVES.flatMap((one) =>
    (['alice', 'bob'] as const).map((name) => ({ ...one, name, close: one.closing[name] })),
  ),
)(
  '$name loses nothing to a lie in any field of any message, from opening to $close ($format)',
  ({ name, features, closer, close }) => {
    const told = lieEverywhere(new TwoPeers({ features }, { features }), name, life(closer));
    const opening =
      name === 'bob' ? ['open_channel', 'funding_created'] : ['accept_channel', 'funding_signed'];
    const all = [
      ...opening,
      'channel_ready',
      'update_add_htlc',
      'update_fulfill_htlc',
      'update_fail_htlc',
      'update_fail_malformed_htlc',
      'commitment_signed',
      'revoke_and_ack',
      'channel_reestablish',
      'shutdown',
      close,
    ];
    expect([...told]).toEqual(expect.arrayContaining(all));
  },
  60_000,
);

/** The other says nothing there any more, whatever comes: nothing is left to lie about. */
const SILENT: ReadonlySet<string> = new Set([
  'closed, to alice',
  'closed, to bob',
  'closed by closing_complete, to alice',
  'closed by closing_complete, to bob',
  'data lost, closed by the peer, to bob',
]);

test.each(
  Object.entries(SITUATIONS).flatMap(([at, begin]) =>
    (['alice', 'bob'] as const).map((name) => ({ at, begin, name })),
  ),
)('$name loses nothing to a lie in any field of what comes next: $at', ({ at, begin, name }) => {
  const told = lieEverywhere(begin(), name, life('alice'), true);
  expect(told.size > 0, [...told].join()).toBe(!SILENT.has(`${at}, to ${name}`));
});
