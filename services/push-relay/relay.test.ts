import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { Lsp, notification } from './fixtures/lsp.ts';
import { PushService } from './fixtures/push-service.ts';
import { startPushRelay, type PushRelay } from './relay.ts';
import { hookOf } from './hook-address.ts';
import type { RelaySettings } from './settings.ts';

const PAGE = 'https://wallet.example';
const lsp = new Lsp(7);
const INCOMING = notification('lsps5.payment_incoming');

let folder: string;
let service: PushService;
let origin: string;
let relay: PushRelay;
let nowMs = Date.UTC(2026, 10, 1);

async function start(given: Partial<RelaySettings> = {}): Promise<void> {
  relay = await startPushRelay(
    { port: 0, folder, origins: [PAGE], pushServices: [origin], burst: 1000, ...given },
    () => nowMs,
  );
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leyden-relay-'));
  service = new PushService();
  origin = await service.start();
  await start();
});
afterEach(async () => {
  await relay.stop();
  service.stop();
  rmSync(folder, { recursive: true });
});

const asPage = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(relay.url + path, { ...init, headers: { origin: PAGE } });

/** Its webhook, once it waits. */
async function subscribe(
  secret: string,
  browser: Browser,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly status: number; readonly webhook: string }> {
  const hook = { lsp: lsp.id, endpoint: `${origin}/to/one`, ...browser.keys(), ...more };
  const answer = await asPage(`/v1/subscriptions/${secret}`, { method: 'POST', body: JSON.stringify(hook) });
  const { webhook = '' } = (await answer.json()) as { webhook?: string };
  return { status: answer.status, webhook };
}

const secretOf = (): string => randomBytes(32).toString('hex');
const call = async (webhook: string, request: RequestInit): Promise<number> =>
  (await fetch(webhook, request)).status;

// bLIP 55 §Webhook Call: "it MUST construct a suitable message to display to the user"
// bLIP 55 §Webhook Call: "MUST validate the signature against the message template above"
// bLIP 50 §Lightning Network Node Signatures: "MUST be generated and represented using the LND `signmessage` #specinatweet"
// bLIP 55 §Webhook Notification Methods: "MUST ignore any parameters it does not recognize"
// bLIP 50 §Lightning Network Node Signatures: "Other LSPS specifications MUST specify that messages to be
// signed"
// bLIP 55 §lsps5.set_webhook: "MAY encode any additional information in the URI"; "The LSP MUST send this
// notification to this webhook before"
test('what the LSP signs reaches the browser, and only the browser can read it', async () => {
  const browser = new Browser();
  const secret = secretOf();
  const { webhook } = await subscribe(secret, browser);
  expect(webhook).toContain(`${relay.url}/v1/hooks/${lsp.id}/${hookOf(secret)}/`);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs }))).toBe(200);
  const [sent] = service.deliveries;
  expect(sent?.path).toBe('/to/one');
  expect(JSON.parse(browser.read(sent!.body))).toEqual({
    method: 'lsps5.payment_incoming',
    timeout: null,
    lsp: lsp.id,
  });
  expect(sent?.body.toString('latin1')).not.toContain('payment');
  expect(sent?.headers).toMatchObject({ urgency: 'high', topic: 'payment_incoming', ttl: '3600' });
  // The push service learns who we are by the key that browsers subscribed to.
  const { key } = (await (await asPage('/v1/key')).json()) as { key: string };
  expect(sent?.headers.authorization).toContain(`k=${key}`);
  const soon = notification('lsps5.expiry_soon', { timeout: 900, of_tomorrow: [1] });
  expect(await call(webhook, lsp.request(soon, { at: nowMs }))).toBe(200);
  expect(JSON.parse(browser.read(service.deliveries[1]!.body))).toEqual({
    method: 'lsps5.expiry_soon',
    timeout: 900,
    lsp: lsp.id,
  });
});

