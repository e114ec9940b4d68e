import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bug } from '../base/assert.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { channelId as toChannelId, txId as toTxId } from '../base/ids.ts';
import { valuesOf } from '../testkit/arbitraries/field.ts';
import {
  bytes,
  longBytes,
  point,
  restBytes,
  restUtf8,
  secretBytes,
  signature,
  utf8,
  varBytes,
} from './bytes.ts';
import { bool, enumOf, flag, option } from './choices.ts';
import { decode, encode, mapped, parse, type Field } from './field.ts';
import { blockHash, channelId, nodeId, outPoint, txId } from './ids.ts';
import { bigsize, s64, tu16, tu32, tu64, u16, u32, u64, u8, varInt } from './integers.ts';
import { print } from './print.ts';
import { record } from './record.ts';
import { list, list16, map, restList, sized, tuple } from './sequences.ts';
import { struct } from './struct.ts';
import { rawTlvs, tlv, tlvs } from './tlv.ts';
import { union, variant } from './union.ts';
import { blockHeight32, msatTu64, msatU64, satTu64, scid } from './units.ts';

const everything = record(
  7,
  {
    u8,
    u16,
    u32,
    u64,
    s64,
    bigsize,
    varInt,
    fixed: bytes(5),
    varBytes,
    longBytes,
    point,
    signature,
    utf8,
    channelId,
    txId,
    blockHash,
    nodeId,
    outPoint,
    scid,
    msatU64,
    blockHeight32,
    bool,
    option: option(utf8),
    side: enumOf(['local', 'remote']),
    list: list(tuple(2, u16)),
    list16: list16(struct({ a: u8, b: varBytes })),
    map: map(txId, option(bool)),
    nested: sized(restList(u16)),
    union: union('tag', { one: variant(4, struct({ x: u8 })), two: variant(9, record(1, { y: utf8 })) }),
    reversed: mapped(
      bytes(3),
      (raw) => toHex(raw),
      (hex) => fromHex(hex),
    ),
  },
  tlvs({
    tu64: tlv(1, tu64),
    tu32: tlv(3, tu32),
    tu16: tlv(4, tu16),
    rest: tlv(300, restBytes),
    text: tlv(70_001, restUtf8),
    flag: tlv(2n ** 40n, flag),
    cappedMsat: tlv(2n ** 64n - 1n, msatTu64),
    cappedSat: tlv(5, satTu64),
    stream: tlv(7, rawTlvs),
  }),
);

const failure = <T>(field: Field<T>, hex: string): string => {
  const decoded = decode(field, fromHex(hex));
  return decoded.ok ? 'decoded' : decoded.error.code;
};

describe('every field', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(valuesOf(everything), (value) => {
        expect(decode(everything, encode(everything, value))).toEqual({ ok: true, value });
      }),
    );
  });

  test('has one encoding only', () => {
    fc.assert(
      fc.property(valuesOf(everything), fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = encode(everything, value);
        bytes[at % bytes.length] = byte;
        const decoded = decode(everything, bytes);
        if (!decoded.ok) return;
        const again = encode(everything, decoded.value);
        // An unknown odd TLV is the one thing that is dropped.
        if (again.length === bytes.length) expect(again).toEqual(bytes);
        else expect(again.length).toBeLessThan(bytes.length);
      }),
      { numRuns: 300 },
    );
  });

  test('never throws for bytes of any kind, at any length', () => {
    fc.assert(
      fc.property(valuesOf(everything), fc.nat(), (value, at) => {
        const bytes = encode(everything, value);
        expect(decode(everything, bytes.subarray(0, at % bytes.length)).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        decode(everything, Uint8Array.of(7, ...bytes));
        expect(decode(rawTlvs, bytes)).toHaveProperty('ok');
      }),
    );
  });
});

