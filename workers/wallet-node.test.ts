import { beforeEach, expect, it, vi } from 'vitest';
import { ok, type Result } from '../engine/base/result.ts';
import { err } from '../engine/base/result.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { NetworkServers } from '../engine/node/service-api.ts';
import type { Write } from '../engine/base/write.ts';
import type { StoreFailure } from '../engine/storage/store.ts';
import type { Open } from './open-wallet.ts';
import { encodeServers } from './servers-record.ts';
import { noServers } from './servers.ts';
import { keepServers, offeredServers } from './chosen-servers.ts';
import { SERVERS_KEY } from './wallet-identity.ts';
import { findServers } from './wallet-node.ts';

vi.hoisted(() => {
  // config.json is looked for beside the worker.
  Object.assign(globalThis, { self: { location: { href: 'https://wallet.test/assets/worker.js' } } });
});

const of = (name: string): NetworkServers => ({ ...noServers, esplora: [`https://${name}.test`] });
const page = { defaultNetwork: 'regtest', networks: { regtest: of('page') } };
const LATER = Uint8Array.of(99, 1, 2);

let kept: Result<Uint8Array | null, StoreFailure> = ok(null);
/** Whom it trusts where the page does. */
let trust: Result<Uint8Array | null, StoreFailure> = ok(null);
let disk: Result<void, Refusal> = ok(undefined);
let answer: () => Promise<Response> = () => Promise.reject(new TypeError('no network'));
const told: unknown[] = [];
// What is looked at of an open wallet here.
const open = {
  vault: {
    store: { get: (_table: string, key: string) => Promise.resolve(key === SERVERS_KEY ? kept : trust) },
    save: (writes: readonly Write[]) => {
      for (const write of disk.ok ? writes : []) {
        const value = ok(write.op === 'put' ? write.value : null);
        if (write.key === SERVERS_KEY) kept = value;
        else trust = value;
      }
      return Promise.resolve(disk);
    },
  },
  wallet: { servers: noServers, serversTrouble: null },
  onChanged: () => told.push(open.wallet?.serversTrouble),
} as unknown as Open;
const find = () => findServers(open, 'regtest');
const serves = (text: string, status = 200): void => {
  answer = () => Promise.resolve(new Response(text, { status }));
};

beforeEach(() => {
  vi.stubGlobal('fetch', () => answer());
  Object.assign(open, { wallet: { servers: noServers, serversTrouble: null } });
  told.length = 0;
  kept = ok(null);
  trust = ok(null);
  disk = ok(undefined);
  serves(JSON.stringify(page));
});

it('the servers of settings come before those of the page, and nothing is told of', async () => {
  expect(await find()).toMatchObject({ value: { esplora: ['https://page.test'] } });
  kept = ok(encodeServers(of('own')));
  expect(await find()).toMatchObject({ value: { esplora: ['https://own.test'] } });
  expect(told).toEqual([]);
});

it.each<readonly [string, Result<Uint8Array | null, StoreFailure>]>([
  ['of a later version', ok(LATER)],
  ['damaged', err({ code: 'corrupt', table: 'meta', detail: 'sealed otherwise' })],
])('settings that are %s: the page’s are used, and that is told once', async (_, found) => {
  kept = found;
  for (let i = 0; i < 2; i++)
    expect(await find()).toMatchObject({ value: { esplora: ['https://page.test'] } });
  expect(told).toMatchObject([{ list: 'own' }]);
  kept = ok(encodeServers(of('own')));
  await find();
  expect(told.at(-1)).toBeNull();
});

it.each([
  ['is none', 'nonsense', 200, 'config.json: no JSON'],
  ['is not there', '', 404, 'config.json: status 404'],
  [
    'names a server that is none',
    '{"defaultNetwork":"regtest","networks":{"regtest":{"esplora":["x"]}}}',
    200,
    'networks.regtest.esplora[0]: ',
  ],
])('a list of the page that %s is told of, by its line', async (_, text, status, detail) => {
  serves(text, status);
  expect(await find()).toMatchObject({ ok: false });
  expect(told).toMatchObject([{ list: 'page', detail: expect.stringContaining(detail) }]);
  serves(JSON.stringify(page));
  await find();
  expect(told.at(-1)).toBeNull();
});

it('who has no network is not told of a file', async () => {
  answer = () => Promise.reject(new TypeError('no network'));
  expect(await find()).toMatchObject({ ok: false });
  expect(told).toEqual([]);
});

const lsp = { alias: 'L', nodeId: `02${'11'.repeat(32)}`, host: 'lsp.test', port: 9735, token: null };
const offered = (change: Partial<NetworkServers>): NetworkServers => {
  const regtest = {
    ...of('page'),
    proxies: ['wss://proxy.test'],
    lsps: [{ ...lsp, trusted: false }],
    ...change,
  };
  serves(JSON.stringify({ defaultNetwork: 'regtest', networks: { regtest } }));
  return regtest;
};
const use = async (): Promise<NetworkServers> => {
  const found = await find();
  return found.ok ? found.value : noServers;
};
const trusting: Pick<NetworkServers, 'lsps'> = { lsps: [{ ...lsp, trusted: true }] };
const save = (servers: NetworkServers) => keepServers(open, servers, 'regtest');

