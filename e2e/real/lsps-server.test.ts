import { describe, expect, test } from 'vitest';
import { LspOrders } from '../world/ldk/lsp-orders.ts';
import { LspsServer, type FeeParams, type Purchase } from '../world/ldk/lsps-server.ts';
import { DEFAULT_LSP_TERMS, type LspTerms } from '../world/ldk/lsp-settings.ts';
import { memoryStore } from '../world/ldk/store.ts';

type Json = Readonly<Record<string, unknown>>;

/** The LSP of the playground with nothing behind it: what it says, and what it sold. */
class Counter {
  readonly sold: Purchase[] = [];
  readonly #server: LspsServer;

  constructor(terms: Partial<LspTerms> = {}) {
    const nothing = { run: () => null } as unknown as ConstructorParameters<typeof LspsServer>[2] &
      ConstructorParameters<typeof LspsServer>[3];
    const secret = new Uint8Array(32).fill(7);
    this.#server = new LspsServer(
      { ...DEFAULT_LSP_TERMS, ...terms },
      secret,
      nothing,
      nothing,
      (purchase) => {
        this.sold.push(purchase);
        return '100x1x0';
      },
    );
  }

  async say(text: string, client = 'alice'): Promise<Json> {
    return JSON.parse(await this.#server.answer(client, text)) as Json;
  }

  ask(method: string, params: Json = {}, client?: string): Promise<Json> {
    return this.say(JSON.stringify({ jsonrpc: '2.0', id: 'ab', method, params }), client);
  }

  async menu(): Promise<FeeParams & { readonly promise: string }> {
    const { result } = await this.ask('lsps2.get_info');
    const [first] = (result as { opening_fee_params_menu: (FeeParams & { promise: string })[] })
      .opening_fee_params_menu;
    if (first === undefined) throw new Error('nothing on the menu');
    return first;
  }

  buy(params: Json, size?: unknown, client?: string): Promise<Json> {
    const payment = size === undefined ? {} : { payment_size_msat: size };
    return this.ask('lsps2.buy', { opening_fee_params: params, ...payment }, client);
  }
}

describe('what is no request', () => {
  // bLIP 50 §Message Payload Format: "If the LSP, the received payload MUST parse to a JSON object that is a JSON-RPC 2.0 request"
  // bLIP 50 §Message Payload Format: "MUST respond with a JSON-RPC 2.0 error response"
  test('is answered as a parse error, to nobody', async () => {
    const good = '{"jsonrpc":"2.0","id":"ab","method":"lsps0.list_protocols","params":{}}';
    const counter = new Counter();
    expect(await counter.say(good)).toMatchObject({ id: 'ab', result: {} });
    for (const bad of [
      '{',
      '',
      '[]',
      `[${good}]`,
      `${good} ${good}`,
      `${good}\0`,
      good.replace('"2.0"', '"1.0"'),
      good.replace('"id":"ab",', ''),
      good.replace('{}', '[]'),
      good.replace('"lsps0.list_protocols"', '7'),
    ])
      expect(await counter.say(bad)).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32_700, message: 'parse error' },
      });
  });

  // bLIP 50 §LSPS Extension And Versioning: "that it does not recognize"
  // bLIP 50 §Message Payload Format: "MUST respect the JSON-RPC 2.0 standard error codes"
  test('or asks for what there is not: another error', async () => {
    expect(await new Counter().ask('lsps9.do_this')).toMatchObject({ id: 'ab', error: { code: -32_601 } });
  });

  // bLIP 50 §LSPS Extension And Versioning: "but with an unrecognized parameter"
  // bLIP 50 §`-32602` Invalid Parameters Error: "MUST contain at least the field `unrecognized`"
  // bLIP 50 §LSPS Extension And Versioning: "An LSP MUST: Respond with a `-32602`"
  test('or says more than is known: each name that is not', async () => {
    const asked = await new Counter().ask('lsps2.get_info', { token: 'x', of_tomorrow: 1, more: 2 });
    expect(asked).toMatchObject({
      error: { code: -32_602, data: { unrecognized: ['of_tomorrow', 'more'] } },
    });
  });

  // bLIP 50 §`-32602` Invalid Parameters Error: "MUST include a `data` object"
  test('or says it wrongly: no name is unknown', async () => {
    const counter = new Counter();
    const params = await counter.menu();
    for (const size of [5_000_000, '5e6', '-1', '', null])
      expect(await counter.buy(params, size)).toMatchObject({
        error: { code: -32_602, data: { unrecognized: [] } },
      });
  });
});