// bLIP 55 §Webhook Notification Methods
test.each([
  ['payment_incoming', 'high', 3600],
  ['expiry_soon', 'high', 4 * 3600],
  ['liquidity_management_request', 'normal', 24 * 3600],
  ['onion_message_incoming', 'normal', 3600],
])('lsps5.%s wakes the browser: %s, for %d seconds', async (kind, urgency, seconds) => {
  const browser = new Browser();
  const { webhook } = await subscribe(secretOf(), browser);
  const said = lsp.request(notification(`lsps5.${kind}`), { at: nowMs });
  expect(await call(webhook, said)).toBe(200);
  const [sent] = service.deliveries;
  expect(JSON.parse(browser.read(sent!.body))).toMatchObject({ method: `lsps5.${kind}`, lsp: lsp.id });
  expect(sent?.headers).toMatchObject({ urgency, topic: kind, ttl: String(seconds) });
});

// bLIP 55 §Webhook Call: "MUST check that the webhook was contacted via a `POST` HTTPS request"; "MUST validate that the URI";
// "MUST check that the `x-lsps5-timestamp` and `x-lsps5-signature` HTTP headers exist"; "MUST validate the signature against the
// message template above"; "in ISO8601 date format `YYYY-MM-DDThh:mm:ss.uuuZ`"
test('nobody is woken by what is not signed, not now, or by another node', async () => {
  const { webhook } = await subscribe(secretOf(), new Browser());
  const right = lsp.request(INCOMING, { at: nowMs });
  expect(await call(webhook, new Lsp(8).request(INCOMING, { at: nowMs }))).toBe(403);
  expect(
    await call(webhook, lsp.request(INCOMING, { at: nowMs, signed: notification('lsps5.goodbye') })),
  ).toBe(403);
  expect(
    await call(webhook, lsp.request(INCOMING, { at: nowMs, signedAt: '2023-05-04T10:52:58.395Z' })),
  ).toBe(403);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs - 11 * 60_000 }))).toBe(403);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs + 11 * 60_000 }))).toBe(403);
  expect(await call(webhook, { ...right, headers: {} })).toBe(400);
  // Rightly signed, and not in the format.
  const now = new Date(nowMs).toISOString();
  for (const stamp of ['now', now.replace(/\.\d{3}Z$/, 'Z'), now.replace('Z', '+00:00')])
    expect(await call(webhook, lsp.request(INCOMING, { stamp }))).toBe(400);
  expect(await call(webhook, { ...right, headers: { ...right.headers, 'x-lsps5-signature': '' } })).toBe(403);
  expect(await call(webhook, { ...right, method: 'PUT' })).toBe(405);
  expect(await call(`${relay.url}/v1/hooks/${secretOf()}`, right)).toBe(404);
  expect(await call(webhook.replace(/\/[0-9a-f]{64}\//, `/${secretOf()}/`), right)).toBe(404);
  expect(service.deliveries).toEqual([]);
});

// bLIP 55 §Webhook Call: "MUST validate that the `POST` request body is a valid JSON-RPC 2.0 Notification Object"; "MAY filter out
// particular notification methods by its own policy"
// bLIP 55 §Webhook Notification Methods: "Notification delivery services MUST ignore any notification method it does not recognize"
// bLIP 55 §Webhook Call: "`jsonrpc` is a required string field, which MUST always be"; "MUST be one of the
// webhook notification methods listed later"
// bLIP 55 §Webhook Notification Methods: "The LSP SHOULD use one of the methods listed in"; "The LSP MAY use
// such notification methods if it supports"
test('what is signed and says nothing, or nonsense, wakes nobody', async () => {
  const { webhook } = await subscribe(secretOf(), new Browser());
  const say = (body: string): Promise<number> => call(webhook, lsp.request(body, { at: nowMs }));
  expect(await say(notification('lsps5.webhook_registered'))).toBe(200);
  expect(await say(notification('lsps9.news', { more: 1 }))).toBe(200);
  expect(await say('{')).toBe(400);
  expect(await say('null')).toBe(400);
  expect(await say('{"jsonrpc":"1.0","method":"lsps5.payment_incoming","params":{}}')).toBe(400);
  expect(await say('{"jsonrpc":"2.0","method":"lsps5.payment_incoming","params":[]}')).toBe(400);
  expect(await say('{"jsonrpc":"2.0","method":"lsps5.payment_incoming","params":{},"id":1}')).toBe(400);
  expect(await say(JSON.stringify({ jsonrpc: '2.0', method: 'x'.repeat(9000), params: {} }))).toBe(413);
  expect(service.deliveries).toEqual([]);
});

test('a browser that is gone is forgotten; a push service in trouble is not its fault', async () => {
  const { webhook } = await subscribe(secretOf(), new Browser());
  const incoming = (): Promise<number> => call(webhook, lsp.request(INCOMING, { at: nowMs }));
  service.status = 503;
  expect(await incoming()).toBe(502);
  service.status = 307;
  service.location = `${origin}/elsewhere`;
  expect(await incoming()).toBe(502);
  expect(service.deliveries.map(({ path }) => path)).toEqual(['/to/one', '/to/one']);
  service.status = 410;
  expect(await incoming()).toBe(200);
  expect(relay.hooks()).toBe(0);
  expect(await incoming()).toBe(404);
});

test('a wallet that renews its hook while its old address is found gone keeps it', async () => {
  const secret = secretOf();
  const { webhook } = await subscribe(secret, new Browser());
  service.status = 410;
  service.meanwhile = () => subscribe(secret, new Browser(), { endpoint: `${origin}/to/another` });
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs }))).toBe(200);
  expect(relay.hooks()).toBe(1);
  service.status = 201;
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs + 1 }))).toBe(200);
  expect(service.deliveries.map(({ path }) => path)).toEqual(['/to/one', '/to/another']);
});

