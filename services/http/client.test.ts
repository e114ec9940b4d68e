import { expect, test } from 'vitest';
import { clientKey, networkKey } from './client.ts';

test('one IPv6 network of 64 bits is one client', () => {
  expect(clientKey('2a00:1450:4001:81a::200e')).toBe(clientKey('2a00:1450:4001:81a:1:2:3:4'));
  expect(clientKey('2a00:1450:4001:81a::1')).not.toBe(clientKey('2a00:1450:4001:81b::1'));
  expect(clientKey('2a00::1')).toBe('2a00:0:0:0');
  expect(clientKey('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(clientKey('192.0.2.7')).toBe('192.0.2.7');
});

test('one IPv6 network of 48 bits is one network', () => {
  expect(networkKey('2a00:1450:4001:81a::1')).toBe(networkKey('2a00:1450:4001:81b::1'));
  expect(networkKey('2a00:1450:4001::1')).not.toBe(networkKey('2a00:1450:4002::1'));
  expect(networkKey('::ffff:192.0.2.7')).toBe('192.0.2.7');
});
