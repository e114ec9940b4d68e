import { describe, expect, test } from 'vitest';
import { feeratePerKw, msat, sat } from '../../base/units.ts';
import { p2tr } from '../../bitcoin/script.ts';
import { isSignedByBoth } from '../../commitment/funding.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { change, countSaid, highS, lastSaid, theBreach, without } from '../../testkit/two-peer-breach.ts';
import { TEST_FEATURES, walletScript } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { simpleTx } from '../phases/shutdown/simple-offer.ts';
import { confirmedAt, TwoPeers, type OpenTerms } from '../../testkit/two-peer.ts';
import type { ClosingComplete, ClosingSig } from '../../wire/channel-close.ts';

const features = { ...TEST_FEATURES, option_simple_close: 'optional' } as const;
const { option_upfront_shutdown_script: _, ...free } = features;
const even = { push: msat(400_000_000) };

const ready = (terms: OpenTerms = even, both = { features }): TwoPeers => TwoPeers.ready(terms, both, both);

function closed(by: 'alice' | 'bob' = 'alice', terms: OpenTerms = even): TwoPeers {
  const peers = ready(terms);
  peers.close(peers[by]);
  peers.pump();
  return peers;
}

/** Both may offer, and nothing that was offered came. */
function negotiating(): TwoPeers {
  const peers = ready();
  change(peers, 'closing_complete', () => null);
  peers.close(peers.alice);
  peers.pump();
  peers.tap = null;
  return peers;
}

/** Of bob, and well signed. */
function offerOf(
  { bob }: TwoPeers,
  terms: { readonly fee: bigint; readonly locktime?: number },
): ClosingComplete {
  const { session, durable } = bob.state;
  if (session.link !== 'ready' || session.simple === null || durable?.phase !== 'negotiating')
    throw new Error('not closing');
  const { localScript, remoteScript } = session.simple;
  const { locktime = 0 } = terms;
  const fee = sat(terms.fee);
  const of = { localScript, remoteScript, closer: 'local', fee, lockTime: locktime } as const;
  const tx = simpleTx(durable, of, 'closerAndCloseeOutputs');
  if (tx === null) throw new Error('no such transaction');
  return {
    name: 'closing_complete',
    channelId: durable.params.channelId,
    closerScript: localScript,
    closeeScript: remoteScript,
    fee,
    locktime,
    closerAndCloseeOutputs: bob.env.signer.signFundingSpend(tx, 0, durable.active[0].funding),
  };
}

const closingsOf = (side: Side): readonly Tx[] =>
  side.published.filter(({ purpose }) => purpose === 'mutual-close').map(({ tx }) => tx);
const amountsOf = (tx: Tx | undefined): readonly bigint[] => (tx?.outputs ?? []).map(({ amount }) => amount);