it('what a person changed is kept, and the rest follows what the page offers', async () => {
  offered({});
  await save({ ...(await use()), ...trusting });
  const later = offered({ esplora: ['https://later.test'], proxies: ['wss://other.test'] });
  expect(await use()).toEqual({ ...later, ...trusting });
  // Another change, later: the first is still one.
  await save({ ...(await use()), pushRelay: 'https://push.test' });
  const last = offered({ esplora: ['https://last.test'], pushRelay: 'https://page-push.test' });
  expect(await use()).toEqual({ ...last, ...trusting, pushRelay: 'https://push.test' });
});

it('what is as the page offers it is no choice: put back, nothing is kept', async () => {
  const page = offered({});
  await save({ ...(await use()), ...trusting, pushRelay: 'https://push.test' });
  await save({ ...(await use()), pushRelay: page.pushRelay });
  expect(await use()).toEqual({ ...page, ...trusting });
  await save(page);
  expect(kept).toEqual(ok(null));
});

it('what the page offered meanwhile is not chosen by who changed something else', async () => {
  offered({});
  const before = await use();
  const later = offered({ esplora: ['https://later.test'] });
  await save({ ...before, ...trusting });
  expect(await use()).toEqual({ ...later, ...trusting });
});

it('without the page’s list the wallet goes on with what it was then', async () => {
  const page = offered({});
  await save({ ...(await use()), ...trusting });
  answer = () => Promise.reject(new TypeError('no network'));
  expect(await use()).toEqual({ ...page, ...trusting });
  // Also what is changed then.
  await save({ ...(await use()), proxies: [] });
  expect(await use()).toEqual({ ...page, ...trusting, proxies: [] });
  const later = offered({ esplora: ['https://later.test'], proxies: ['wss://other.test'] });
  expect(await use()).toEqual({ ...later, ...trusting, proxies: [] });
});

it('all that a former program kept was chosen, until it is as the page offers it', async () => {
  const page = offered({});
  const own: Pick<NetworkServers, 'esplora' | 'lsps'> = { esplora: ['https://own.test'], ...trusting };
  kept = ok(encodeServers({ ...page, ...own }));
  offered({ proxies: ['wss://other.test'] });
  expect(await use()).toEqual({ ...page, ...own });
  await save({ ...(await use()), proxies: ['wss://other.test'] });
  const later = offered({ proxies: ['wss://third.test'] });
  expect(await use()).toEqual({ ...later, ...own });
});

it('a choice that the page offers for a while is kept: an LSP that a person does not trust is not trusted again', async () => {
  offered(trusting);
  await save({ ...(await use()), lsps: [{ ...lsp, trusted: false }], proxies: [] });
  offered({ proxies: [] });
  await save({ ...(await use()), pushRelay: 'https://push.test' });
  offered(trusting);
  expect(await use()).toMatchObject({ lsps: [{ trusted: false }], proxies: [] });
});

const gone = (): void =>
  serves(JSON.stringify({ ...page, defaultNetwork: 'signet', networks: { signet: of('other') } }));

it('a network that the page names no more: the servers of before are used, and that is told', async () => {
  const page = offered({});
  await save({ ...(await use()), pushRelay: 'https://push.test' });
  gone();
  expect(await use()).toEqual({ ...page, pushRelay: 'https://push.test' });
  expect(told).toEqual([{ list: 'kept', detail: 'networks.regtest: not offered' }]);
  expect(await offeredServers('regtest')).toBeNull();
  // Whoever has no network learns nothing of the file.
  answer = () => Promise.reject(new TypeError('no network'));
  await use();
  expect(told).toHaveLength(1);
  offered({});
  await use();
  expect(told.at(-1)).toBeNull();
});

it('and who never chose is told that nothing is reached', async () => {
  gone();
  expect(await find()).toMatchObject({ ok: false, error: { field: 'networks.regtest' } });
  expect(told).toMatchObject([{ list: 'page' }]);
});

const other = { ...lsp, alias: 'M', nodeId: `03${'22'.repeat(32)}`, trusted: true };
const isTrusted = async (): Promise<readonly boolean[]> => (await use()).lsps.map(({ trusted }) => trusted);

it('whom the page trusts in the first list is trusted, whom later not, until a person says so', async () => {
  offered(trusting);
  expect(await isTrusted()).toEqual([true]);
  offered({ lsps: [...trusting.lsps, other] });
  expect(await isTrusted()).toEqual([true, false]);
  // Who changes something else has not said so.
  await save({ ...(await use()), pushRelay: 'https://push.test' });
  expect(await isTrusted()).toEqual([true, false]);
  await save({ ...(await use()), lsps: [...trusting.lsps, other] });
  expect(await isTrusted()).toEqual([true, true]);
  // As the page has it: it is followed on.
  offered({ lsps: [other] });
  expect(await isTrusted()).toEqual([true]);
  offered({ lsps: [{ ...other, trusted: false }] });
  expect(await isTrusted()).toEqual([false]);
});

it('nobody is trusted whose trust cannot be read or kept', async () => {
  offered(trusting);
  disk = err({ code: 'storage-full', detail: 'full' });
  expect(await isTrusted()).toEqual([false]);
  disk = ok(undefined);
  expect(await isTrusted()).toEqual([true]);
  for (const ill of [
    ok(LATER),
    err({ code: 'corrupt', table: 'meta', detail: 'sealed otherwise' } as const),
  ]) {
    trust = ill;
    expect(await isTrusted()).toEqual([false]);
  }
});
