import type { IncomingMessage } from 'node:http';

/**
 * Who asks, for limits: `clientKey` of the address.
 * @param trustForwardedFor the last entry of X-Forwarded-For counts: only behind a server that sets it
 */
export const clientOf = (request: IncomingMessage, trustForwardedFor: boolean): string =>
  clientKey(addressOf(request, trustForwardedFor));

/** The same of whole networks: `networkKey` of the address. */
export const networkOf = (request: IncomingMessage, trustForwardedFor: boolean): string =>
  networkKey(addressOf(request, trustForwardedFor));

function addressOf(request: IncomingMessage, trustForwardedFor: boolean): string {
  const forwarded = request.headers['x-forwarded-for'];
  const last = typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return (trustForwardedFor ? last : undefined) ?? request.socket.remoteAddress ?? '';
}

/** IPv6 users own whole networks of 64 bits: those count as one. */
export const clientKey = (address: string): string => frontOf(address, 4);

/** Whoever asks for it is given an IPv6 network of 48 bits, which is 65,536 of those. */
export const networkKey = (address: string): string => frontOf(address, 3);

/** @param groups of 16 bits, of an IPv6 address; of one of IPv4 the whole */
function frontOf(address: string, groups: number): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const all = [
    ...front,
    ...Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0'),
    ...back,
  ];
  return all.slice(0, groups).join(':');
}
