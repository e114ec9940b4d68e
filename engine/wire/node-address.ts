import { base32nopad } from '@scure/base';
import { assert } from '../base/assert.ts';
import type { Result } from '../base/result.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import type { DecodeError } from '../codec/decode-error.ts';
import { build, parse } from '../codec/field.ts';
import type { Reader } from '../codec/reader.ts';
import { formatIp4, formatIp6, parseIp4, parseIp6 } from './ip-address.ts';

/** Where a node listens. `host` is text: an IP address, `….onion`, or a host name. */
export type NodeAddress = {
  readonly kind: 'ip4' | 'ip6' | 'tor3' | 'dns';
  readonly host: string;
  readonly port: number;
};

// BOLT 7 §The `node_announcement` Message: the address descriptor types.
const NUMBER = { ip4: 1, ip6: 2, tor3: 4, dns: 5 } as const;
const TOR2 = 3;
const TOR2_LENGTH = 12;

/** Lowercase and without what could be mistaken for a port, a path or another host. */
const HOST_NAME = /^[a-z0-9_](?:[a-z0-9._-]{0,253}[a-z0-9])?$/i;

/**
 * The address descriptors of a node_announcement. Fails only for a known type that is cut short.
 *
 * BOLT 7: "SHOULD ignore the first `address descriptor` that does NOT match the types defined above" (and so the rest);
 * "if `port` is equal to 0: SHOULD ignore"; "SHOULD ignore Tor v2 onion services"; "if more than one `type 5` address
 * is announced: SHOULD ignore the additional data."
 */
export function parseAddresses(bytes: Uint8Array): Result<readonly NodeAddress[], DecodeError> {
  return parse(bytes, (reader) => {
    const addresses: NodeAddress[] = [];
    while (reader.remaining > 0) {
      const number = reader.u8();
      if (number === TOR2) {
        reader.skip(TOR2_LENGTH);
        continue;
      }
      const address = readAddress(reader, number);
      const second = address?.kind === 'dns' && addresses.some(({ kind }) => kind === 'dns');
      if (address === null || second) reader.skip(reader.remaining);
      else if (address.port !== 0 && address.host !== '') addresses.push(address);
    }
    return addresses;
  });
}

/** Null for a type that is not defined; an empty host for a name that is none. */
function readAddress(reader: Reader, number: number): NodeAddress | null {
  switch (number) {
    case NUMBER.ip4:
      return { kind: 'ip4', host: formatIp4(reader.bytes(4)), port: reader.u16() };
    case NUMBER.ip6:
      return { kind: 'ip6', host: formatIp6(reader.bytes(16)), port: reader.u16() };
    case NUMBER.tor3:
      return {
        kind: 'tor3',
        host: `${base32nopad.encode(reader.bytes(35)).toLowerCase()}.onion`,
        port: reader.u16(),
      };
    case NUMBER.dns: {
      const name = decodeUtf8(reader.bytes(reader.u8())) ?? '';
      return { kind: 'dns', host: HOST_NAME.test(name) ? name : '', port: reader.u16() };
    }
    default:
      return null;
  }
}

/**
 * In the order BOLT 7 asks for: "MUST place address descriptors in ascending order."
 * @throws {Bug} for a host that is none of its kind, or port 0.
 */
export function encodeAddresses(addresses: readonly NodeAddress[]): Uint8Array {
  const ordered = addresses.toSorted((a, b) => NUMBER[a.kind] - NUMBER[b.kind]);
  return build((writer) => {
    for (const address of ordered) {
      const content = hostBytes(address);
      assert(content !== null && address.port > 0, 'not an address');
      writer.u8(NUMBER[address.kind]);
      if (address.kind === 'dns') writer.u8(content.length);
      writer.bytes(content);
      writer.u16(address.port);
    }
  });
}

function hostBytes({ kind, host }: NodeAddress): Uint8Array | null {
  switch (kind) {
    case 'ip4':
      return parseIp4(host);
    case 'ip6':
      return parseIp6(host);
    case 'tor3':
      return /^[a-z2-7]{56}\.onion$/.test(host) ? base32nopad.decode(host.slice(0, 56).toUpperCase()) : null;
    case 'dns':
      return HOST_NAME.test(host) ? encodeUtf8(host) : null;
    default:
      return null;
  }
}
