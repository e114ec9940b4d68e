import { describe, expect, it } from 'vitest';
import { nodeId, paymentHash } from '../base/ids.ts';
import { blockDelta, msat, seconds } from '../base/units.ts';
import { supports } from '../wire/features.ts';
import { envOf, NOW, payChannel, readInvoice, sats, scidOf, testNode } from './fixtures/pay-world.ts';
import { hintsFor, noRoomIn, type ReceiveChannel } from './own-hints.ts';
import { newInvoice, type ReceiveDraft } from './receive-request.ts';
import { defaultMaxFee, requestOfInvoice, spontaneousRequest } from './send-request.ts';

const us = testNode(1);
const payee = testNode(3);
const tea = { tag: 'text', text: 'tea' } as const;

function made(draft: Partial<ReceiveDraft> = {}, source = payee.source) {
  const payment = newInvoice({ amount: sats(1000), description: tea, ...draft }, source, envOf(payee));
  if (!payment.ok) throw new Error(payment.error.code);
  return payment.value;
}

describe('newInvoice', () => {
  it('writes an invoice that says what was asked', () => {
    const payment = made({ expiry: seconds(600) }, { ...payee.source, routeHints: [] });
    const invoice = readInvoice(payment.invoice);
    expect(invoice).toMatchObject({
      currency: 'bcrt',
      amount: 1_000_000n,
      timestamp: NOW,
      expiry: 600,
      description: tea,
      payee: payee.id,
      paymentHash: payment.paymentHash,
      paymentSecret: payment.paymentSecret,
      minFinalCltvExpiryDelta: 40,
    });
    expect(supports(invoice.features, 'basic_mpp')).toBe(true);
    expect(payment).toMatchObject({ kind: 'bolt11', expiresAt: NOW + 600, minFinalCltvExpiryDelta: 37 });
  });

  it('draws preimage and secret anew each time', () => {
    const [a, b] = [made(), made()];
    expect(a.preimage).not.toEqual(b.preimage);
    expect(a.paymentSecret).not.toEqual(b.paymentSecret);
    expect(a.paymentSecret).not.toEqual(a.preimage);
  });

  it('gives a hold invoice more time, and has no preimage of it', () => {
    const payment = made({ paymentHash: paymentHash('ab'.repeat(32)), amount: null });
    expect(payment).toMatchObject({
      kind: 'hold',
      preimage: null,
      amount: null,
      paymentHash: 'ab'.repeat(32),
    });
    expect(readInvoice(payment.invoice).minFinalCltvExpiryDelta).toBe(144);
  });

  it.each<[string, Partial<ReceiveDraft>, string]>([
    ['nothing', { amount: msat(0) }, 'amount-too-small'],
    ['more than there is', { amount: msat(2_100_000_000_000_000_001n) }, 'amount-too-large'],
    ['no time to pay', { expiry: seconds(0) }, 'invalid-argument'],
    ['a century', { expiry: seconds(3_153_600_000) }, 'invalid-argument'],
    ['a novel', { description: { tag: 'text', text: 'x'.repeat(640) } }, 'invalid-argument'],
  ])('refuses to ask for %s', (_, draft, code) => {
    expect(
      newInvoice({ amount: sats(1), description: tea, ...draft }, payee.source, envOf(payee)),
    ).toMatchObject({
      error: { code },
    });
  });
});

describe('requestOfInvoice', () => {
  const read = (draft: Partial<ReceiveDraft> = {}) => readInvoice(made(draft).invoice);
  const request = (draft: Partial<ReceiveDraft>, options = {}, now = NOW) =>
    requestOfInvoice(read(draft), options, envOf(us, { now }));

  it('asks for a fee limit of 1 % and 50 sat when none is given', () => {
    expect(defaultMaxFee(sats(1000))).toBe(60_000n);
    expect(request({})).toMatchObject({ value: { amount: 1_000_000n, maxFee: 60_000n, description: 'tea' } });
    expect(request({}, { maxFee: msat(1) })).toMatchObject({ value: { maxFee: 1n } });
  });

  it.each([
    ['the invoice is ours', testNode(3), {}, {}, NOW, { code: 'own-invoice' }],
    ['it has expired', us, {}, {}, NOW + 3601, { code: 'invoice-expired', expiredAt: NOW + 3600 }],
    [
      'the amount is fixed',
      us,
      {},
      { amount: sats(1001) },
      NOW,
      { code: 'amount-fixed', amount: 1_000_000n },
    ],
    ['an amount is needed', us, { amount: null }, {}, NOW, { code: 'amount-required' }],
    [
      'the amount is nothing',
      us,
      { amount: null },
      { amount: msat(0) },
      NOW,
      { code: 'amount-too-small', minimum: 1n },
    ],
    [
      'the amount is absurd',
      us,
      { amount: null },
      { amount: msat(2n ** 63n) },
      NOW,
      { code: 'amount-too-large', maximum: 2_100_000_000_000_000_000n },
    ],
  ] as const)('refuses when %s', (_, payer, draft, options, now, error) => {
    expect(requestOfInvoice(read(draft), options, envOf(payer, { now }))).toEqual({ ok: false, error });
  });

  it('takes the amount that is given, or repeated', () => {
    expect(request({ amount: null }, { amount: sats(5) })).toMatchObject({ value: { amount: 5000n } });
    expect(request({}, { amount: sats(1000) })).toMatchObject({ value: { amount: 1_000_000n } });
    expect(request({}, {}, NOW + 3600)).toMatchObject({ ok: true });
  });
});

