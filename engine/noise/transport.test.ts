import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bug } from '../base/assert.ts';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import bolt8 from './fixtures/bolt8.json' with { type: 'json' };
import type { SessionKeys } from './handshake.ts';
import { Transport } from './transport.ts';

const vector = bolt8.messages;
const keys: SessionKeys = {
  remoteStatic: new Uint8Array(33),
  sendKey: fromHex(vector.sendKey),
  receiveKey: fromHex(vector.receiveKey),
  chainingKey: fromHex(vector.chainingKey),
};
const mirrored: SessionKeys = { ...keys, sendKey: keys.receiveKey, receiveKey: keys.sendKey };
const pair = (): readonly [Transport, Transport] => [new Transport(keys), new Transport(mirrored)];

describe('BOLT 8 Appendix A: transport-message test', () => {
  it('seals messages 0, 1, 500, 501, 1000 and 1001 as published, and the other side opens all', () => {
    const [alice, bob] = pair();
    const hello = fromHex(vector.plaintext);
    const sealed = new Map<string, string>();
    for (let i = 0; i <= 1001; i++) {
      const packet = alice.seal(hello);
      sealed.set(String(i), toHex(packet));
      expect(bob.receive(packet)).toEqual({ messages: [hello], failure: null });
    }
    for (const [index, output] of Object.entries(vector.outputs)) expect(sealed.get(index)).toBe(output);
  });
});

describe('Transport', () => {
  it('finds the messages again however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 20 }),
        (messages, cuts) => {
          const [alice, bob] = pair();
          const stream = concatBytes(...messages.map((message) => alice.seal(message)));
          const received: Uint8Array[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const length = 1 + (cuts[i % cuts.length] ?? 0);
            // The caller's buffer is reused, as a socket's may be.
            const chunk = stream.slice(at, at + length);
            const { messages: some, failure } = bob.receive(chunk);
            chunk.fill(0xee);
            expect(failure).toBeNull();
            received.push(...some);
            at += length;
          }
          expect(received).toEqual(messages);
        },
      ),
    );
  });

  it('carries the longest message, and refuses a longer one as our own bug', () => {
    const [alice, bob] = pair();
    const longest = new Uint8Array(65_535).fill(7);
    const packet = alice.seal(longest);
    expect(packet.length).toBe(65_569);
    expect(bob.receive(packet).messages).toEqual([longest]);
    expect(() => alice.seal(new Uint8Array(65_536))).toThrow(Bug);
  });

  it('carries the empty message', () => {
    const [alice, bob] = pair();
    expect(bob.receive(alice.seal(new Uint8Array(0))).messages).toEqual([new Uint8Array(0)]);
  });

  it('delivers what came before a wrong tag, and nothing after it', () => {
    const [alice, bob] = pair();
    const first = alice.seal(Uint8Array.of(1));
    const second = alice.seal(Uint8Array.of(2));
    const third = alice.seal(Uint8Array.of(3));
    second[second.length - 1] = (second.at(-1) ?? 0) ^ 1;
    const failure = { code: 'decrypt', part: 'message' };
    expect(bob.receive(concatBytes(first, second, third))).toEqual({ messages: [Uint8Array.of(1)], failure });
    expect(bob.receive(third)).toEqual({ messages: [], failure });
  });

  it('fails at the length of what was never encrypted for us', () => {
    const [, bob] = pair();
    expect(bob.receive(new Uint8Array(17).fill(0x41))).toEqual({ messages: [], failure: null });
    expect(bob.receive(new Uint8Array(1).fill(0x41))).toEqual({
      messages: [],
      failure: { code: 'decrypt', part: 'length' },
    });
  });

  it('fails at a message that is sent twice', () => {
    const [alice, bob] = pair();
    const packet = alice.seal(Uint8Array.of(1));
    expect(bob.receive(packet).failure).toBeNull();
    expect(bob.receive(packet).failure).toEqual({ code: 'decrypt', part: 'length' });
  });
});
