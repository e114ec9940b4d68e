import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { point } from './bytes.ts';
import { decode, encode, type Field } from './field.ts';
import { bigsize, s64, tu32, tu64, u16, u64 } from './integers.ts';
import { struct } from './struct.ts';
import { rawTlvs, tlv, tlvs } from './tlv.ts';
import { scid } from './units.ts';

const hexOf = (spaced: string): Uint8Array => fromHex(spaced.replaceAll(' ', ''));

describe('BOLT 1 Appendix A: BigSize', () => {
  test.each([
    [0n, '00'],
    [252n, 'fc'],
    [253n, 'fd00fd'],
    [65_535n, 'fdffff'],
    [65_536n, 'fe00010000'],
    [4_294_967_295n, 'feffffffff'],
    [4_294_967_296n, 'ff0000000100000000'],
    [18_446_744_073_709_551_615n, 'ffffffffffffffffff'],
  ])('%d is %s', (value, hex) => {
    expect(decode(bigsize, fromHex(hex))).toEqual({ ok: true, value });
    expect(toHex(encode(bigsize, value))).toBe(hex);
  });
  test.each([
    ['fd00fc', 'not-minimal'],
    ['fe0000ffff', 'not-minimal'],
    ['ff00000000ffffffff', 'not-minimal'],
    ['fd00', 'truncated'],
    ['feffff', 'truncated'],
    ['ffffffffff', 'truncated'],
    ['', 'truncated'],
    ['fd', 'truncated'],
    ['fe', 'truncated'],
    ['ff', 'truncated'],
  ])('%j is refused as %s', (hex, code) => {
    expect(decode(bigsize, fromHex(hex))).toMatchObject({ ok: false, error: { code } });
  });
});

