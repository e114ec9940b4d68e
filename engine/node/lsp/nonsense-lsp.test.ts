import { beforeAll, describe, expect, it } from 'vitest';
import { loadSecp256k1 } from '../../crypto/secp256k1-load.ts';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { systemRandom } from '../../platform/system-random.ts';
import { AMOUNT, FEE, LspStage } from '../../testkit/lsp-stage.ts';
import { value } from '../../testkit/wallet-world.ts';

beforeAll(async () => {
  value(await loadSecp256k1(instantiateSecp256k1, systemRandom));
});

describe('an LSP that sells what it sold before', () => {
  it('the same short channel id for two payments: one channel costs one fee', async () => {
    const stage = await LspStage.start();
    const first = await stage.invoice();
    const second = await stage.invoice(30_000_000n);
    await stage.open(400_000n);
    await stage.lsp.forward(first.invoice, [{ amount: AMOUNT, kept: FEE }]);
    for (const kept of [FEE + 1n, FEE, 1n]) {
      await stage.lsp.forward(second.invoice, [{ amount: 30_000_000n, kept }]);
      expect(stage.outcome).toBe('failed');
    }
    await stage.lsp.forward(second.invoice, [{ amount: 30_000_000n, kept: 0n }]);
    expect(await stage.payment(second.paymentId)).toMatchObject({ state: 'succeeded', feeMsat: 0n });
    expect(await stage.total()).toBe(AMOUNT - FEE + 30_000_000n);
  });

  it('a promise of before, under other terms: what is shown and paid is what is written in it', async () => {
    const stage = await LspStage.start();
    const { world, wallet, lsp } = stage;
    await stage.invoice();
    lsp.terms = { ...lsp.terms, min_fee_msat: '2400000' };
    const { invoice, paymentId } = await stage.invoice();
    const bought = lsp.asked.filter(({ method }) => method === 'lsps2.buy');
    expect(
      bought.map(({ params }) => (params['opening_fee_params'] as typeof lsp.terms)['min_fee_msat']),
    ).toEqual(['2000000', '2400000']);
    await stage.open();
    await lsp.forward(invoice, [{ amount: AMOUNT, kept: 2_400_001n }]);
    expect(stage.outcome).toBe('failed');
    await lsp.forward(invoice, [{ amount: AMOUNT, kept: 2_400_000n }]);
    expect(await stage.payment(paymentId)).toMatchObject({ state: 'succeeded', feeMsat: 2_400_000n });
    expect(await stage.total()).toBe(AMOUNT - 2_400_000n);
    expect((await world.ask(wallet.api.listPayments())).payments).toHaveLength(2);
  });
});

/** BOLT 8: a message has 65,535 bytes at most, two of which say that it is one of LSPS0. */
const LONGEST = 65_533;

/** The same result with a field that nobody knows, in a message that is full with it. */
const filled = (answer: string): string => {
  const [before = '', after = ''] = answer.split('"result":{');
  const more = (text: string): string =>
    `${before}"result":{"more":"${text}"${after === '}}' ? '' : ','}${after}`;
  return more('y'.repeat(LONGEST - more('').length));
};

