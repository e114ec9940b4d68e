import { describe, expect, it } from 'vitest';
import { parseNodeUri } from './node-uri.ts';

/** The generator. */
const ID = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';

describe('where a node is', () => {
  // bLIP 50 §Lightning Network Connection Strings: "A reader SHOULD extract the node ID as the part of the string until the first"
  // bLIP 50 §SECP256K1 Points / Public Keys / Lightning Network Node IDs: "readers MUST allow both lowercase and uppercase
  // hexadecimal digits"
  it('is read by its parts, in any case', () => {
    expect(parseNodeUri(`${ID}@::1:9735`)).toEqual({ nodeId: ID, host: '::1', port: 9735 });
    expect(parseNodeUri(`${ID}@2001:DB8::7:9736`)).toEqual({ nodeId: ID, host: '2001:db8::7', port: 9736 });
    expect(parseNodeUri(`${ID.toUpperCase()}@[::1]:9735`)).toEqual({ nodeId: ID, host: '::1', port: 9735 });
    expect(parseNodeUri(`${ID}@lsp.example:1`)).toEqual({ nodeId: ID, host: 'lsp.example', port: 1 });
  });

  // bLIP 50 §SECP256K1 Points / Public Keys / Lightning Network Node IDs: "Readers SHOULD validate that the point is indeed on the
  // SECP256K1 curve"
  it.each([
    ['a point that is on no curve', `02${'00'.repeat(31)}05@lsp.example`],
    ['a point of neither sign', `04${ID.slice(2)}@lsp.example`],
    ['a host with colons that is no address', `${ID}@lsp:example:9735`],
    ['an address without its port', `${ID}@::`],
    ['no port after the last colon', `${ID}@::1:`],
    ['a port past all', `${ID}@::1:65536`],
    ['a second at sign', `${ID}@a@b:9735`],
  ])('is none where a part is none: %s', (_, text) => {
    expect(parseNodeUri(text)).toBeNull();
  });
});