describe('spontaneousRequest', () => {
  it('refuses ourselves, what is no node, and nothing', () => {
    const preimage = new Uint8Array(32).fill(1);
    const to = (id: typeof us.id, amount = 1) =>
      spontaneousRequest(id, msat(amount), preimage, {}, envOf(us));
    expect(to(us.id)).toMatchObject({ error: { code: 'own-invoice' } });
    expect(to(nodeId(`02${'0'.repeat(63)}5`))).toMatchObject({
      error: { code: 'invalid-argument', field: 'nodeId' },
    });
    expect(to(payee.id, 0)).toMatchObject({ error: { code: 'amount-too-small' } });
    expect(to(payee.id)).toMatchObject({
      value: { kind: 'spontaneous', recipient: { keysendPreimage: preimage } },
    });
  });
});

describe('hintsFor', () => {
  const policy = { feeBase: msat(1), feeProportionalMillionths: 2, cltvDelta: blockDelta(3) };
  const channel = (
    seed: number,
    peer: number,
    receivable: number,
    change: Partial<ReceiveChannel> = {},
  ): ReceiveChannel => ({
    ...payChannel(seed, testNode(peer).id),
    isAnnounced: false,
    receivable: sats(receivable),
    type: { scidAlias: false },
    scid: scidOf(1000 + seed),
    remoteAlias: scidOf(seed),
    remotePolicy: policy,
    ...change,
  });
  const aliases = (channels: readonly ReceiveChannel[], amount: number | null) =>
    hintsFor(channels, amount === null ? null : sats(amount)).map((hint) =>
      hint.map(({ scid }) => Number(scid)),
    );

  it('names the peer, by the alias that it gave, with its terms', () => {
    expect(hintsFor([channel(1, 2, 10)], null)).toEqual([
      [{ nodeId: testNode(2).id, scid: 1n, feeBase: 1n, feeProportionalMillionths: 2, cltvExpiryDelta: 3 }],
    ]);
  });

  // BOLT 2 §channel_ready: "if `channel_type` has `option_scid_alias` set: MUST NOT use the real `short_channel_id` in
  // BOLT 11 `r` fields."
  it('names the channel itself when the peer gave no alias, unless that is not to be told', () => {
    const nameless = { remoteAlias: null };
    expect(aliases([channel(1, 2, 5, nameless)], 1)).toEqual([[1001]]);
    expect(aliases([channel(1, 2, 5, { ...nameless, scid: null })], 1)).toEqual([]);
    expect(aliases([channel(1, 2, 5, { ...nameless, type: { scidAlias: true } })], 1)).toEqual([]);
  });

  it('takes those with room first, one per peer, three at most', () => {
    const channels = [
      channel(1, 2, 5),
      channel(2, 3, 50),
      channel(3, 3, 60),
      channel(4, 4, 20),
      channel(5, 5, 30),
    ];
    expect(aliases(channels, null)).toEqual([[3], [5], [4]]);
    expect(aliases(channels, 55)).toEqual([[3], [5], [4]]);
  });

  it('needs none with a public channel, and has none without terms or a connection', () => {
    expect(aliases([channel(1, 2, 5), channel(2, 3, 5, { isAnnounced: true })], 1)).toEqual([]);
    expect(
      aliases([channel(1, 2, 5, { remotePolicy: null }), channel(2, 3, 5, { isUsable: false })], 1),
    ).toEqual([]);
  });

  it('what one channel cannot take in is told before anything is sent: the most that it can, or that it can nothing', () => {
    expect(noRoomIn(channel(1, 2, 5), sats(5))).toBe(null);
    expect(noRoomIn(channel(1, 2, 5), sats(6))).toEqual({ code: 'amount-too-large', maximum: sats(5) });
    expect(noRoomIn(channel(1, 2, 0), sats(1))).toEqual({ code: 'no-path', reason: 'liquidity' });
  });
});
