import { describe, expect, test } from 'vitest';
import { feeratePerKw, msat, sat, type FeeratePerKw } from '../../base/units.ts';
import { p2tr, p2wsh } from '../../bitcoin/script.ts';
import { weightOf, type Tx } from '../../bitcoin/tx.ts';
import { breachesOf, change, countSaid, highS, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { TEST_FEATURES, walletScript } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { ClosingSigned } from '../../wire/channel-close.ts';
import { closingTx, hasDust } from '../phases/shutdown/closing-offer.ts';

const even = { push: msat(400_000_000) };
const { option_upfront_shutdown_script: _, ...features } = TEST_FEATURES;
/** Without a script that was committed to. */
const free = (): TwoPeers => TwoPeers.ready(even, { features }, { features });

const closingOf = (side: Side): Tx | undefined =>
  side.published.findLast(({ purpose }) => purpose === 'mutual-close')?.tx;

describe('shutdown', () => {
  // BOLT 2 §shutdown: "MUST NOT send multiple `shutdown` messages."
  // BOLT 2 §shutdown: "UNLESS it has already sent a `shutdown`: MUST reply to a `shutdown` message with a `shutdown`"
  // BOLT 2 §shutdown: "if it sent a non-zero-length `shutdown_scriptpubkey` in `open_channel` or `accept_channel`: MUST
  // send the same value"
  test('shutdown -- once, answered once, with the script that was committed to', () => {
    const peers = TwoPeers.ready(even);
    expect(peers.close(peers.alice)?.ok).toBe(true);
    expect(peers.close(peers.alice)?.ok).toBe(true);
    peers.pump();
    expect(countSaid(peers, 'shutdown', peers.alice)).toBe(1);
    expect(countSaid(peers, 'shutdown', peers.bob)).toBe(1);
    expect(lastSaid(peers, 'shutdown', peers.alice).script).toEqual(walletScript('alice'));
    expect(lastSaid(peers, 'shutdown', peers.bob).script).toEqual(walletScript('bob'));
  });

  // BOLT 2 §shutdown: "if it sent a non-zero-length `shutdown_scriptpubkey` in `open_channel` or `accept_channel`: MUST
  // send the same value"
  test('shutdown -- another script than was committed to: refused by ourselves', () => {
    const peers = TwoPeers.ready(even);
    const reply = peers.alice.command({
      tag: 'close',
      script: walletScript('carol'),
      feerate: feeratePerKw(1_000),
    });
    expect(reply).toMatchObject({ error: { code: 'invalid-argument', field: 'script' } });
  });

  // BOLT 2 §shutdown: "that `shutdown_scriptpubkey` is not equal to `scriptpubkey`: MAY send a `warning`. MUST fail the
  // connection."
  test('shutdown -- another script than was committed to: costs the peer the connection', () => {
    const peers = TwoPeers.ready(even);
    change(peers, 'shutdown', (message) => ({ ...message, script: walletScript('carol') }));
    peers.close(peers.alice);
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
    expect(theBreach(peers.bob).rule).toContain('`shutdown_scriptpubkey` is not equal to `scriptpubkey`');
    expect(peers.bob.durable.phase).toBe('normal');
  });

  // BOLT 2 §shutdown: "MUST set `scriptpubkey` in one of the following forms"
  test.each<readonly [string, Uint8Array, boolean]>([
    ['P2WPKH', walletScript('carol'), true],
    ['P2WSH', p2wsh(new Uint8Array(3)), true],
    ['P2TR, as option_shutdown_anysegwit is negotiated', p2tr(new Uint8Array(32)), true],
    ['P2PKH', Uint8Array.of(0x76, 0xa9, 20, ...new Uint8Array(20), 0x88, 0xac), false],
    ['OP_RETURN', Uint8Array.of(0x6a, 6, ...new Uint8Array(6)), false],
    ['nothing', new Uint8Array(), false],
    ['a witness program of 41 bytes', Uint8Array.of(0x51, 41, ...new Uint8Array(41)), false],
  ])('shutdown -- scriptpubkey %s', (_name, script, allowed) => {
    const ours = free();
    const reply = ours.alice.command({ tag: 'close', script, feerate: feeratePerKw(1_000) });
    expect(reply?.ok).toBe(allowed);
    const theirs = free();
    change(theirs, 'shutdown', (message, from) => (from === theirs.alice ? { ...message, script } : message));
    theirs.close(theirs.alice);
    theirs.deliver(theirs.alice);
    expect(breachesOf(theirs.bob).map(({ severity }) => severity)).toEqual(allowed ? [] : ['warn']);
    expect(theirs.bob.durable.phase).toBe(allowed ? 'negotiating' : 'normal');
  });

  // BOLT 2 §shutdown: "MUST set `scriptpubkey` in one of the following forms"
  test('shutdown -- no script of a later segwit version where the peer does not know them', () => {
    const { option_shutdown_anysegwit: _any, ...old } = features;
    const script = p2tr(new Uint8Array(32));
    const ours = TwoPeers.ready(even, { features }, { features: old });
    expect(ours.alice.command({ tag: 'close', script, feerate: feeratePerKw(1_000) })).toMatchObject({
      error: { code: 'invalid-argument', field: 'script' },
    });
    const theirs = TwoPeers.ready(even, { features: old }, { features });
    change(theirs, 'shutdown', (message, from) => (from === theirs.alice ? { ...message, script } : message));
    theirs.close(theirs.alice);
    theirs.deliver(theirs.alice);
    expect(theBreach(theirs.bob)).toMatchObject({ severity: 'warn' });
    expect(theirs.bob.durable.phase).toBe('normal');
  });

  test('shutdown -- waits until what we proposed is signed', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(1_000_000), 'one');
    peers.add(peers.alice, msat(1_000_000), 'two');
    peers.close(peers.alice);
    // The second HTLC waits for a revocation, and shutdown with it.
    expect(peers.alice.outbox.map(({ name }) => name)).not.toContain('shutdown');
    peers.pump();
    const said = peers.saidSince(0);
    // Said once, right behind the signature that covers the second HTLC.
    const shutdown = said.indexOf('alice: shutdown');
    const before = said.slice(0, shutdown).filter((line) => line.startsWith('alice'));
    expect(before.filter((line) => line === 'alice: update_add_htlc')).toHaveLength(2);
    expect(before.at(-1)).toBe('alice: commitment_signed');
    expect(breachesOf(peers.bob)).toEqual([]);
  });

  // BOLT 2 §shutdown: "MUST NOT send an `update_add_htlc` after a `shutdown`"
  test('update_add_htlc -- not after shutdown, on either side', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(1_000_000), 'one');
    peers.pump();
    const add = lastSaid(peers, 'update_add_htlc');
    peers.close(peers.alice);
    peers.pump();
    for (const side of [peers.alice, peers.bob])
      expect(peers.add(side, msat(1_000_000))).toMatchObject({
        error: { code: 'channel-not-ready', status: 'shutting-down' },
      });
    peers.inject(peers.alice, { ...add, id: 1n });
    expect(theBreach(peers.bob).rule).toContain('MUST NOT send an `update_add_htlc` after a `shutdown`');
  });

  test('shutdown -- HTLCs are settled first, in both directions', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(10_000_000), 'one');
    peers.add(peers.bob, msat(20_000_000), 'two');
    peers.pump();
    peers.close(peers.bob);
    peers.pump();
    expect(countSaid(peers, 'closing_signed')).toBe(0);
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.alice.command({ tag: 'fail-htlc', id: 0n, reason: new Uint8Array(3) });
    peers.pump();
    expect(closingOf(peers.alice)).toEqual(closingOf(peers.bob));
    expect(closingOf(peers.bob)?.outputs.map(({ amount }) => amount)).toContain(410_000n);
  });

  // BOLT 2 §shutdown: "if there are updates pending on the receiving node's commitment transaction: MUST NOT send a
  // `shutdown`."
  test('shutdown -- the peer may not send one with an addition that it did not sign', () => {
    const peers = TwoPeers.ready(even);
    peers.alice.env = { ...peers.alice.env, moreToCome: true };
    peers.add(peers.alice, msat(1_000_000));
    peers.deliver(peers.alice);
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.alice, { name: 'shutdown', channelId, script: walletScript('alice') });
    expect(theBreach(peers.bob).rule).toContain('updates pending on the receiving');
  });

  test('shutdown -- before channel_ready', () => {
    const peers = new TwoPeers();
    peers.open(even);
    peers.close(peers.bob);
    peers.pump();
    expect(closingOf(peers.alice)).toEqual(closingOf(peers.bob));
    expect(countSaid(peers, 'channel_ready')).toBe(0);
  });

  test('shutdown -- before there is a channel fails the opening', () => {
    const peers = new TwoPeers();
    peers.connect();
    peers.ask();
    peers.pump();
    const { temporaryChannelId } = lastSaid(peers, 'open_channel');
    peers.inject(peers.alice, {
      name: 'shutdown',
      channelId: temporaryChannelId,
      script: walletScript('alice'),
    });
    peers.pump();
    expect(countSaid(peers, 'error', peers.bob)).toBe(1);
    expect(peers.bob.state.session.link).toBe('over');
  });

  test('shutdown -- asked for while the peer is away: said on the next connection', () => {
    const peers = TwoPeers.ready(even);
    peers.disconnect();
    expect(peers.close(peers.alice)?.ok).toBe(true);
    peers.crash(peers.alice);
    peers.connect();
    peers.pump();
    expect(closingOf(peers.alice)).toEqual(closingOf(peers.bob));
  });
});

