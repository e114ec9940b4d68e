import type { IncomingMessage } from 'node:http';

/**
 * Who asks, for limits: `clientKey` of the address.
 * @param trustForwardedFor the last entry of X-Forwarded-For counts: only behind a server that sets it
 */
export function clientOf(request: IncomingMessage, trustForwardedFor: boolean): string {
  const forwarded = request.headers['x-forwarded-for'];
  const last = typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  return clientKey((trustForwardedFor ? last : undefined) ?? request.socket.remoteAddress ?? '');
}

/** IPv6 users own whole networks of 64 bits: those count as one. */
export function clientKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [
    ...front,
    ...Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0'),
    ...back,
  ];
  return groups.slice(0, 4).join(':');
}