describe('closing_complete', () => {
  // BOLT 2 §closing_complete: "MUST sign and broadcast the corresponding closing transaction. MUST send `closing_sig` with
  // a single valid signature in the same TLV field as the `closing_complete`."
  // BOLT 2 §closing_complete: "MUST generate its closing transaction as specified in BOLT #3"
  // BOLT 2 §closing_complete: "MUST set `signature` fields as valid signature using its `funding_pubkey`"
  // BOLT 2 §closing_sig: "otherwise: MUST broadcast the corresponding closing transaction."
  test.each(['alice', 'bob'] as const)(
    'closing_complete -- %s asks and pays; the other has all of its own',
    (by) => {
      const peers = closed(by);
      const asker = peers[by];
      expect(peers.saidSince(0).filter((line) => line.includes('closing_'))).toEqual([
        `${by}: closing_complete`,
        `${peers.other(asker).name}: closing_sig`,
      ]);
      const { fee } = lastSaid(peers, 'closing_complete', asker);
      const [tx, ...others] = closingsOf(asker);
      expect(others).toEqual([]);
      expect(closingsOf(peers.other(asker))).toEqual([tx]);
      expect(amountsOf(tx)).toEqual(by === 'alice' ? [400_000n, 600_000n - fee] : [400_000n - fee, 600_000n]);
      expect(tx && isSignedByBoth(tx, peers.alice.durable.active[0].funding)).toBe(true);
      expect(asker.summary.closing).toMatchObject({
        kind: 'mutual',
        amount: by === 'alice' ? 600_000n - fee : 400_000n - fee,
      });
      expect(peers.other(asker).summary.closing).toMatchObject({
        amount: by === 'alice' ? 400_000n : 600_000n,
      });
    },
  );

  test.each(['alice', 'bob'] as const)(
    'closing_complete -- %s pays, and both had the same: each is told what it cost, with no script said at the opening',
    (by) => {
      const peers = ready({ push: msat(500_000_000) }, { features: free });
      peers.close(peers[by]);
      peers.pump();
      const { fee } = lastSaid(peers, 'closing_complete', peers[by]);
      const told = (): unknown[] => [peers[by], peers.other(peers[by])].map(({ summary }) => summary.closing);
      const expected = [
        { kind: 'mutual', amount: 500_000n - fee, cost: fee },
        { kind: 'mutual', amount: 500_000n, cost: 0n },
      ];
      expect(told()).toMatchObject(expected);
      const [tx] = closingsOf(peers[by]);
      // In a block, and once nothing takes it out again.
      peers.mine(1, [tx!]);
      expect(told()).toMatchObject(expected);
      peers.mine(6);
      expect(peers[by].durable.phase).toBe('closed');
      expect(told()).toMatchObject(expected);
    },
  );

  // BOLT 2 §closing_complete: "MUST set both `closer_output_only` and `closer_and_closee_outputs`."
  // BOLT 2 §closing_complete: "Otherwise (not lesser amount, cannot remove its own output): MUST NOT set `closee_output_only`."
  // BOLT 2 §closing_complete: "MUST NOT set `closer_output_only`. MUST set `closee_output_only` if the local output amount is dust."
  test('closing_complete -- who has more signs for both variants, who has less for the one with both', () => {
    const more = lastSaid(closed('alice'), 'closing_complete');
    expect([more.closerOutputOnly, more.closerAndCloseeOutputs]).not.toContain(undefined);
    expect(more.closeeOutputOnly).toBeUndefined();
    const less = lastSaid(closed('bob'), 'closing_complete');
    expect(Object.keys(less)).toContain('closerAndCloseeOutputs');
    expect([less.closerOutputOnly, less.closeeOutputOnly]).toEqual([undefined, undefined]);
  });

  // BOLT 2 §closing_complete: "If the closee's output amount is dust: MUST set `closer_output_only`. MUST NOT set
  // `closer_and_closee_outputs`."
  // BOLT 2 §closing_complete: "If the local output amount is dust: MUST use `closer_output_only`."
  test('closing_complete -- whoever has dust has no output', () => {
    const peers = closed('alice', { push: msat(200_000) });
    const offered = lastSaid(peers, 'closing_complete');
    expect(offered.closerAndCloseeOutputs).toBeUndefined();
    expect(amountsOf(closingsOf(peers.bob)[0])).toEqual([999_800n - offered.fee]);
    expect(peers.bob.summary.closing).toMatchObject({ amount: 0n });
  });

  // BOLT 2 §closing_complete: "Otherwise, if `closer_and_closee_outputs` is present: MUST use `closer_and_closee_outputs`.
  // Otherwise: MUST use `closee_output_only`."
  test('closing_complete -- whose output is no dust takes the variant with both, else the one with its own', () => {
    const peers = closed('alice');
    expect(lastSaid(peers, 'closing_sig', peers.bob).closerAndCloseeOutputs).toBeDefined();

    const odd = ready();
    change(odd, 'closing_complete', ({ closerAndCloseeOutputs, ...message }) => ({
      ...without(message, 'closerOutputOnly'),
      ...(closerAndCloseeOutputs === undefined ? {} : { closeeOutputOnly: closerAndCloseeOutputs }),
    }));
    odd.close(odd.alice);
    odd.pump();
    // It signs something else than what Bob makes of his output alone.
    expect(theBreach(odd.bob).rule).toContain('signature field is not valid');
    expect(closingsOf(odd.bob)).toEqual([]);
  });

  test('closing_complete -- who asks and has nothing to pay with leaves it to the other', () => {
    const peers = closed('bob', { push: msat(300_000) });
    expect(countSaid(peers, 'closing_complete', peers.bob)).toBe(0);
    expect(countSaid(peers, 'closing_complete', peers.alice)).toBe(1);
    expect(closingsOf(peers.bob)).toHaveLength(1);
  });

  test('closing_complete -- one that does not come: who was asked offers at the next block', () => {
    const peers = ready();
    change(peers, 'closing_complete', (message, from) => (from === peers.alice ? null : message));
    peers.close(peers.alice);
    peers.pump();
    expect(closingsOf(peers.bob)).toEqual([]);
    peers.mine(1);
    peers.pump();
    expect(amountsOf(closingsOf(peers.bob)[0])).toContain(600_000n);
  });

  // BOLT 2 §closing_complete: "MUST set `closee_scriptpubkey` to the last script it received from its peer"
  test('closing_complete -- on a new connection all of it begins over', () => {
    const peers = ready();
    change(peers, 'closing_sig', () => null);
    peers.close(peers.alice);
    peers.pump();
    expect(closingsOf(peers.alice)).toEqual([]);
    peers.tap = null;
    peers.crash(peers.alice);
    peers.connect();
    peers.pump();
    expect(closingsOf(peers.alice)).toHaveLength(1);
    expect(closingsOf(peers.bob)).toContainEqual(closingsOf(peers.alice)[0]);
  });

  test.each(['known to nobody', 'in the mempool'] as const)(
    'closing_complete -- again, with more, while the first is %s',
    (how) => {
      const peers = closed();
      const [first] = closingsOf(peers.alice);
      if (first === undefined) throw new Error('not closed');
      if (how === 'in the mempool')
        for (const side of [peers.alice, peers.bob]) peers.tell(side, first, null);
      expect(peers.close(peers.alice, feeratePerKw(1_100))).toMatchObject({
        error: { code: 'fee-too-low', minimum: 1_251 },
      });
      peers.pump();
      // Not enough more to be relayed in its place.
      expect(countSaid(peers, 'closing_complete')).toBe(1);
      for (const [by, rate] of [
        ['alice', 3_000],
        ['bob', 9_000],
      ] as const) {
        expect(peers.close(peers[by], feeratePerKw(rate))?.ok).toBe(true);
        peers.pump();
        if (by === 'alice') expect(countSaid(peers, 'closing_complete')).toBe(2);
      }
      const last = closingsOf(peers.alice).at(-1);
      expect(closingsOf(peers.bob)).toContainEqual(last);
      for (const side of [peers.alice, peers.bob]) {
        peers.tell(side, last ?? first, confirmedAt(peers.height + 1));
        expect(side.summary.closing).toMatchObject({ kind: 'mutual', confirmations: 1 });
        expect(side.state.session.link).toBe('over');
      }
    },
  );

  const breaches: readonly (readonly [string, (message: ClosingComplete) => ClosingComplete, string])[] = [
    [
      'another script of ours',
      (message) => ({ ...message, closeeScript: walletScript('carol') }),
      'does not match the last script it sent',
    ],
    [
      'a script that was not committed to',
      (message) => ({ ...message, closerScript: walletScript('carol') }),
      '`closer_scriptpubkey` is invalid',
    ],
    [
      'a script of no allowed form',
      (message) => ({ ...message, closerScript: Uint8Array.of(0x51) }),
      '`closer_scriptpubkey` is invalid',
    ],
    // BOLT 2 §closing_complete: "If `fee_satoshis` is greater than the closer's outstanding balance"
    [
      'a fee that the closer has not',
      (message) => ({ ...message, fee: sat(600_001) }),
      "greater than the closer's outstanding balance",
    ],
    // BOLT 2 §closing_complete: "If the selected signature field does not exist"
    [
      'no signature for our output',
      (message) => without(message, 'closerAndCloseeOutputs') as ClosingComplete,
      'the selected signature field does not exist',
    ],
    // BOLT 2 §closing_complete: "If the signature field is not valid for the corresponding closing transaction"
    [
      'wrong signature',
      (message) => ({ ...message, closerAndCloseeOutputs: new Uint8Array(64).fill(1) }),
      'not valid for the corresponding closing transaction',
    ],
    // BOLT 2 §closing_complete: "If the signature field is non-compliant with LOW-S-standard rule"
    [
      'high S',
      (message) => ({
        ...message,
        closerAndCloseeOutputs: highS(message.closerAndCloseeOutputs ?? new Uint8Array(64)),
      }),
      'not valid for the corresponding closing transaction',
    ],
    [
      'a signature of another fee',
      (message) => ({ ...message, fee: sat(message.fee + 1n) }),
      'not valid for the corresponding closing transaction',
    ],
  ];
  test.each(breaches)('closing_complete -- refused: %s', (_name, to, rule) => {
    const peers = ready();
    change(peers, 'closing_complete', to);
    peers.close(peers.alice);
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
    expect(theBreach(peers.bob).rule).toContain(rule);
    expect(closingsOf(peers.bob)).toEqual([]);
    peers.tap = null;
    peers.reconnect();
    expect(closingsOf(peers.alice)).toContainEqual(closingsOf(peers.bob)[0]);
  });

  test.each([
    ['pays nothing', { fee: 0n }],
    ['waits for years', { fee: 1_000n, locktime: 4_000_000_000 }],
    ['leaves dust', { fee: 399_999n }],
  ])('closing_complete -- one that %s is not signed: no block would take it', (_name, terms) => {
    const peers = negotiating();
    peers.inject(peers.bob, offerOf(peers, terms));
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
    expect(peers.alice.durable).toMatchObject({ phase: 'negotiating', mutual: null });
    expect(closingsOf(peers.alice)).toEqual([]);
    expect(countSaid(peers, 'closing_sig')).toBe(0);
  });

  test('one that no block may take yet takes the place of none, and gains no time', () => {
    const peers = closed('bob');
    const { alice, bob } = peers;
    const { durable: before } = alice;
    if (before.phase !== 'negotiating') throw new Error('not closing');
    peers.mine(100, []);
    peers.inject(bob, offerOf(peers, { fee: 50_000n, locktime: peers.height + 6 }));
    expect(alice.durable).toMatchObject({ mutual: before.mutual, since: before.since });
    expect(closingsOf(alice).at(-1)).toEqual(before.mutual);
    peers.inject(bob, offerOf(peers, { fee: 50_000n, locktime: peers.height }));
    expect(alice.durable).not.toMatchObject({ mutual: before.mutual });
    expect(closingsOf(alice).at(-1)).not.toEqual(before.mutual);
  });

  test('closing_complete -- what pays no more is signed and told to nobody, and not without end', () => {
    const peers = negotiating();
    for (let i = 0; i < 20; i++) peers.inject(peers.bob, offerOf(peers, { fee: 1_000n, locktime: i }));
    expect(closingsOf(peers.alice)).toHaveLength(1);
    expect(peers.alice.notices.filter(({ tag }) => tag === 'violation')).toEqual([]);
    peers.inject(peers.bob, offerOf(peers, { fee: 9_000n }));
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
    expect(closingsOf(peers.alice)).toHaveLength(1);
  });

  // BOLT 2 §closing_complete: "If it wants to send another `closing_complete` (e.g. with a different `fee_satoshis` or
  // `closer_scriptpubkey`): MUST wait until it has received `closing_sig` first."
  test('closing_complete -- not again before the first is answered', () => {
    const peers = ready();
    change(peers, 'closing_sig', () => null);
    peers.close(peers.alice);
    peers.pump();
    peers.close(peers.alice, feeratePerKw(5_000));
    peers.pump();
    expect(countSaid(peers, 'closing_complete')).toBe(1);
  });

  // BOLT 2 §closing_complete: "MUST set `fee_satoshis` to a fee less than or equal to its outstanding balance, rounded
  // down to whole satoshis. MUST set `fee_satoshis` so that at least one output is not dust."
  test('closing_complete -- a fee rate that would take everything leaves both an output that is relayed', () => {
    const peers = ready();
    peers.close(peers.alice, feeratePerKw(2_000_000));
    peers.pump();
    expect(amountsOf(closingsOf(peers.bob)[0])).toEqual([294n, 400_000n]);
  });

  // BOLT 2 §closing_complete: "MUST set `closer_scriptpubkey` to its desired output script."
  // BOLT 2 §closing_complete: "MUST set `locktime` to the desired `nLockTime` of the closing transaction."
  test('closing_complete -- says the script and the lock time of the transaction that it signs', () => {
    const peers = closed('alice');
    const { closerScript, locktime } = lastSaid(peers, 'closing_complete');
    const [tx] = closingsOf(peers.bob);
    expect(closerScript).toEqual(walletScript('alice'));
    expect(tx?.outputs.map(({ script }) => script)).toContainEqual(closerScript);
    expect(locktime).toBe(tx?.lockTime);
  });

  // BOLT 2 §closing_complete: "If `closer_scriptpubkey` is a valid `OP_RETURN` script: MUST set the closer's output amount to
  // zero so that all funds go to fees"
  // BOLT 2 §closing_complete: "MUST generate the remote closing transaction as specified in BOLT #3"
  test('closing_complete -- a closer that gives its own to the miners: signed, with all of ours in it', () => {
    const peers = ready(even, { features: free });
    change(peers, 'closing_complete', () => null);
    peers.close(peers.alice);
    peers.pump();
    peers.tap = null;
    const { session } = peers.bob.state;
    if (session.link !== 'ready' || session.simple === null) throw new Error('not closing');
    const burn = Uint8Array.of(0x6a, 6, ...new Uint8Array(6));
    peers.bob.state = {
      ...peers.bob.state,
      session: { ...session, simple: { ...session.simple, localScript: burn } },
    };
    peers.inject(peers.bob, offerOf(peers, { fee: 10_000n }));
    peers.pump();
    const outputs = closingsOf(peers.alice)[0]?.outputs;
    expect(outputs).toContainEqual({ amount: 0n, script: burn });
    expect(outputs).toContainEqual({ amount: 600_000n, script: walletScript('alice') });
  });

  // BOLT 2 §closing_complete: "MUST use `closer_scriptpubkey` for its own future `closing_complete` messages."
  test('closing_complete -- a new script of the peer, which committed to none, is where the next one pays', () => {
    const peers = ready(even, { features: free });
    const script = p2tr(new Uint8Array(32).fill(3));
    peers.close(peers.bob);
    peers.pump();
    // What a peer with a new script would say.
    const { session } = peers.bob.state;
    if (session.link !== 'ready' || session.simple === null) throw new Error('not closing');
    peers.bob.state = {
      ...peers.bob.state,
      session: { ...session, simple: { ...session.simple, localScript: script } },
    };
    peers.close(peers.bob, feeratePerKw(5_000));
    peers.pump();
    expect(
      closingsOf(peers.alice)
        .at(-1)
        ?.outputs.map((one) => one.script),
    ).toContainEqual(script);
    expect(peers.alice.durable).toMatchObject({ phase: 'negotiating', remoteScript: script });
  });

  test('closing_signed -- not where closing_complete was negotiated', () => {
    const peers = closed();
    expect(countSaid(peers, 'closing_signed')).toBe(0);
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, {
      name: 'closing_signed',
      channelId,
      fee: sat(500),
      signature: new Uint8Array(64).fill(1),
    });
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
  });
});