describe('decoding refuses', () => {
  test.each<[string, Field<unknown>, string, string]>([
    ['missing bytes', u32, '000000', 'truncated'],
    ['bytes that are left', u16, '000000', 'trailing'],
    ['a boolean of 2', bool, '02', 'invalid'],
    ['an unknown enumeration value', enumOf(['a']), '01', 'newer-version'],
    ['a point that starts with 04', point, '04' + '11'.repeat(32), 'invalid'],
    ['overlong UTF-8', utf8, '02c080', 'invalid'],
    ['a surrogate in UTF-8', utf8, '03eda080', 'invalid'],
    ['a UTF-8 sequence cut short', utf8, '02e282', 'invalid'],
    ['a length beyond the input', longBytes, 'fe7fffffff00', 'truncated'],
    ['a count beyond the input', list(u8), 'feffffffff00', 'truncated'],
    ['a truncated integer with a leading zero', tu64, '0001', 'not-minimal'],
    ['a truncated integer of nine bytes', tu64, '010000000000000000', 'trailing'],
    ['more than 21 million BTC', satTu64, '000775f05a074001'.replace(/^00/, ''), 'out-of-range'],
    ['a number that is not safe', varInt, 'ff0020000000000000', 'out-of-range'],
    ['one key twice', map(u8, u8), '0201010102', 'invalid'],
    ['an unknown case', union('tag', { a: variant(1, struct({})) }), '02', 'newer-version'],
    ['a sized value with bytes left inside', sized(u8), '020000', 'trailing'],
    ['a record of a later version', record(1, {}), '0200', 'newer-version'],
  ])('%s', (_, field, hex, code) => {
    expect(failure(field, hex)).toBe(code);
  });

  test('and says where', () => {
    const pair = struct({ first: u16, second: struct({ inner: u32 }) });
    expect(decode(pair, fromHex('000102'))).toEqual({
      ok: false,
      error: { code: 'truncated', field: 'inner', offset: 2 },
    });
  });
});

test('a value that its field cannot hold is a Bug', () => {
  expect(() => encode(u8, 256)).toThrow(Bug);
  expect(() => encode(u16, 1.5)).toThrow(Bug);
  expect(() => encode(u64, -1n)).toThrow(Bug);
  expect(() => encode(s64, 1n << 63n)).toThrow(Bug);
  expect(() => encode(tu16, 0x1_0000)).toThrow(Bug);
  expect(() => encode(bytes(3), new Uint8Array(2))).toThrow(Bug);
  expect(() => encode(varBytes, new Uint8Array(0x1_0000))).toThrow(Bug);
  expect(encode(u8, 255), 'and the next encoding is untouched by it').toEqual(Uint8Array.of(255));
});

test('ids: hashes are flipped, channel ids are not', () => {
  const id = '00'.repeat(31) + 'ff';
  expect(toHex(encode(txId, toTxId(id)))).toBe('ff' + '00'.repeat(31));
  expect(toHex(encode(channelId, toChannelId(id)))).toBe(id);
});

test('a record of an older version is read as one of today', () => {
  const first = record(1, { count: u8 });
  const second = record(
    2,
    { count: u32, note: utf8 },
    tlvs({}),
    // Version 1 after its version byte: an empty stream ends it.
    {
      1: mapped(
        struct({ count: u8, end: u8 }),
        ({ count }) => ({ count, note: 'old' }),
        ({ count }) => ({ count, end: 0 }),
      ),
    },
  );
  expect(decode(second, encode(first, { count: 5 }))).toEqual({ ok: true, value: { count: 5, note: 'old' } });
});

test('what is decoded does not alias its input', () => {
  const input = fromHex('0003aabbcc');
  const decoded = decode(varBytes, input);
  input.fill(0);
  expect(decoded).toEqual({ ok: true, value: fromHex('aabbcc') });
});

test('reading by hand ends as decoding does', () => {
  expect(parse(fromHex('0102'), (reader) => reader.u8())).toMatchObject({
    ok: false,
    error: { code: 'trailing' },
  });
});

test('printing shows no secret, no long payload and no line break', () => {
  const field = struct({ preimage: secretBytes(32), onion: bytes(1366), note: utf8, hash: bytes(4) });
  const printed = print(field, {
    preimage: new Uint8Array(32).fill(0xab),
    onion: new Uint8Array(1366).fill(0xcd),
    note: 'line\nbreak\u202e"',
    hash: fromHex('01020304'),
  });
  expect(printed).toBe('{preimage: (secret), onion: (1366 bytes), note: "line break  ", hash: 01020304}');
});

test('an encoding longer than the first buffer', () => {
  const long = struct({ head: bytes(1020), a: u64, b: longBytes, c: sized(longBytes), d: list(u32) });
  const value = {
    head: new Uint8Array(1020).fill(1),
    a: 0x0102_0304_0506_0708n,
    b: new Uint8Array(70_000).fill(2),
    c: new Uint8Array(300).fill(3),
    d: Array.from({ length: 50_000 }, (_, i) => i),
  };
  expect(decode(long, encode(long, value))).toEqual({ ok: true, value });
});
