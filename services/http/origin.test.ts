import { expect, test } from 'vitest';
import { isOriginAllowed } from './origin.ts';

test('listed origins exactly', () => {
  const origins = ['https://wallet.example'];
  expect(isOriginAllowed(origins, { origin: 'https://wallet.example' })).toBe(true);
  for (const origin of [
    'http://wallet.example',
    'https://wallet.example:444',
    'https://x.wallet.example',
    'null',
  ]) {
    expect(isOriginAllowed(origins, { origin, host: 'wallet.example' }), origin).toBe(false);
  }
});

test('the host that the page came from', () => {
  expect(isOriginAllowed(['same'], { origin: 'https://wallet.example', host: 'wallet.example' })).toBe(true);
  expect(isOriginAllowed(['same'], { origin: 'https://wallet.example', host: 'other.example' })).toBe(false);
  expect(isOriginAllowed(['same'], { origin: 'null', host: 'null' })).toBe(false);
});

test('without an origin only where anybody may', () => {
  expect(isOriginAllowed(['same'], { host: 'wallet.example' })).toBe(false);
  expect(isOriginAllowed(['*'], {})).toBe(true);
});

test('where private addresses can be reached, a name that points at us is not the same', () => {
  const same = (origin: string, host: string) => isOriginAllowed(['same'], { origin, host }, true);
  expect(same('http://rebinding.example:3030', 'rebinding.example:3030')).toBe(false);
  expect(same('http://localhost.example', 'localhost.example')).toBe(false);
  for (const host of ['127.0.0.1:3030', '[::1]:3030', 'localhost:3030', 'wallet.localhost'])
    expect(same(`http://${host}`, host), host).toBe(true);
  const listed = { origin: 'https://wallet.example', host: 'wallet.example' };
  expect(isOriginAllowed(['https://wallet.example'], listed, true)).toBe(true);
});
