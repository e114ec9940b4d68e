import { parseNodeId, type NodeId } from '../../engine/base/ids.ts';

/** Where a browser is woken. Who may do it stands in the webhook's address (hook-address.ts). */
export type Hook = {
  /** The push service's address of one browser (Web Push, RFC 8030). */
  readonly endpoint: string;
  /** The browser's keys for what we send it (RFC 8291), base64url. */
  readonly p256dh: string;
  readonly auth: string;
};

const LONGEST_ENDPOINT = 2048;

/**
 * From a page, or from our own disk.
 * @param isPushService whether we may send to this host
 * @returns a sentence that says what is wrong with it, or the hook
 */
export function parseHook(json: unknown, isPushService: (endpoint: URL) => boolean): Hook | string {
  if (typeof json !== 'object' || json === null) return 'not an object';
  const given = json as Partial<Record<keyof Hook, unknown>>;
  if (typeof given.endpoint !== 'string' || given.endpoint.length > LONGEST_ENDPOINT)
    return 'endpoint is not an address';
  const endpoint = URL.canParse(given.endpoint) ? new URL(given.endpoint) : null;
  if (endpoint === null || endpoint.username !== '' || endpoint.password !== '')
    return 'endpoint is not an address';
  if (!isPushService(endpoint)) return 'endpoint is at no push service that this relay sends to';
  // RFC 8291 §3.1: an uncompressed point of P-256, 65 bytes, and 16 bytes.
  if (!isBase64Url(given.p256dh, 65)) return 'p256dh is not a key';
  if (!isBase64Url(given.auth, 16)) return 'auth is not a secret';
  return { endpoint: endpoint.href, p256dh: given.p256dh, auth: given.auth };
}

/** Whom a page wants to be woken by. */
export function lspOf(json: unknown): NodeId | null {
  const { lsp } = (json ?? {}) as { readonly lsp?: unknown };
  return typeof lsp === 'string' ? parseNodeId(lsp) : null;
}

const isBase64Url = (text: unknown, bytes: number): text is string =>
  typeof text === 'string' &&
  /^[\w-]+$/.test(text) &&
  text.length === Math.ceil((bytes * 4) / 3) &&
  Buffer.from(text, 'base64url').length === bytes;

/**
 * Which addresses are a push service's.
 * @param hosts names, or `*.` and a name; one that begins with `http://` stands for exactly that origin (for trying out)
 */
export function pushServices(hosts: readonly string[]): (endpoint: URL) => boolean {
  return (endpoint) =>
    hosts.some((host) => {
      if (host.startsWith('http://')) return endpoint.origin === host;
      if (endpoint.protocol !== 'https:' || endpoint.port !== '') return false;
      return host.startsWith('*.') ? endpoint.hostname.endsWith(host.slice(1)) : endpoint.hostname === host;
    });
}