test('who only knows the webhook can neither change nor remove it', async () => {
  const secret = secretOf();
  const browser = new Browser();
  const { webhook } = await subscribe(secret, browser);
  const name = webhook.split('/').at(-2)!;
  expect((await subscribe(name, new Browser(), { endpoint: `${origin}/to/another` })).webhook).not.toBe(
    webhook,
  );
  expect((await asPage(`/v1/subscriptions/${name}`, { method: 'POST', body: 'null' })).status).toBe(200);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs }))).toBe(200);
  expect(service.deliveries.map(({ path }) => path)).toEqual(['/to/one']);
  expect((await asPage(`/v1/subscriptions/${secret}`, { method: 'POST', body: 'null' })).status).toBe(200);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs }))).toBe(404);
});

test('what waits outlives a restart, and is forgotten when it is not renewed', async () => {
  const kept = secretOf();
  await subscribe(secretOf(), new Browser());
  const { webhook } = await subscribe(kept, new Browser());
  nowMs += 29 * 86_400_000;
  await relay.stop();
  const key = readFileSync(join(folder, 'vapid.json'), 'utf8');
  // A crash while one was written.
  writeFileSync(join(folder, 'hooks', `${'0'.repeat(64)}.1.new`), '{"lsp":');
  await start();
  expect(readFileSync(join(folder, 'vapid.json'), 'utf8')).toBe(key);
  expect(relay.hooks()).toBe(2);
  await subscribe(kept, new Browser());
  nowMs += 50 * 86_400_000;
  await relay.stop();
  await start();
  expect(readdirSync(join(folder, 'hooks'))).toEqual([hookOf(kept)]);
  expect(
    await call(webhook.replace(/^http:\/\/[^/]+/, relay.url), lsp.request(INCOMING, { at: nowMs })),
  ).toBe(200);
});

test('of a wallet it keeps where its browser takes pushes, the keys for them, and until when: nothing else', async () => {
  const secret = secretOf();
  const browser = new Browser();
  const { webhook } = await subscribe(secret, browser);
  const kept = (): unknown => JSON.parse(readFileSync(join(folder, 'hooks', hookOf(secret)), 'utf8'));
  const push = { endpoint: `${origin}/to/one`, ...browser.keys() };
  expect(kept()).toEqual({ ...push, until: nowMs + 30 * 86_400_000 });
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs }))).toBe(200);
  expect(kept()).toEqual({ ...push, until: nowMs + 60 * 86_400_000 });
});

// bLIP 55 §Webhook Call: "MUST validate that the URI (hostname, path, and/or `GET` parameters) contains: The LSP node ID."
test('who knows the webhook and is another node cannot put its own id there', async () => {
  const { webhook } = await subscribe(secretOf(), new Browser());
  const other = new Lsp(8);
  const said = other.request(INCOMING, { at: nowMs });
  expect(await call(webhook.replace(lsp.id, other.id), said)).toBe(404);
  const name = webhook.split('/').at(-2)!;
  expect(await call(`${relay.url}/v1/hooks/${name}`, said)).toBe(404);
  expect(service.deliveries).toEqual([]);
});