describe('closing_signed', () => {
  const closed = (
    to: (peers: TwoPeers) => void = () => {},
    feerate: FeeratePerKw = feeratePerKw(1_000),
  ): TwoPeers => {
    const peers = TwoPeers.ready(even);
    to(peers);
    peers.close(peers.alice, feerate);
    peers.pump();
    return peers;
  };

  // BOLT 2 §closing_signed: "MUST set `signature` to the Bitcoin signature of the close transaction"
  test('closing_signed -- the funder begins, pays, and two messages are enough', () => {
    const peers = closed();
    expect(peers.saidSince(0).filter((line) => line.endsWith('closing_signed'))).toEqual([
      'alice: closing_signed',
      'bob: closing_signed',
    ]);
    const tx = closingOf(peers.alice);
    expect(tx).toEqual(closingOf(peers.bob));
    if (tx === undefined) return;
    const { fee, feeRange } = lastSaid(peers, 'closing_signed', peers.alice);
    expect(tx.outputs.map(({ amount }) => amount)).toEqual([400_000n, 600_000n - fee]);
    expect(feeRange?.min).toBeLessThanOrEqual(fee);
    expect(feeRange?.max).toBeGreaterThanOrEqual(fee);
    // At the fee rate that was asked for, to within the length of the signatures.
    expect(Number(fee)).toBeGreaterThanOrEqual((weightOf(tx) * 1_000) / 1_000);
    expect(Number(fee)).toBeLessThan((weightOf(tx) + 6) * 1.0);
    expect(peers.alice.summary).toMatchObject({ status: 'negotiating-close', closing: { kind: 'mutual' } });
  });

  // BOLT 2 §closing_signed: "if the `signature` is not valid for either variant of closing transaction"
  test.each<readonly [string, (message: ClosingSigned) => ClosingSigned, 'disconnect' | 'fail', string]>([
    [
      'wrong signature',
      (message) => ({ ...message, signature: new Uint8Array(64).fill(1) }),
      'disconnect',
      'not valid for either variant',
    ],
    [
      'high S',
      (message) => ({ ...message, signature: highS(message.signature) }),
      'disconnect',
      'non-compliant with LOW-S-standard rule',
    ],
    [
      'a signature of another fee',
      (message) => ({ ...message, fee: sat(message.fee + 1n) }),
      'disconnect',
      'not valid for either variant',
    ],
    [
      'a fee that nobody has',
      (message) => ({ ...message, fee: sat(600_001) }),
      'disconnect',
      'not valid for either variant',
    ],
  ])('closing_signed -- refused: %s', (_name, to, severity, rule) => {
    const peers = closed((fresh) => change(fresh, 'closing_signed', to));
    expect(theBreach(peers.bob)).toMatchObject({ severity });
    expect(theBreach(peers.bob).rule).toContain(rule);
    peers.tap = null;
    peers.reconnect();
    expect(closingOf(peers.alice)).toEqual(closingOf(peers.bob));
  });

  /** Alice's side of the negotiation is written by the test: Bob answers. */
  function proposed(fee: bigint, range: { readonly min: bigint; readonly max: bigint } | null): TwoPeers {
    const peers = closed((fresh) => change(fresh, 'closing_signed', () => null));
    peers.tap = null;
    say(peers, peers.alice, fee, range);
    peers.pump();
    return peers;
  }

  function say(
    peers: TwoPeers,
    from: Side,
    fee: bigint,
    range: { readonly min: bigint; readonly max: bigint } | null,
  ): void {
    const { durable, env } = from;
    if (durable.phase !== 'negotiating') throw new Error('not negotiating');
    const tx = closingTx(durable, sat(fee));
    if (tx === null) throw new Error('no such transaction');
    peers.inject(from, {
      name: 'closing_signed',
      channelId: durable.params.channelId,
      fee: sat(fee),
      signature: env.signer.signFundingSpend(tx, 0, durable.active[0].funding),
      ...(range === null ? {} : { feeRange: { min: sat(range.min), max: sat(range.max) } }),
    });
  }

  // BOLT 2 §closing_signed: "MUST propose a `fee_satoshis` in the overlap between received and (about-to-be) sent
  // `fee_range`."
  test('closing_signed -- a fee below what is relayed, but a range that reaches there: the lowest that is', () => {
    const peers = proposed(10n, { min: 10n, max: 5_000n });
    const answer = lastSaid(peers, 'closing_signed', peers.bob);
    expect(answer.fee).toBeGreaterThan(100n);
    expect(answer.fee).toBeLessThanOrEqual(5_000n);
  });

  /** What Alice offers at fee rates that are all the same, asked to close at `rate`: Bob's answers are lost. */
  function offered(flat: FeeratePerKw, rate: FeeratePerKw) {
    const peers = closed((fresh) => {
      const { alice, bob } = fresh;
      alice.env = { ...alice.env, feerates: { ...alice.env.feerates, normal: flat, urgent: flat } };
      change(fresh, 'closing_signed', (message, from) => (from === bob ? null : message));
    }, rate);
    peers.tap = null;
    const { fee, feeRange } = lastSaid(peers, 'closing_signed', peers.alice);
    return { peers, fee, max: feeRange?.max ?? 0n };
  }
  const agreesOn = ({ peers }: ReturnType<typeof offered>, fee: bigint, max: bigint): void => {
    say(peers, peers.bob, fee, { min: fee, max });
    peers.pump();
    expect(closingOf(peers.alice)?.outputs.map(({ amount }) => amount)).toContain(600_000n - fee);
  };

  test('closing_signed -- where all fee rates are the same there is room for who reckons the transaction larger', () => {
    for (const [rate, most] of [
      [1_000, 2n * 674n],
      [10_000, 6_740n + 1_000n],
    ] as const) {
      const flat = feeratePerKw(rate);
      const quiet = offered(flat, flat);
      expect(quiet.max).toBe(most);
      agreesOn(quiet, quiet.fee + quiet.fee / 33n, 2n * most);
    }
  });

  test('closing_signed -- a chosen rate that is dearer than estimates: an eighth more is all that the peer may take', () => {
    for (const [rate, fee, most] of [
      [4_000, 2_696n, 2_696n + 337n],
      [40_000, 26_960n, 26_960n + 1_000n],
      // No dearer: as if it had not been chosen.
      [1_100, 742n, 2n * 674n],
      [253, 171n, 2n * 674n],
    ] as const) {
      const chosen = offered(feeratePerKw(1_000), feeratePerKw(rate));
      expect(chosen).toMatchObject({ fee, max: most });
      agreesOn(chosen, fee + fee / 33n, 2n * most);
    }
  });

  test('closing_signed -- no overlap of the ranges: a warning', () => {
    const peers = proposed(10n, { min: 5n, max: 20n });
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'warn' });
    expect(theBreach(peers.bob).rule).toContain('no overlap');
    expect(closingOf(peers.bob)).toBeUndefined();
  });

  // BOLT 2 §closing_signed: "if it has already sent a `closing_signed`: if `fee_satoshis` is not the same as the value
  // it sent: MUST fail the channel"
  test('closing_signed -- the fundee spoke and the funder insists on another fee: fails', () => {
    const peers = proposed(10n, { min: 10n, max: 5_000n });
    say(peers, peers.alice, 11n, { min: 10n, max: 5_000n });
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'fail' });
    expect(theBreach(peers.bob).rule).toContain('if it has already sent a `closing_signed`');
  });

  // BOLT 2 §closing_signed: "if `fee_satoshis` is not in the overlap between the sent and received `fee_range`: MUST
  // fail the channel"
  test('closing_signed -- to the funder a fee outside of its range: fails', () => {
    const peers = closed((fresh) =>
      change(fresh, 'closing_signed', (message, from) => (from === fresh.bob ? null : message)),
    );
    say(peers, peers.bob, 100_000n, { min: 1n, max: 200_000n });
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'fail' });
    expect(theBreach(peers.alice).rule).toContain('not in the overlap');
  });

  test('closing_signed -- without fee_range: an acceptable fee is taken', () => {
    const peers = proposed(900n, null);
    expect(lastSaid(peers, 'closing_signed', peers.bob).fee).toBe(900n);
    expect(closingOf(peers.bob)?.outputs.map(({ amount }) => amount)).toContain(599_100n);
  });

  // BOLT 2 §closing_signed: "MUST propose a value “strictly between” the received `fee_satoshis` and its
  // previously-sent `fee_satoshis`."
  test('closing_signed -- without fee_range: we meet in the middle, strictly between', () => {
    const peers = proposed(50n, null);
    const first = lastSaid(peers, 'closing_signed', peers.bob).fee;
    say(peers, peers.alice, 60n, null);
    peers.pump();
    expect(breachesOf(peers.bob)).toEqual([]);
    const second = lastSaid(peers, 'closing_signed', peers.bob).fee;
    expect(second).toBeLessThan(first);
    expect(second).toBeGreaterThan(60n);
    say(peers, peers.alice, 55n, null);
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
    expect(theBreach(peers.bob).rule).toContain('not strictly between');
  });

  test.each([
    ['far', 4n],
    ['very far', 400n],
  ])(
    'closing_signed -- without fee_range: who comes down by a tenth at a time from %s above is waited for',
    (_far, times) => {
      const peers = closed((fresh) =>
        change(fresh, 'closing_signed', (message, from) => (from === fresh.bob ? null : message)),
      );
      const { max = sat(0) } = lastSaid(peers, 'closing_signed', peers.alice).feeRange ?? {};
      let theirs = times * max;
      const heard: ClosingSigned[] = [];
      for (let round = 0; round < 100 && closingOf(peers.alice) === undefined; round++) {
        heard.push(lastSaid(peers, 'closing_signed', peers.alice));
        say(peers, peers.bob, theirs, null);
        peers.pump();
        theirs = (theirs * 9n) / 10n;
      }
      expect(breachesOf(peers.alice)).toEqual([]);
      expect(closingOf(peers.alice)).toBeDefined();
      // Each of ours is above the one before: "strictly between".
      const fees = heard.map(({ fee }) => fee);
      expect(fees).toEqual([...new Set(fees)].sort((a, b) => Number(a - b)));
      signedInRange(peers, heard);
    },
  );

  /** What was signed, and what was agreed on, lies in the range that was said along with it; the range is one from the second on. */
  function signedInRange(peers: TwoPeers, heard: readonly ClosingSigned[]): void {
    const all = [...heard, lastSaid(peers, 'closing_signed', peers.alice)];
    for (const { fee, feeRange } of all) {
      expect(fee).toBeGreaterThanOrEqual(feeRange?.min ?? fee + 1n);
      expect(fee).toBeLessThanOrEqual(feeRange?.max ?? fee - 1n);
    }
    expect(new Set(all.slice(1).map(({ feeRange }) => feeRange?.max)).size).toBeLessThanOrEqual(1);
    const paid =
      closingOf(peers.alice)?.outputs.reduce((left, { amount }) => left - amount, 1_000_000n) ?? 0n;
    expect(paid).toBeLessThanOrEqual(all.at(-1)?.feeRange?.max ?? 0n);
  }

  test.each([
    ['above what we pay for speed', 2n, 1n],
    ['far above', 30n, 1n],
    ['two hundredfold', 200n, 1n],
    ['below what is relayed', 1n, 3n],
  ])('closing_signed -- without fee_range: LND as it haggles, its own fee %s', (_far, times, by) => {
    const peers = closed((fresh) =>
      change(fresh, 'closing_signed', (message, from) => (from === fresh.bob ? null : message)),
    );
    const first = lastSaid(peers, 'closing_signed', peers.alice);
    let theirs = (times * (first.feeRange?.max ?? 0n)) / by;
    const heard: ClosingSigned[] = [];
    for (let round = 0; round < 100 && closingOf(peers.alice) === undefined; round++) {
      const said = lastSaid(peers, 'closing_signed', peers.alice);
      heard.push(said);
      const close = said.fee < theirs ? said.fee * 10n >= theirs * 7n : said.fee * 10n <= theirs * 13n;
      if (round > 0) theirs = close ? said.fee : theirs + ((said.fee < theirs ? -1n : 1n) * theirs) / 10n;
      say(peers, peers.bob, theirs, null);
      peers.pump();
    }
    expect(breachesOf(peers.alice)).toEqual([]);
    expect(closingOf(peers.alice)).toBeDefined();
    signedInRange(peers, heard);
  });

  test('closing_signed -- without fee_range: no fee below which nothing is relayed, and estimates a hundredth apart: agreed at once', () => {
    const floor = feeratePerKw(253);
    const peers = closed((fresh) => {
      for (const side of [fresh.alice, fresh.bob])
        side.env = {
          ...side.env,
          feerates: { urgent: floor, normal: floor, background: floor, minimum: floor },
        };
      change(fresh, 'closing_signed', (message, from) => (from === fresh.bob ? null : message));
    }, floor);
    const { fee } = lastSaid(peers, 'closing_signed', peers.alice);
    say(peers, peers.bob, (fee * 250n + 252n) / 253n, null);
    peers.pump();
    const tx = closingOf(peers.alice);
    const paid = tx?.outputs.reduce((left, { amount }) => left - amount, 1_000_000n) ?? 0n;
    expect(paid).toBeLessThan(fee);
    expect(paid).toBeGreaterThanOrEqual(tx === undefined ? 1n : BigInt(Math.ceil(weightOf(tx) / 4)));
  });

  test('closing_signed -- without fee_range: who does not come down to our range is told so, and nothing is signed beyond it', () => {
    const peers = closed((fresh) =>
      change(fresh, 'closing_signed', (message, from) => (from === fresh.bob ? null : message)),
    );
    const heard: ClosingSigned[] = [];
    for (let theirs = 400_000n; breachesOf(peers.alice).length === 0; theirs--) {
      heard.push(lastSaid(peers, 'closing_signed', peers.alice));
      say(peers, peers.bob, theirs, null);
      peers.pump();
    }
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'warn' });
    expect(closingOf(peers.alice)).toBeUndefined();
    signedInRange(peers, heard);
    expect(heard.at(-1)?.fee).toBe(heard.at(-1)?.feeRange?.max);
  });

  test('closing_signed -- an output below the dust limit of its script is seen', () => {
    const tx = closingOf(closed().alice);
    expect(tx && hasDust(tx)).toBe(false);
    const script = p2wsh(new Uint8Array(3));
    const paying = (amount: number): Tx => ({
      version: 2,
      inputs: [],
      outputs: [{ amount: sat(amount), script }],
      lockTime: 0,
    });
    expect(hasDust(paying(330))).toBe(false);
    expect(hasDust(paying(329))).toBe(true);
  });

  test('closing_signed -- dust goes to the fee, and one output is enough', () => {
    const peers = TwoPeers.ready({ push: msat(300_000) });
    peers.close(peers.alice);
    peers.pump();
    const tx = closingOf(peers.alice);
    expect(tx).toEqual(closingOf(peers.bob));
    expect(tx?.outputs).toHaveLength(1);
  });

  test('closing_signed -- a satoshi that nobody has whole goes to the fee, and each side knows what it gets', () => {
    const peers = TwoPeers.ready({ push: msat(400_000_500) });
    peers.close(peers.alice);
    peers.pump();
    const tx = closingOf(peers.alice);
    if (tx === undefined) throw new Error('no closing transaction');
    const amounts = new Set(tx.outputs.map(({ amount }) => amount));
    expect(amounts).toEqual(
      new Set([peers.alice, peers.bob].map(({ summary }) => summary.closing?.amount ?? 0n)),
    );
    expect(peers.bob.summary.closing?.amount).toBe(400_000n);
    peers.mine(1, [tx]);
    expect(peers.alice.summary.closing?.amount).toBe(
      tx.outputs.find(({ amount }) => amount !== 400_000n)?.amount,
    );
  });

  // BOLT 2 §closing_signed: "if it doesn't receive a `closing_signed` response after a reasonable amount of time: MUST
  // fail the channel"
  test('closing_signed -- no answer for a day: the commitment is published', () => {
    const peers = closed((fresh) =>
      change(fresh, 'closing_signed', (message, from) => (from === fresh.bob ? null : message)),
    );
    peers.mine(144);
    expect(peers.alice.durable.phase).toBe('negotiating');
    peers.mine(1);
    expect(peers.alice.published.at(-1)?.purpose).toBe('local-commitment');
    // Bob had agreed, and no server knows of it: his commitment as well.
    expect(peers.bob.published.map(({ purpose }) => purpose)).toContain('mutual-close');
    expect(peers.bob.published.map(({ purpose }) => purpose)).toContain('local-commitment');
  });

  test('closing_signed -- published again at each start until it is seen', () => {
    const peers = closed();
    peers.alice.published.length = 0;
    peers.crash(peers.alice);
    expect(peers.alice.published.map(({ purpose }) => purpose)).toEqual(['mutual-close']);
  });

  test('closing_signed -- a peer that failed the channel gets the closing transaction all the same', () => {
    const peers = closed();
    peers.alice.published.length = 0;
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, { name: 'error', channelId, data: new Uint8Array() });
    expect(peers.alice.published.map(({ purpose }) => purpose)).toEqual(['mutual-close']);
  });
});
