import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bug } from '../base/assert.ts';
import { fromHex } from '../base/bytes.ts';
import { channelId as toChannelId } from '../base/ids.ts';
import { decode, encode, type Field } from '../codec/field.ts';
import { valuesOf } from '../testkit/arbitraries/field.ts';
import {
  channelIdOf,
  decodeMessage,
  encodeMessage,
  MAX_MESSAGE_LENGTH,
  MESSAGES,
  metaOf,
  printMessage,
  typeOf,
  type WireMessage,
} from './wire-message.ts';

/** A stream of one record, and whether a message that does not know its type takes it. */
const EXTENSIONS = [
  { what: 'an unknown odd record', hex: 'fe0fffffff0142', taken: true },
  { what: 'an unknown even record', hex: 'fe0ffffffe0142', taken: false },
  { what: 'a record whose value is cut short', hex: 'fe0fffffff0242', taken: false },
  { what: 'a record without a length', hex: 'fe0fffffff', taken: false },
  { what: 'a type that is not minimal', hex: 'fd00fb0142', taken: false },
] as const;

/** What these keep as it is, because it is signed. */
const OPAQUE_EXTENSION = new Set(['channel_announcement', 'node_announcement', 'channel_update']);

describe.each(MESSAGES.map((declared) => [declared.name, declared] as const))('%s', (name, declared) => {
  // The loop over all declarations knows each only as a field of some message.
  const messages = valuesOf(declared as Field<unknown>) as fc.Arbitrary<WireMessage>;

  test('comes back as it was sent', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeMessage(message);
        expect(decodeMessage(bytes)).toEqual({ ok: true, value: message });
        expect((bytes[0]! << 8) | bytes[1]!).toBe(declared.type);
        expect(typeOf(message)).toBe(declared.type);
        expect(metaOf(message)).toBe(declared.meta);
      }),
      { numRuns: 50 },
    );
  });

  test('has one encoding only, and no bytes make decoding throw', () => {
    fc.assert(
      fc.property(
        messages,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        (message, changes) => {
          const bytes = encodeMessage(message);
          for (const [at, byte] of changes) bytes[2 + (at % Math.max(1, bytes.length - 2))] = byte;
          const decoded = decodeMessage(bytes.subarray(0, encodeMessage(message).length));
          if (!decoded.ok) return;
          const again = encodeMessage(decoded.value);
          // An unknown odd record is the one thing that is dropped.
          if (again.length === bytes.length) expect(again).toEqual(bytes);
          else expect(decodeMessage(again)).toEqual(decoded);
        },
      ),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), (payload) => {
        expect(
          decodeMessage(Uint8Array.of(declared.type >> 8, declared.type & 0xff, ...payload)),
        ).toHaveProperty('ok');
      }),
      { numRuns: 50 },
    );
  });

  test('cut at any byte is refused, or is a shorter message of its own', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeMessage(message);
        for (let length = 0; length < bytes.length; length++) {
          const cut = decodeMessage(bytes.subarray(0, length));
          // Between two records of the extension, or within bytes that run to the end, a cut leaves a whole message.
          if (cut.ok) expect(encodeMessage(cut.value)).toEqual(bytes.slice(0, length));
        }
        const required = Object.fromEntries(
          Object.keys({ name, ...declared.shape.required }).map((key) => [key, Reflect.get(message, key)]),
        );
        if (OPAQUE_EXTENSION.has(name)) return;
        const shortest = encode(declared as Field<unknown>, required);
        for (let length = 0; length < shortest.length; length++)
          expect(decode(declared as Field<unknown>, shortest.subarray(0, length)).ok).toBe(false);
      }),
      { numRuns: 3 },
    );
  });

  test.each(EXTENSIONS)('with $what behind it', ({ hex, taken }) => {
    fc.assert(
      fc.property(messages, (message) => {
        const extended = Uint8Array.of(...encodeMessage(message), ...fromHex(hex));
        const decoded = decodeMessage(extended);
        if (OPAQUE_EXTENSION.has(name)) {
          expect(decoded.ok && encodeMessage(decoded.value)).toEqual(extended);
        } else {
          const known = { ok: true, value: message };
          expect(decoded).toEqual(taken ? known : { ok: false, error: expect.anything() });
        }
      }),
      { numRuns: 20 },
    );
  });

  test('prints as one short line that starts with its name', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const line = printMessage(message);
        expect(line.startsWith(`${name} {`) || line.startsWith(`${name} `)).toBe(true);
        expect(line).not.toMatch(/[\n\r\u2028\u202e]/);
        expect(line.length).toBeLessThan(4000);
      }),
      { numRuns: 20 },
    );
  });
});

test('no two messages share a type or a name', () => {
  expect(new Set(MESSAGES.map((declared) => declared.type)).size).toBe(MESSAGES.length);
  expect(new Set(MESSAGES.map((declared) => declared.name)).size).toBe(MESSAGES.length);
});

test('a message of another type keeps its bytes', () => {
  const message = { name: 'unknown', type: 37_913, payload: fromHex('7b7d') } as const;
  expect(encodeMessage(message)).toEqual(fromHex('94197b7d'));
  expect(decodeMessage(fromHex('94197b7d'))).toEqual({ ok: true, value: message });
  expect(metaOf(message)).toBe(null);
  expect(printMessage(message)).toBe('message 37913 (2 bytes)');
});

test.each(['', '01'])('%j is no message', (hex) => {
  expect(decodeMessage(fromHex(hex))).toEqual({
    ok: false,
    error: { code: 'truncated', field: 'type', offset: 0 },
  });
});

test('an error says which field of which message', () => {
  expect(decodeMessage(fromHex('0012000a0004ff'))).toEqual({
    ok: false,
    error: { code: 'truncated', field: 'ping.ignored', offset: 4 },
  });
});

test('a message that fits no frame is a Bug', () => {
  const channelId = toChannelId('00'.repeat(32));
  const longest = new Uint8Array(MAX_MESSAGE_LENGTH - 36);
  expect(encodeMessage({ name: 'error', channelId, data: longest })).toHaveLength(MAX_MESSAGE_LENGTH);
  expect(() => encodeMessage({ name: 'error', channelId, data: new Uint8Array(longest.length + 1) })).toThrow(
    Bug,
  );
});

test('a message is found by its channel, under either name', () => {
  const channelId = toChannelId('ab'.repeat(32));
  expect(channelIdOf({ name: 'tx_complete', channelId })).toBe(channelId);
  expect(channelIdOf({ name: 'pong', ignored: new Uint8Array() })).toBe(null);
});

test('preimages and commitment secrets are not printed', () => {
  const channelId = toChannelId('00'.repeat(32));
  const preimage = new Uint8Array(32).fill(0xab);
  expect(printMessage({ name: 'update_fulfill_htlc', channelId, id: 3n, preimage })).toBe(
    `update_fulfill_htlc channelId: ${channelId}, id: 3, preimage: (secret)`,
  );
});