test('what an earlier version kept wakes its wallet as before, and once its LSP has the new webhook, no id is kept', async () => {
  await relay.stop();
  const secret = secretOf();
  const browser = new Browser();
  const push = { endpoint: `${origin}/to/one`, ...browser.keys() };
  const path = join(folder, 'hooks', hookOf(secret));
  writeFileSync(path, JSON.stringify({ lsp: lsp.id, ...push, signed: true }));
  utimesSync(path, nowMs / 1000, nowMs / 1000);
  nowMs += 59 * 86_400_000;
  await start();
  const before = `${relay.url}/v1/hooks/${hookOf(secret)}`;
  expect(await call(before, new Lsp(8).request(INCOMING, { at: nowMs }))).toBe(403);
  expect(await call(before, lsp.request(INCOMING, { at: nowMs }))).toBe(200);

  // The wallet renews it, and its LSP is not there to be told.
  const { webhook } = await subscribe(secret, browser);
  expect(await call(before, lsp.request(INCOMING, { at: nowMs + 1 }))).toBe(200);
  expect(service.deliveries).toHaveLength(2);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs + 2 }))).toBe(200);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ ...push, until: nowMs + 60 * 86_400_000 });
  expect(await call(before, lsp.request(INCOMING, { at: nowMs + 3 }))).toBe(404);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs + 4 }))).toBe(200);
});

test('keys that cannot be read are not replaced', async () => {
  await relay.stop();
  writeFileSync(join(folder, 'vapid.json'), '{}');
  await expect(start()).rejects.toThrow('holds no keys');
  expect(readFileSync(join(folder, 'vapid.json'), 'utf8')).toBe('{}');
  rmSync(join(folder, 'vapid.json'));
  await start();
});

test('it sends to push services only, and takes only what browsers give', async () => {
  const browser = new Browser();
  const refused = async (more: Readonly<Record<string, unknown>>): Promise<number> =>
    (await subscribe(secretOf(), browser, more)).status;
  for (const endpoint of [
    'http://127.0.0.1:1/x',
    'http://169.254.169.254/latest',
    'https://evil.example/x',
    'file:///etc/passwd',
    origin.replace('http://', 'http://user:word@'),
    `${origin}/${'x'.repeat(3000)}`,
    '',
    7,
  ])
    expect(await refused({ endpoint })).toBe(400);
  for (const more of [
    { lsp: 'x' },
    { lsp: null },
    { p256dh: 'AAAA' },
    { auth: `${browser.keys().auth}=` },
    { auth: 3 },
  ])
    expect(await refused(more)).toBe(400);
  const nothing = await asPage(`/v1/subscriptions/${secretOf()}`, { method: 'POST', body: '{' });
  expect(nothing.status).toBe(400);
  const long = await asPage(`/v1/subscriptions/${secretOf()}`, { method: 'POST', body: 'x'.repeat(9000) });
  expect(long.status).toBe(413);
  expect(relay.hooks()).toBe(0);
});

// bLIP 55 §Webhook Call: "MAY reject the push notification via its own policies"
test('limits: how many wallets, how often each of them, how often each LSP', async () => {
  await relay.stop();
  await start({ maxHooks: 1, hookBurst: 2, burst: 4 });
  const secret = secretOf();
  const { webhook } = await subscribe(secret, new Browser());
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs }))).toBe(200);
  expect((await subscribe(secretOf(), new Browser())).status).toBe(507);
  expect((await subscribe(secret, new Browser())).status).toBe(200);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs + 1 }))).toBe(200);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs + 2 }))).toBe(429);
  expect((await asPage('/v1/key')).status).toBe(200);
  expect((await asPage('/v1/key')).status).toBe(429);
});

