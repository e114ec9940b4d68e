import { expect, test } from 'vitest';
import { parsePath, reach } from './destination.ts';

test.each([
  ['/v1/node.example.org/9735', { host: 'node.example.org', port: 9735 }],
  ['/v1/127.0.0.1/1', { host: '127.0.0.1', port: 1 }],
  ['/v1/%5B2001%3Adb8%3A%3A1%5D/65535', { host: '2001:db8::1', port: 65535 }],
  ['/v1/2001:db8::1/9735', { host: '2001:db8::1', port: 9735 }],
  ['/v1/my_host/9735', { host: 'my_host', port: 9735 }],
])('%s', (path, destination) => expect(parsePath(path)).toEqual(destination));

test.each([
  '/',
  '/v1/',
  '/v1/host',
  '/v1/host/',
  '/v1/host/0',
  '/v1/host/65536',
  '/v1/host/9735/more',
  '/v1/host/-1',
  '/v1/host/9735x',
  '/v2/host/9735',
  '/v1//9735',
  '/v1/ho%00st/9735',
  '/v1/ho%2Fst/9735',
  '/v1/ho st/9735',
  '/v1/fe80::1%25eth0/9735',
  '/v1/%E0%A4%A/9735',
  `/v1/${'a'.repeat(254)}/9735`,
])('refuses %s', (path) => expect(parsePath(path)).toBe(null));

const route = {
  lowestPort: 1024,
  connectTimeoutMs: 200,
  isAllowed: (address: string) => address === '192.0.2.1',
  lookup: () => Promise.resolve([{ address: '192.0.2.66', family: 4 }]),
};
const never = new AbortController().signal;

test('what is checked is the address that the name stands for', async () => {
  await expect(reach({ host: 'name', port: 9735 }, route, never)).rejects.toMatchObject({
    close: 'addressRefused',
  });
});

test('refuses low ports, onion services and names without address', async () => {
  await expect(reach({ host: 'name', port: 25 }, route, never)).rejects.toMatchObject({
    close: 'addressRefused',
  });
  await expect(reach({ host: 'abc.onion', port: 9735 }, route, never)).rejects.toMatchObject({
    close: 'addressRefused',
  });
  const nameless = { ...route, lookup: () => Promise.reject(new Error('ENOTFOUND')) };
  await expect(reach({ host: 'name', port: 9735 }, nameless, never)).rejects.toMatchObject({
    close: 'unknownHost',
  });
});

test('a name server that never answers is a time-out', async () => {
  const silent = { ...route, lookup: () => new Promise<never>(() => {}) };
  await expect(reach({ host: 'name', port: 9735 }, silent, never)).rejects.toMatchObject({
    close: 'connectTimeout',
  });
});