// bLIP 50 §LSPS Specification Support Query: "0 MUST NOT appear in the `protocols` array"
test('what it speaks, without LSPS0', async () => {
  expect(await new Counter().ask('lsps0.list_protocols')).toMatchObject({ result: { protocols: [1, 2, 5] } });
});

describe('channels for a payment', () => {
  // bLIP 52 §1: "the client provided the `token`, and the LSP does not recognize it"
  test('are for those who have a token, where it wants one', async () => {
    const counter = new Counter({ tokens: ['friend'] });
    expect(await counter.ask('lsps2.get_info', { token: 'friend' })).toMatchObject({ result: {} });
    for (const token of ['foe', '', 7])
      expect(await counter.ask('lsps2.get_info', { token })).toMatchObject({ error: { code: 200 } });
    expect(await counter.ask('lsps2.get_info')).toMatchObject({ error: { code: 200 } });
  });

  // bLIP 52 §1: "MUST ensure the promise is no longer than 512 bytes"; "MUST avoid characters outside of the printable ASCII range"
  test('have a promise that is short and plain', async () => {
    expect((await new Counter().menu()).promise).toMatch(/^[0-9a-f]{64}$/);
  });

  // bLIP 52 §2: "does in fact prove that it previously promised the specified `opening_fee_params`"
  // bLIP 52 §1: "SHOULD use a cryptographically-verifiable method of generating `promise`"
  test('are sold under what was promised, to whom it was promised, in whatever order it is written', async () => {
    const counter = new Counter();
    const params = await counter.menu();
    const turned = Object.fromEntries(Object.entries(params).toReversed());
    expect(await counter.buy(turned, '50000000')).toMatchObject({ result: { jit_channel_scid: '100x1x0' } });
    for (const name of Object.keys(params))
      expect(await counter.buy({ ...params, [name]: 'another' }, '50000000')).toMatchObject({
        error: { code: 201 },
      });
    expect(await counter.buy({ ...params, more: 1 }, '50000000')).toMatchObject({ error: { code: 201 } });
    expect(await counter.buy(params, '50000000', 'mallory')).toMatchObject({ error: { code: 201 } });
    expect(counter.sold).toHaveLength(1);
  });

  // bLIP 52 §2: "is not a past datetime"
  test('are not sold once the promise is past', async () => {
    const counter = new Counter({ validSeconds: -1 });
    expect(await counter.buy(await counter.menu(), '50000000')).toMatchObject({ error: { code: 201 } });
  });

  // bLIP 52 §2: "The LSP MUST validate that the `payment_size_msat` is within"
  // bLIP 52 §2: "MUST check that the resulting `opening_fee` is strictly less than the `payment_size_msat`"
  // bLIP 52 §2: "did not hit an overflow failure"
  // bLIP 52 §1: "the LSP SHOULD error the client request in the next"
  test('are sold for amounts within the bounds, of which something is left', async () => {
    const counter = new Counter({ maxPaymentMsat: 10n ** 19n });
    const params = await counter.menu();
    const codeOf = async (size: string): Promise<unknown> =>
      ((await counter.buy(params, size))['error'] as { code?: number } | undefined)?.code ?? null;
    expect(await codeOf('999')).toBe(202);
    expect(await codeOf('2000000')).toBe(202);
    expect(await codeOf('2000001')).toBeNull();
    // 4,000 parts per million of it are past 64 bits.
    expect(await codeOf('4611686018427137')).toBeNull();
    expect(await codeOf('4611686018427138')).toBe(203);
    const small = new Counter({ maxPaymentMsat: 5_000_000n });
    expect(await small.buy(await small.menu(), '5000001')).toMatchObject({ error: { code: 203 } });
    expect(await small.buy(await small.menu())).toMatchObject({ result: { client_trusts_lsp: false } });
  });
});

test('no short channel id is sold twice, whatever LDK draws', async () => {
  const store = memoryStore();
  const counter = new Counter();
  const params = await counter.menu();
  await counter.buy(params, '50000000');
  const [purchase] = counter.sold;
  if (purchase === undefined) throw new Error('nothing was sold');
  const draws = [5n, 5n, 5n, 6n, 6n, 5n, 7n];
  const sell = (orders: LspOrders): bigint => {
    const scid = orders.newScid(() => draws.shift() ?? 0n);
    orders.add({
      ...purchase,
      scid,
      state: 'waiting',
      isPaid: false,
      userId: null,
      channelId: null,
      held: [],
      handed: [],
    });
    return scid;
  };
  const orders = new LspOrders(store);
  expect([sell(orders), sell(orders)]).toEqual([5n, 6n]);
  // Nor after it was started again.
  expect(sell(new LspOrders(store))).toBe(7n);
});
