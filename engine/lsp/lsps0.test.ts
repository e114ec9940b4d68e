import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import { readLspMessage, requestMessage } from './lsps0.ts';

const read = (text: string): unknown => {
  const message = readLspMessage(encodeUtf8(text));
  return message.ok ? message.value : message.error;
};

describe('LSPS0', () => {
  // bLIP 50 §Message Payload Format: "MUST NOT use by-position parameter structures, and MUST use by-name parameter structures"
  // bLIP 50 §Lightning Peer-To-Peer Transport: "All LSPS messages MUST use the BOLT8 message ID 37913"
  it('asks with an object of named parameters', () => {
    const { type, payload } = requestMessage('ab', 'lsps2.buy', [
      ['opening_fee_params', '{"a":1.0}'],
      ['payment_size_msat', '"5"'],
    ]);
    expect(type).toBe(37_913);
    expect(decodeUtf8(payload)).toBe(
      '{"jsonrpc":"2.0","id":"ab","method":"lsps2.buy","params":{"opening_fee_params":{"a":1.0},"payment_size_msat":"5"}}',
    );
  });

  // bLIP 50 §Message Payload Format: "the received payload MUST parse to a JSON object that is a JSON-RPC 2.0 response or
  // notification object"
  // bLIP 50 §LSPS Extension And Versioning: "MUST ignore unrecognized `result` fields"
  // bLIP 50 §LSPS Method And Notification Specifications: "Clients conversely MUST ignore unrecognized keys"; "clients MUST NOT
  // expect a `data` field"
  // bLIP 50 §LSPS Method And Notification Specifications: "MAY elect to not define a `data` object for an"
  it('hears results, errors and notifications', () => {
    expect(read(' {"jsonrpc":"2.0","id":"a","result":{"x": 1},"new":[]} \r\n')).toEqual({
      tag: 'result',
      id: 'a',
      text: '{"x": 1}',
      result: { x: 1 },
    });
    expect(read('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}')).toEqual({
      tag: 'error',
      id: null,
      code: -32_700,
      words: 'parse error',
    });
    expect(read('{"jsonrpc":"2.0","method":"lsps9.news","params":{}}')).toEqual({
      tag: 'notification',
      method: 'lsps9.news',
    });
  });

  // bLIP 50 §Error Handling: "Clients MUST carefully filter error messages of possibly problematic characters"; "Clients MAY
  // write them in a log"
  it('lets nothing of their words through that a page or a terminal could take for its own', () => {
    const error = { code: 1, message: `<b>\u001b[31m\n"'&\0é${'x'.repeat(500)}` };
    const message = read(JSON.stringify({ jsonrpc: '2.0', id: 'a', error })) as { readonly words: string };
    expect(message.words).toMatch(/^\?b\?\?\[31m\?{6}x+$/);
    expect(message.words).toHaveLength(200);
  });

  // bLIP 50 §Message Payload Format: "If a client or LSP receives a BOLT8 message with"; "MUST send either of
  // the below as payloads for BOLT8"
  it.each([
    // bLIP 50 §Message Payload Format: "The payload MUST parse as a single complete UTF-8 encoded JSON object"
    ['', 'not one JSON object'],
    ['{}', 'not JSON-RPC 2.0'],
    ['null', 'not one JSON object'],
    ['[{}]', 'not one JSON object'],
    // bLIP 50 §Message Payload Format: "The payload MUST NOT parse as more than a single complete JSON object"
    ['{} {}', 'not one JSON object'],
    ['{"jsonrpc":"2.0","id":"a"}', 'neither a result nor an error, or both'],
    ['{"jsonrpc":"2.0","id":"a","result":{},"error":{"code":1}}', 'neither a result nor an error, or both'],
    ['{"jsonrpc":"2.0","id":1,"result":{}}', 'not a result'],
    // bLIP 50 §LSPS Method And Notification Specifications: "MUST define `result` values for its API endpoints that are objects"
    ['{"jsonrpc":"2.0","id":"a","result":[]}', 'not a result'],
    ['{"jsonrpc":"2.0","id":"a","error":{"code":"1"}}', 'an error without a code'],
    ['{"jsonrpc":"2.0","id":"a","id":"b","result":{}}', 'a member twice'],
    ['{"jsonrpc":"2.0"}', 'neither a response nor a notification'],
  ])('refuses %s', (text, why) => {
    expect(read(text)).toBe(why);
  });

  // bLIP 50 §Message Payload Format: "The payload MUST NOT contain any 0 bytes"
  it('is refused where it holds a byte of zero, wherever that stands', () => {
    const good = '{"jsonrpc":"2.0","id":"a","result":{}}';
    expect(read(good)).toMatchObject({ tag: 'result' });
    for (const at of [0, 12, good.length])
      expect(read(`${good.slice(0, at)}\0${good.slice(at)}`)).toBe('a byte of zero');
  });

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readLspMessage(bytes)));
    fc.assert(fc.property(fc.json(), (text) => void readLspMessage(encodeUtf8(text))));
    expect(readLspMessage(Uint8Array.of(0x7b, 0xff, 0x7d))).toEqual({ ok: false, error: 'not UTF-8' });
  });
});
