import { describe, expect, test } from 'vitest';
import { addressPolicy } from './address-policy.ts';

const PRIVATE = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '203.0.113.7',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '100::1',
  '2001:0:1::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
];
const PUBLIC = [
  '1.1.1.1',
  '172.15.0.1',
  '172.32.0.1',
  '8.8.8.8',
  '2606:4700::1111',
  '2a00:1450::1',
  '::ffff:8.8.8.8',
];

describe('public', () => {
  const isAllowed = addressPolicy(['public']);
  test.each(PRIVATE)('refuses %s', (address) => expect(isAllowed(address)).toBe(false));
  test.each(PUBLIC)('allows %s', (address) => expect(isAllowed(address)).toBe(true));
  test('refuses what is no address', () => {
    for (const text of ['', 'localhost', '127.1', '0x7f000001']) expect(isAllowed(text)).toBe(false);
  });
});

test('ranges allow what is in them and nothing else', () => {
  const isAllowed = addressPolicy(['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8']);
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.9.8.7', '::1', 'fdff::1']) {
    expect(isAllowed(address), address).toBe(true);
  }
  for (const address of ['127.0.0.2', '11.0.0.1', '::2', 'fc00::1', '1.1.1.1']) {
    expect(isAllowed(address), address).toBe(false);
  }
});

test('ranges come on top of public', () => {
  const isAllowed = addressPolicy(['public', '192.168.1.0/24']);
  expect(isAllowed('192.168.1.5')).toBe(true);
  expect(isAllowed('192.168.2.5')).toBe(false);
  expect(isAllowed('1.1.1.1')).toBe(true);
});

test('a rule that makes no sense is said at the start', () => {
  for (const rule of ['localhost', '10.0.0.0/x', '10.0.0.0/64', '']) {
    expect(() => addressPolicy([rule]), rule).toThrow();
  }
});
