import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bug } from '../base/assert.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { formatIp6, parseIp4, parseIp6 } from './ip-address.ts';
import { encodeAddresses, parseAddresses, type NodeAddress } from './node-address.ts';

const ip4 = fc.ipV4().map((host): NodeAddress => ({ kind: 'ip4', host, port: 9735 }));
const ip6 = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes): NodeAddress => ({ kind: 'ip6', host: formatIp6(bytes), port: 1 }));
const tor3 = fc
  .stringMatching(/^[a-z2-7]{56}$/)
  .map((name): NodeAddress => ({ kind: 'tor3', host: `${name}.onion`, port: 65_535 }));
const dns = fc.domain().map((host): NodeAddress => ({ kind: 'dns', host, port: 80 }));

test('addresses come back, in ascending order of type', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.array(ip4), fc.array(ip6), fc.array(tor3), fc.array(dns, { maxLength: 1 })),
      (kinds) => {
        const addresses = kinds.flat();
        expect(parseAddresses(encodeAddresses(addresses.toReversed()))).toMatchObject({ ok: true });
        expect(parseAddresses(encodeAddresses(addresses))).toEqual({ ok: true, value: addresses });
      },
    ),
  );
});

test('no bytes make parsing throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(1, 2, 3, 4, 5), (bytes, kind) => {
      expect(parseAddresses(Uint8Array.of(kind, ...bytes))).toHaveProperty('ok');
    }),
  );
});

describe('parsing', () => {
  const local = { kind: 'ip4', host: '127.0.0.1', port: 9735 };
  test.each([
    ['one address', '017f0000012607', [local]],
    ['ignores an address with port 0', '017f0000010000017f0000012607', [local]],
    ['skips Tor v2', '03' + '00'.repeat(12) + '017f0000012607', [local]],
    ['stops at a type it does not know', '017f000001260709ffffff', [local]],
    [
      'stops at a second host name',
      '05016126070501622607017f0000012607',
      [{ kind: 'dns', host: 'a', port: 9735 }],
    ],
    ['ignores a name that is none', '0503612f622607017f0000012607', [local]],
  ])('%s', (_, hex, addresses) => {
    expect(parseAddresses(fromHex(hex))).toEqual({ ok: true, value: addresses });
  });

  test.each(['017f00000126', '0200', '03000000', '0400', '05ff61'])(
    'refuses %s, which is cut short',
    (hex) => {
      expect(parseAddresses(fromHex(hex))).toMatchObject({ ok: false, error: { code: 'truncated' } });
    },
  );
});

describe('IP addresses', () => {
  // RFC 5952, §4 and §5, and RFC 4291 §2.2.
  test.each([
    ['::', '0'.repeat(32)],
    ['::1', '0'.repeat(31) + '1'],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001'],
    ['2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
    ['2001:0:0:1::1', '20010000000000010000000000000001'],
    ['fe80::', 'fe80' + '0'.repeat(28)],
  ])('%s', (text, hex) => {
    expect(formatIp6(fromHex(hex))).toBe(text);
    expect(toHex(parseIp6(text)!)).toBe(hex);
  });
  test('an IPv4 address inside an IPv6 one', () => {
    expect(toHex(parseIp6('::ffff:192.0.2.1')!)).toBe('00000000000000000000ffffc0000201');
  });
  test.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    'g::',
    '::1.2.3',
    '12345::',
  ])('%j is no IPv6 address', (text) => expect(parseIp6(text)).toBe(null));
  test.each(['', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', 'a.b.c.d', '1.2.3.-4'])(
    '%j is no IPv4 address',
    (text) => expect(parseIp4(text)).toBe(null),
  );
});

test.each<NodeAddress>([
  { kind: 'ip4', host: 'example.org', port: 1 },
  { kind: 'tor3', host: 'short.onion', port: 1 },
  { kind: 'dns', host: 'a b', port: 1 },
  { kind: 'dns', host: 'a', port: 0 },
])('announcing $kind $host:$port is a Bug', (address) => {
  expect(() => encodeAddresses([address])).toThrow(Bug);
});