describe('closing_sig', () => {
  const breaches: readonly (readonly [string, (message: ClosingSig) => ClosingSig, string])[] = [
    // BOLT 2 §closing_sig: "If `closer_scriptpubkey`, `closee_scriptpubkey`, `fee_satoshis` or `locktime` don't match"
    ['another fee', (message) => ({ ...message, fee: sat(message.fee + 1n) }), "don't match what was sent"],
    ['another lock time', (message) => ({ ...message, locktime: 7 }), "don't match what was sent"],
    // BOLT 2 §closing_sig: "If `tlvs` does not contain exactly one signature"
    [
      'two signatures',
      (message) => ({ ...message, closerOutputOnly: new Uint8Array(64).fill(1) }),
      'exactly one signature',
    ],
    [
      'no signature',
      (message) => without(message, 'closerAndCloseeOutputs') as ClosingSig,
      'exactly one signature',
    ],
    // BOLT 2 §closing_sig: "If `tlvs` does not contain one of the TLV fields sent"
    [
      'a variant that was not offered',
      ({ closerAndCloseeOutputs, ...message }) => ({
        ...message,
        ...(closerAndCloseeOutputs && { closeeOutputOnly: closerAndCloseeOutputs }),
      }),
      'one of the TLV fields sent',
    ],
    // BOLT 2 §closing_sig: "If the signature field is not valid for the corresponding closing transaction"
    [
      'wrong signature',
      (message) => ({ ...message, closerAndCloseeOutputs: new Uint8Array(64).fill(1) }),
      'not valid for the corresponding closing transaction',
    ],
    // BOLT 2 §closing_sig: "If the signature field is non-compliant with LOW-S-standard rule"
    [
      'high S',
      (message) => ({
        ...message,
        closerAndCloseeOutputs: highS(message.closerAndCloseeOutputs ?? new Uint8Array(64)),
      }),
      'not valid for the corresponding closing transaction',
    ],
  ];
  test.each(breaches)('closing_sig -- refused: %s', (_name, to, rule) => {
    const peers = ready();
    change(peers, 'closing_sig', to);
    peers.close(peers.alice);
    peers.pump();
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
    expect(theBreach(peers.alice).rule).toContain(rule);
    expect(closingsOf(peers.alice)).toEqual([]);
  });

  test('closing_sig -- that nobody asked for: refused, nothing is published again', () => {
    const peers = closed();
    peers.inject(peers.bob, lastSaid(peers, 'closing_sig'));
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
    expect(closingsOf(peers.alice)).toHaveLength(1);
  });
});
