import { expect, it } from 'vitest';
import { ok } from '../../base/result.ts';
import { FakePushRelay } from '../../testkit/fake-push-relay.ts';
import { LspStage } from '../../testkit/lsp-stage.ts';
import { value } from '../../testkit/wallet-world.ts';

const PUSH = { endpoint: 'https://push.test/here', p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) };

type Stage = {
  readonly stage: LspStage;
  readonly relay: FakePushRelay;
  readonly webhooks: Map<string, string>;
};

/** An LSP that keeps webhooks, and a relay. */
async function start(pushRelay: string | null = 'https://relay.test'): Promise<Stage> {
  const stage = new LspStage();
  const relay = new FakePushRelay();
  stage.world.servers.push(relay);
  const webhooks = new Map<string, string>();
  const { wallet, world, lsp } = stage;
  const lsps = [lsp.server()];
  wallet.servers = () => Promise.resolve(ok({ esplora: [world.esplora.url], proxies: [], lsps, pushRelay }));
  lsp.answer = (method, id) => {
    const { params } = lsp.asked.at(-1)!;
    const name = params['app_name'] as string;
    const say = (more: object): string => JSON.stringify({ jsonrpc: '2.0', id, ...more });
    if (method === 'lsps5.set_webhook') {
      const unchanged = webhooks.get(name) === params['webhook'];
      webhooks.set(name, params['webhook'] as string);
      return say({ result: { num_webhooks: webhooks.size, max_webhooks: 4, no_change: unchanged } });
    }
    if (method === 'lsps5.list_webhooks')
      return say({ result: { app_names: [...webhooks.keys()], max_webhooks: 4 } });
    return webhooks.delete(name) ? say({ result: {} }) : say({ error: { code: 1010, message: 'not found' } });
  };
  await wallet.start();
  return { stage, relay, webhooks };
}

// bLIP 55 §lsps5.set_webhook: "SHOULD encode the following data in any part of the URI"
// bLIP 55 §lsps5.set_webhook: "This encoding MAY be done by registering all the information with the notification delivery
// service and then getting a token in return"
// bLIP 55 §lsps5.remove_webhook: "`app_name_not_found` (1010)"
// bLIP 55 §lsps5.set_webhook: "The LSP MAY send this notification before or after responding"
it('is enabled with the relay and the LSP, again and again the same, and from any device of this wallet', async () => {
  const { stage, relay, webhooks } = await start();
  const { world, wallet, lsp } = stage;
  expect(value(await world.ask(wallet.api.wake.key()))).toBe(relay.key);
  const done = [{ lsp: { nodeId: lsp.id, alias: 'lsp' }, refusal: null }];
  expect(value(await world.ask(wallet.api.wake.enable(PUSH)))).toEqual(done);
  const [[secret, hook] = []] = [...relay.subscriptions];
  expect(hook).toEqual({ ...PUSH, lsp: lsp.id });
  expect([...webhooks]).toEqual([['Leyden', relay.webhookOf(secret ?? '')]]);

  expect(value(await world.ask(wallet.api.wake.check()))).toEqual(done);

  await wallet.restart();
  const elsewhere = { ...PUSH, endpoint: 'https://push.test/there' };
  expect(value(await world.ask(wallet.api.wake.enable(elsewhere)))).toEqual(done);
  expect([...relay.subscriptions]).toEqual([[secret, { ...elsewhere, lsp: lsp.id }]]);
  expect(webhooks.size).toBe(1);

  expect(value(await world.ask(wallet.api.wake.disable()))).toEqual(done);
  expect(relay.subscriptions.size + webhooks.size).toBe(0);
  expect(value(await world.ask(wallet.api.wake.check()))).toMatchObject([
    { refusal: { code: 'lsp-failed', reason: 'not-registered' } },
  ]);
  // What is gone already is no failure.
  expect(value(await world.ask(wallet.api.wake.disable()))).toEqual(done);
});

it('ends with an LSP that is to leave the settings: with the relay at once, and with the LSP where it is there', async () => {
  const { stage, relay, webhooks } = await start();
  const { world, wallet, lsp } = stage;
  const done = [{ lsp: { nodeId: lsp.id, alias: 'lsp' }, refusal: null }];
  value(await world.ask(wallet.api.wake.enable(PUSH)));
  expect(value(await world.ask(wallet.api.wake.leave([])))).toEqual([]);
  expect(value(await world.ask(wallet.api.wake.leave(['02'.repeat(33)])))).toEqual([]);
  expect([relay.subscriptions.size, webhooks.size]).toEqual([1, 1]);
  expect(value(await world.ask(wallet.api.wake.leave([lsp.id])))).toEqual(done);
  expect([relay.subscriptions.size, webhooks.size]).toEqual([0, 0]);

  value(await world.ask(wallet.api.wake.enable(PUSH)));
  await lsp.vanish();
  // No second passes: who is away is not waited for.
  expect(value(await wallet.api.wake.leave([lsp.id]))).toEqual(done);
  expect([relay.subscriptions.size, webhooks.size]).toEqual([0, 1]);
});