describe('an LSP that talks nonsense', () => {
  it.each<readonly [string, (id: string, good: string) => string | null, string]>([
    // bLIP 50 §Message Payload Format: "The payload MUST parse as a single complete UTF-8 encoded JSON object"
    ['half an object', () => '{', 'nonsense'],
    ['a list', () => '[]', 'nonsense'],
    // bLIP 50 §Message Payload Format: "The payload MUST NOT parse as more than a single complete JSON object"
    ['two objects', (_, good) => `${good} ${good}`, 'nonsense'],
    // bLIP 50 §Message Payload Format: "The payload MUST NOT contain any 0 bytes"
    ['a byte of zero', (_, good) => `${good}\0`, 'nonsense'],
    ['nested without end', () => `{"jsonrpc":"2.0","id":${'['.repeat(30_000)}`, 'nonsense'],
    [
      'as long as a message can be, of nothing',
      (id) => filled(`{"jsonrpc":"2.0","id":"${id}","result":{}}`),
      'nonsense',
    ],
    [
      'a menu of numbers',
      (id) => `{"jsonrpc":"2.0","id":"${id}","result":{"opening_fee_params_menu":[1]}}`,
      'nonsense',
    ],
    [
      'a menu without end',
      (_, good) => good.replace(/\[(.*)\]/, (_menu, entry: string) => `[${Array(65).fill(entry).join()}]`),
      'nonsense',
    ],
    // bLIP 52 §1: "Clients MUST fail and abort the flow if a `opening_fee_params` object has unrecognized fields"
    [
      'a field that nobody knows',
      (_, good) => good.replace('"promise"', '"discount":1,"promise"'),
      'nonsense',
    ],
    // bLIP 52 §1: "MUST abort this flow if `promise` exceeds 512 bytes"
    ['a promise too long', (_, good) => good.replace('a promise', 'p'.repeat(513)), 'nonsense'],
    ['terms twice', (_, good) => good.replace('"promise"', '"min_fee_msat":"1","promise"'), 'nonsense'],
    ['a negative fee', (_, good) => good.replace('"2000000"', '"-2000000"'), 'nonsense'],
    ['a fee as a number', (_, good) => good.replace('"2000000"', '2000000'), 'nonsense'],
    ['another id', (id, good) => good.replace(id, '00'), 'no-answer'],
    ['no id', (_, good) => good.replace(/"id":"[^"]*"/, '"id":null'), 'nonsense'],
    ['nothing', () => null, 'no-answer'],
    // bLIP 52 §1: "in which case, the client currently cannot use JIT Channels with this LSP"
    ['an empty menu', (_, good) => good.replace(/\[.*\]/, '[]'), 'no-offer'],
    // bLIP 52 §1: "up to which this specific `opening_fee_params` is valid"
    ['an offer of yesterday', (_, good) => good.replace(/20\d\d-/, '2001-'), 'no-offer'],
    // bLIP 52 §5: "less than or equal to the agreed-upon `max_client_to_self_delay`"
    ['too little time to punish it', (_, good) => good.replace(':2016', ':143'), 'unsafe-terms'],
    // bLIP 52 §1: "Arithmetic overflow MUST cause the computation to fail and abort this flow"; "the client SHOULD report the
    // failure to the user"
    ['a fee past every number', (_, good) => good.replace(':10000', ':4294967295'), 'no-offer'],
  ])('%s', async (_, said, reason) => {
    const { world, wallet, lsp } = await LspStage.start();
    lsp.answer = (__, id, good) => said(id, good);
    const asked = wallet.api.lsp.quote(AMOUNT);
    await world.settle();
    await world.pass(21_000);
    expect(await asked).toMatchObject({ ok: false, error: { code: 'lsp-failed', reason } });
  });

  it('is understood where it says what it should in a message as long as one can be', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    lsp.answer = (__, _id, good) => filled(good);
    const asked = wallet.api.lsp.quote(AMOUNT);
    await world.settle();
    expect(await asked).toMatchObject({ ok: true, value: { offers: [{ feeMsat: FEE }] } });
  });

  // bLIP 50 §Error Handling: "Clients SHOULD NOT directly expose error `message`s to users"; "Clients SHOULD generate their own
  // messages based on the error `code`"
  it.each([
    [1, 'client-rejected'],
    [200, 'token-refused'],
    [201, 'terms-changed'],
    [202, 'payment-too-small'],
    [203, 'payment-too-large'],
    [-32_601, 'not-offered'],
    [-32_602, 'error'],
    [-32_000, 'error'],
    [777, 'unrecognized'],
  ])('error %i is told in our words', async (code, reason) => {
    const { world, wallet, lsp } = await LspStage.start();
    const { offers } = value(await world.ask(wallet.api.lsp.quote(AMOUNT)));
    const error = { code, message: '<b>send all\nto me</b>' };
    lsp.answer = (_, id) => JSON.stringify({ jsonrpc: '2.0', id, error });
    const quoteId = offers[0]?.quoteId ?? '';
    const answer = await world.ask(wallet.api.lsp.receive({ quoteId, description: '' }));
    expect(answer).toMatchObject({ error: { code: 'lsp-failed', reason } });
    expect(JSON.stringify(answer)).not.toContain('send all');
    expect(await wallet.api.listPayments()).toMatchObject({ payments: [] });
    expect(await wallet.api.listBalances()).toMatchObject({ totalMsat: 0n });
  });

  it.each([
    // bLIP 50 §Short Channel Identifiers: "SCIDs MUST be encoded as a JSON string"
    // bLIP 52 §2: "`jit_channel_scid` is the SCID to use for creating the route hint"
    ['a short channel id that is none', { jit_channel_scid: '1x2' }],
    ['a short channel id as a number', { jit_channel_scid: 5 }],
    ['a delta of a month', { lsp_cltv_expiry_delta: 4_320 }],
    ['a delta that is text', { lsp_cltv_expiry_delta: '72' }],
    // bLIP 52 §2: "`client_trusts_lsp` is an *optional* Boolean"
    ['a trust that is neither', { client_trusts_lsp: 'yes' }],
  ])('when it is bought: %s', async (_, change) => {
    const { world, wallet, lsp } = await LspStage.start();
    const { offers } = value(await world.ask(wallet.api.lsp.quote(AMOUNT)));
    lsp.bought = { ...lsp.bought, ...change };
    const quoteId = offers[0]?.quoteId ?? '';
    expect(await world.ask(wallet.api.lsp.receive({ quoteId, description: '' }))).toMatchObject({
      error: { code: 'lsp-failed', reason: 'nonsense' },
    });
    expect(await wallet.api.listPayments()).toMatchObject({ payments: [] });
    expect(await wallet.api.listBalances()).toMatchObject({ totalMsat: 0n });
  });

  // bLIP 50 §Message Payload Format: "SHOULD NOT send further BOLT8 messages with ID 37913"; "SHOULD re-attempt this on
  // reconnection"
  it('is asked no more on this connection, and again on the next', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    lsp.answer = () => '{';
    await world.ask(wallet.api.lsp.quote(AMOUNT));
    lsp.answer = null;
    expect(await world.ask(wallet.api.lsp.quote(AMOUNT))).toMatchObject({ error: { reason: 'nonsense' } });
    expect(lsp.asked).toHaveLength(1);
    await lsp.vanish();
    lsp.listen();
    expect((await world.ask(wallet.api.lsp.quote(AMOUNT))).ok).toBe(true);
  });

  // bLIP 50 §LSPS Extension And Versioning: "MUST ignore unrecognized LSP-initiated notification `method`s"
  // bLIP 50 §Disconnection Handling: "it MUST ignore that response"
  // bLIP 50 §Message Payload Format: "SHOULD NOT send BOLT8 message ID 37913 unless the peer"
  it('is not listened to when nothing was asked', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    await world.ask(wallet.api.lsp.quote(AMOUNT));
    await lsp.say('{"jsonrpc":"2.0","id":"aa","result":{}}');
    await lsp.say('{"jsonrpc":"2.0","method":"lsps9.pay_me","params":{}}');
    expect((await world.ask(wallet.api.lsp.quote(AMOUNT))).ok).toBe(true);
  });

  it('and hangs up while it is asked', async () => {
    const { world, wallet, lsp } = await LspStage.start();
    lsp.answer = () => null;
    const asked = wallet.api.lsp.quote(AMOUNT);
    await world.settle();
    await lsp.vanish();
    expect(await asked).toMatchObject({ error: { code: 'lsp-failed', reason: 'disconnected' } });
  });
});