describe('BOLT 1 Appendix B: Type-Length-Value', () => {
  const n1 = tlvs({
    tlv1: tlv(1, tu64),
    tlv2: tlv(2, scid),
    tlv3: tlv(3, struct({ nodeId: point, amount1: u64, amount2: u64 })),
    tlv4: tlv(254, u16),
  });
  const n2 = tlvs({ tlv1: tlv(0, tu64), tlv2: tlv(11, tu32) });
  const namespaces: readonly (readonly [string, Field<object>])[] = [
    ['n1', n1],
    ['n2', n2],
  ];
  const nodeId = '023da092f6980e58d2c037173180e9a465476026ee50f96695963e8efe436f54eb';

  const INVALID_ANYWHERE: readonly (readonly [string, string])[] = [
    ['fd', 'truncated'],
    ['fd01', 'truncated'],
    ['fd0001 00', 'not-minimal'],
    ['fd0101', 'truncated'],
    ['0f fd', 'truncated'],
    ['0f fd26', 'truncated'],
    ['0f fd2602', 'truncated'],
    ['0f fd0001 00', 'not-minimal'],
    [`0f fd0201 ${'00'.repeat(512)}`, 'truncated'],
    ['12 00', 'tlv-unknown-even'],
    ['fd0102 00', 'tlv-unknown-even'],
    ['fe01000002 00', 'tlv-unknown-even'],
    ['ff0100000000000002 00', 'tlv-unknown-even'],
  ];
  const INVALID_IN_N1: readonly (readonly [string, string])[] = [
    ['01 09 ffffffffffffffffff', 'trailing'],
    ['01 01 00', 'not-minimal'],
    ['01 02 0001', 'not-minimal'],
    ['01 03 000100', 'not-minimal'],
    ['01 04 00010000', 'not-minimal'],
    ['01 05 0001000000', 'not-minimal'],
    ['01 06 000100000000', 'not-minimal'],
    ['01 07 00010000000000', 'not-minimal'],
    ['01 08 0001000000000000', 'not-minimal'],
    ['02 07 01010101010101', 'truncated'],
    ['02 09 010101010101010101', 'trailing'],
    [`03 21 ${nodeId}`, 'truncated'],
    [`03 29 ${nodeId} 0000000000000001`, 'truncated'],
    [`03 30 ${nodeId} 0000000000000001 00000000000001`, 'truncated'],
    [`03 31 04${nodeId.slice(2)} 0000000000000001 0000000000000002`, 'invalid'],
    [`03 32 ${nodeId} 0000000000000001 000000000000000001`, 'trailing'],
    ['fd00fe 00', 'truncated'],
    ['fd00fe 01 01', 'truncated'],
    ['fd00fe 03 010101', 'trailing'],
    ['00 00', 'tlv-unknown-even'],
    // §TLV Stream Decoding Failure
    ['02 08 0000000000000226 01 01 2a', 'tlv-order'],
    ['02 08 0000000000000231 02 08 0000000000000451', 'tlv-order'],
    ['1f 00 0f 01 2a', 'tlv-order'],
    ['1f 00 1f 01 2a', 'tlv-order'],
  ];
  const IGNORED = [
    '',
    '21 00',
    'fd0201 00',
    'fd00fd 00',
    'fd00ff 00',
    'fe02000001 00',
    'ff0200000000000001 00',
  ];
  const VALID_IN_N1: readonly (readonly [string, object])[] = [
    ['01 00', { tlv1: 0n }],
    ['01 01 01', { tlv1: 1n }],
    ['01 02 0100', { tlv1: 256n }],
    ['01 03 010000', { tlv1: 65_536n }],
    ['01 04 01000000', { tlv1: 16_777_216n }],
    ['01 05 0100000000', { tlv1: 4_294_967_296n }],
    ['01 06 010000000000', { tlv1: 1_099_511_627_776n }],
    ['01 07 01000000000000', { tlv1: 281_474_976_710_656n }],
    ['01 08 0100000000000000', { tlv1: 72_057_594_037_927_936n }],
    ['02 08 0000000000000226', { tlv2: 550n }],
    [
      `03 31 ${nodeId} 0000000000000001 0000000000000002`,
      { tlv3: { nodeId: fromHex(nodeId), amount1: 1n, amount2: 2n } },
    ],
    ['fd00fe 02 0226', { tlv4: 550 }],
  ];

  describe.each(namespaces)('in %s', (_, namespace) => {
    test.each(INVALID_ANYWHERE)('%s is refused as %s', (spaced, code) => {
      expect(decode(namespace, hexOf(spaced))).toMatchObject({ ok: false, error: { code } });
    });
    test.each(IGNORED)('%j decodes and is ignored', (spaced) => {
      expect(decode(namespace, hexOf(spaced))).toEqual({ ok: true, value: {} });
    });
  });
  test.each(INVALID_IN_N1)('%s is refused in n1 as %s', (spaced, code) => {
    expect(decode(n1, hexOf(spaced))).toMatchObject({ ok: false, error: { code } });
  });
  test('an order that only 64 bits can tell', () => {
    expect(decode(n2, hexOf('ffffffffffffffffff 00 00 00'))).toMatchObject({
      ok: false,
      error: { code: 'tlv-order' },
    });
  });
  test.each(VALID_IN_N1)('%s decodes in n1', (spaced, value) => {
    expect(decode(n1, hexOf(spaced))).toEqual({ ok: true, value });
    expect(encode<object>(n1, value)).toEqual(hexOf(spaced));
  });
  test('an invalid stream behind a valid one is refused, a valid one with a higher type is not', () => {
    for (const [spaced] of [...INVALID_ANYWHERE, ...INVALID_IN_N1])
      expect(decode(n1, hexOf(`01 00 ${spaced}`)).ok).toBe(false);
    expect(decode(n1, hexOf('01 01 01 02 08 0000000000000226 21 00'))).toEqual({
      ok: true,
      value: { tlv1: 1n, tlv2: 550n },
    });
  });
  test('a raw stream keeps every record', () => {
    const stream = hexOf('01 01 01 12 00 21 02 abcd ffffffffffffffffff 00');
    const decoded = decode(rawTlvs, stream);
    expect(decoded).toEqual({
      ok: true,
      value: [
        { type: 1n, value: fromHex('01') },
        { type: 18n, value: fromHex('') },
        { type: 33n, value: fromHex('abcd') },
        { type: 18_446_744_073_709_551_615n, value: fromHex('') },
      ],
    });
    if (decoded.ok) expect(encode(rawTlvs, decoded.value)).toEqual(stream);
  });
});

describe('BOLT 1 Appendix D: signed integers', () => {
  test.each([
    [2_147_483_648n, '0000000080000000'],
    [-2_147_483_649n, 'ffffffff7fffffff'],
    [500_000_000_000n, '000000746a528800'],
    [-500_000_000_000n, 'ffffff8b95ad7800'],
    [9_223_372_036_854_775_807n, '7fffffffffffffff'],
    [-9_223_372_036_854_775_808n, '8000000000000000'],
  ])('%d is %s', (value, hex) => {
    expect(decode(s64, fromHex(hex))).toEqual({ ok: true, value });
    expect(toHex(encode(s64, value))).toBe(hex);
  });
});
