import { beforeEach, expect, it, vi } from 'vitest';
import { ok, type Result } from '../engine/base/result.ts';
import { err } from '../engine/base/result.ts';
import type { NetworkServers } from '../engine/node/service-api.ts';
import type { StoreFailure } from '../engine/storage/store.ts';
import type { Open } from './open-wallet.ts';
import { encodeServers } from './servers-record.ts';
import { noServers } from './servers.ts';
import { findServers } from './wallet-node.ts';

vi.hoisted(() => {
  // config.json is looked for beside the worker.
  Object.assign(globalThis, { self: { location: { href: 'https://wallet.test/assets/worker.js' } } });
});

const of = (name: string): NetworkServers => ({ ...noServers, esplora: [`https://${name}.test`] });
const page = { defaultNetwork: 'regtest', networks: { regtest: of('page') } };
const LATER = Uint8Array.of(99, 1, 2);

let kept: Result<Uint8Array | null, StoreFailure> = ok(null);
let answer: () => Promise<Response> = () => Promise.reject(new TypeError('no network'));
const told: unknown[] = [];
// What is looked at of an open wallet here.
const open = {
  vault: { store: { get: () => Promise.resolve(kept) } },
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