test('what was passed on is not passed on again, until nobody would take it any more; what failed may be said again', async () => {
  const { webhook } = await subscribe(secretOf(), new Browser());
  const other = await subscribe(secretOf(), new Browser(), { endpoint: `${origin}/to/another` });
  const said = lsp.request(INCOMING, { at: nowMs });
  service.status = 503;
  expect(await call(webhook, said)).toBe(502);
  service.status = 201;
  for (let time = 0; time < 20; time++) expect(await call(webhook, said)).toBe(200);
  expect(service.deliveries).toHaveLength(2);
  // The same words to another wallet are another call.
  expect(await call(other.webhook, said)).toBe(200);
  expect(service.deliveries).toHaveLength(3);
  nowMs += 10 * 60_000;
  expect(await call(webhook, said)).toBe(200);
  nowMs += 1;
  expect(await call(webhook, said)).toBe(403);
  expect(service.deliveries).toHaveLength(3);
});

test('nobody but the LSP uses up what it may send', async () => {
  const { webhook } = await subscribe(secretOf(), new Browser());
  for (let time = 0; time < 20; time++)
    expect(await call(webhook, new Lsp(8).request(INCOMING, { at: nowMs }))).toBe(403);
  expect(await call(webhook, lsp.request(INCOMING, { at: nowMs }))).toBe(200);
});

test('who calls again and again with what the LSP did not sign is not read any more, the LSP is', async () => {
  await relay.stop();
  await start({ burst: 4, trustForwardedFor: true });
  const { webhook } = await subscribe(secretOf(), new Browser());
  const from = (address: string, request: RequestInit): Promise<number> =>
    call(webhook, { ...request, headers: { ...(request.headers as object), 'x-forwarded-for': address } });
  for (let time = 0; time < 4; time++)
    expect(await from('192.0.2.1', new Lsp(8).request(INCOMING, { at: nowMs }))).toBe(403);
  expect(await from('192.0.2.1', new Lsp(8).request(INCOMING, { at: nowMs }))).toBe(429);
  expect(await from('192.0.2.2', lsp.request(INCOMING, { at: nowMs }))).toBe(200);
  expect(service.deliveries).toHaveLength(1);
});

test('one network brings so many new wallets and no more, and may renew those that it has', async () => {
  await relay.stop();
  await start({ newBurst: 2, trustForwardedFor: true });
  const from = async (address: string, secret: string): Promise<number> => {
    const hook = { lsp: lsp.id, endpoint: `${origin}/to/one`, ...new Browser().keys() };
    const headers = { origin: PAGE, 'x-forwarded-for': address };
    const url = `${relay.url}/v1/subscriptions/${secret}`;
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(hook) })).status;
  };
  const secret = secretOf();
  expect(await from('2001:db8:0:1::1', secret)).toBe(200);
  expect(await from('2001:db8:0:2::1', secretOf())).toBe(200);
  expect(await from('2001:db8:0:3::1', secretOf())).toBe(429);
  expect(await from('2001:db8:0:3::1', secret)).toBe(200);
  expect(await from('2001:db8:1:1::1', secretOf())).toBe(200);
});

// bLIP 55 §Webhook Call: "The LSP SHOULD contact *one* registered webhook URI"
test('where there is no room, a hook that its LSP never signed for is forgotten first, the oldest of them, after a restart too', async () => {
  const [used, older, newer] = [secretOf(), secretOf(), secretOf()];
  const { webhook } = await subscribe(used, new Browser());
  const registered = notification('lsps5.webhook_registered');
  expect(await call(webhook, lsp.request(registered, { at: nowMs }))).toBe(200);
  for (const secret of [older, newer]) {
    nowMs += 1_000;
    await subscribe(secret, new Browser());
  }
  await relay.stop();
  await start({ maxHooks: 3 });
  const next = secretOf();
  await subscribe(next, new Browser());
  const left = (): ReadonlySet<string> => new Set(readdirSync(join(folder, 'hooks')));
  expect(left()).toEqual(new Set([used, newer, next].map(hookOf)));
});

test('only pages that may', async () => {
  expect((await asPage('/v1/key')).headers.get('access-control-allow-origin')).toBe(PAGE);
  const other = await fetch(`${relay.url}/v1/key`, { headers: { origin: 'https://other.example' } });
  expect(other.status).toBe(403);
  expect(other.headers.get('access-control-allow-origin')).toBe(null);
  expect((await fetch(`${relay.url}/v1/key`)).status).toBe(403);
  expect((await asPage('/v1/nothing')).status).toBe(404);
  expect((await asPage('/v1/key', { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${relay.url}/health`)).status).toBe(200);
});