it('says what it lacks', async () => {
  const { stage } = await start(null);
  const { world, wallet } = stage;
  expect(await world.ask(wallet.api.wake.key())).toMatchObject({ error: { code: 'no-push-relay' } });
  expect(await world.ask(wallet.api.wake.enable(PUSH))).toMatchObject({ error: { code: 'no-push-relay' } });
  wallet.servers = () =>
    Promise.resolve(ok({ esplora: [world.esplora.url], proxies: [], pushRelay: 'https://relay.test' }));
  await wallet.restart();
  expect(await world.ask(wallet.api.wake.disable())).toMatchObject({ error: { code: 'no-lsp' } });
});

// bLIP 55 §lsps5.set_webhook: "the client MUST convert the IRI to a URI first"
it('a relay whose address is in another script: the LSP is told it as a URI', async () => {
  const { stage, relay, webhooks } = await start();
  relay.fault = () => ({ status: 200, body: '{"webhook":"https://реле.test/хук/1"}' });
  expect(value(await stage.world.ask(stage.wallet.api.wake.enable(PUSH)))).toMatchObject([{ refusal: null }]);
  expect([...webhooks.values()]).toEqual(['https://xn--e1aars.test/%D1%85%D1%83%D0%BA/1']);
});

it.each([
  ['unreachable', { code: 'unreachable', detail: '' }],
  ['status', { status: 500, body: '{}' }],
  ['not JSON', { status: 200, body: '<html>' }],
  ['no object', { status: 200, body: 'null' }],
  ['nothing in it', { status: 200, body: '{}' }],
  ['a key that is none', { status: 200, body: '{"key":"<b>","webhook":7}' }],
  // bLIP 55 §lsps5.set_webhook: "MUST use a HTTPS-protocol URI to the notification delivery service"
  ['a webhook without TLS', { status: 200, body: '{"webhook":"http://relay.test/x"}' }],
  ['a webhook on the machine of the LSP', { status: 200, body: '{"webhook":"http://127.0.0.1:8080/x"}' }],
  ['a webhook too long', { status: 200, body: `{"webhook":"https://relay.test/${'x'.repeat(1024)}"}` }],
  ['a webhook with spaces', { status: 200, body: '{"webhook":"https://relay.test/ x"}' }],
] as const)('a relay that lies or fails is not passed on to the LSP: %s', async (_, fault) => {
  const { stage, relay } = await start();
  const { world, wallet, lsp } = stage;
  relay.fault = () => fault;
  expect(await world.ask(wallet.api.wake.key())).toMatchObject({ error: { code: 'push-relay-failed' } });
  expect(value(await world.ask(wallet.api.wake.enable(PUSH)))).toMatchObject([
    { refusal: { code: 'push-relay-failed' } },
  ]);
  expect(lsp.asked).toEqual([]);
});

it.each([
  ...(
    [
      // bLIP 55 §lsps5.set_webhook: "`too_long` (500)"
      ['takes no address so long', 500, 'webhook-refused'],
      // bLIP 55 §lsps5.set_webhook: "`url_parse_error` (501)"
      ['cannot read the address', 501, 'webhook-refused'],
      // bLIP 55 §lsps5.set_webhook: "`unsupported_protocol` (502)"
      // bLIP 55 §lsps5.set_webhook: "An LSP MUST support HTTPS"
      ['calls no such address', 502, 'webhook-refused'],
      // bLIP 55 §lsps5.set_webhook: "`too_many_webhooks` (503)"
      // bLIP 55 §lsps5.set_webhook: "the LSP MUST check if the number of registered webhooks"
      ['calls enough others', 503, 'too-many-webhooks'],
      ['says what nobody knows', 504, 'unrecognized'],
    ] as const
  ).map(
    ([what, code, reason]) =>
      [
        what,
        (id: string) => JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: 'x' } }),
        reason,
      ] as const,
  ),
  [
    'nonsense',
    (id: string) => JSON.stringify({ jsonrpc: '2.0', id, result: { num_webhooks: -1 } }),
    'nonsense',
  ],
  [
    'not LSPS5',
    (id: string) => JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_601, message: '' } }),
    'not-offered',
  ],
] as const)('an LSP that does not: %s', async (_, answer, reason) => {
  const { stage } = await start();
  const { world, wallet, lsp } = stage;
  lsp.answer = (__, id) => answer(id);
  expect(value(await world.ask(wallet.api.wake.enable(PUSH)))).toMatchObject([
    { refusal: { code: 'lsp-failed', reason } },
  ]);
});
