import { connect, isIP, type Socket } from 'node:net';
import { PATH_PREFIX, type CloseName } from './protocol.ts';
import type { Lookup } from './lookup.ts';
import type { ProxySettings } from './settings.ts';

export type Destination = { readonly host: string; readonly port: number };

/** Why there is no connection. */
export class Unreachable extends Error {
  readonly close: CloseName;
  constructor(close: CloseName, message: string) {
    super(message);
    this.close = close;
  }
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*\.?$/i;

/** Reads `/v1/{host}/{port}`; an IPv6 address may stand in brackets. Null when it is something else. */
export function parsePath(path: string): Destination | null {
  if (!path.startsWith(PATH_PREFIX)) return null;
  const segments = path.slice(PATH_PREFIX.length).split('/');
  if (segments.length !== 2) return null;
  const [encodedHost = '', portText = ''] = segments;
  let host: string;
  try {
    host = decodeURIComponent(encodedHost).replace(/^\[(.*)\]$/, '$1');
  } catch {
    return null;
  }
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port < 1 || port > 65_535) return null;
  // An address with a zone (fe80::1%eth0) means something on this machine alone.
  const isAddress = isIP(host) !== 0 && !host.includes('%');
  return isAddress || HOST_NAME.test(host) ? { host, port } : null;
}

type Route = Pick<ProxySettings, 'lowestPort' | 'connectTimeoutMs'> & {
  readonly lookup: Lookup;
  readonly isAllowed: (address: string) => boolean;
};

/** Addresses tried one after the other; more would outlast any patience. */
const MAX_ADDRESSES = 3;

/**
 * Connects to an allowed address of the host. What is connected to is the very address that was checked: a name that
 * changes its mind between the two changes nothing.
 * @throws {Unreachable}
 */
export async function reach(destination: Destination, route: Route, abort: AbortSignal): Promise<Socket> {
  if (destination.port < route.lowestPort) {
    throw new Unreachable('addressRefused', `ports below ${route.lowestPort} are refused`);
  }
  // A controller and a timer of our own: what AbortSignal.any and AbortSignal.timeout make may be collected, in Node.js 20,
  // before it fires.
  const deadline = new AbortController();
  const end = (): void => deadline.abort();
  const timer = setTimeout(end, route.connectTimeoutMs);
  abort.addEventListener('abort', end, { once: true });
  if (abort.aborted) end();
  try {
    return await reachBefore(deadline.signal, destination, route);
  } finally {
    clearTimeout(timer);
    abort.removeEventListener('abort', end);
  }
}

async function reachBefore(
  deadline: AbortSignal,
  { host, port }: Destination,
  route: Route,
): Promise<Socket> {
  const timedOut = new Unreachable('connectTimeout', `no answer within ${route.connectTimeoutMs} ms`);
  const addresses = await orTimeout(resolve(host, route), deadline, timedOut);
  const allowed = addresses.filter(route.isAllowed);
  if (allowed.length === 0) throw new Unreachable('addressRefused', 'this address is private or not allowed');
  let failure: unknown = timedOut;
  for (const address of allowed.slice(0, MAX_ADDRESSES)) {
    try {
      return await open(address, port, deadline, timedOut);
    } catch (error) {
      failure = error;
      if (deadline.aborted) break;
    }
  }
  throw failure;
}

async function resolve(host: string, { lookup }: Route): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  if (/\.onion\.?$/i.test(host))
    throw new Unreachable('addressRefused', 'onion services are not reachable from here');
  try {
    return (await lookup(host)).map(({ address }) => address);
  } catch {
    throw new Unreachable('unknownHost', 'this name has no address');
  }
}

function orTimeout<T>(work: Promise<T>, deadline: AbortSignal, error: Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(error);
    if (deadline.aborted) return late();
    deadline.addEventListener('abort', late, { once: true });
    return void work.then(resolve, reject).finally(() => deadline.removeEventListener('abort', late));
  });
}

function open(host: string, port: number, deadline: AbortSignal, timedOut: Error): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (deadline.aborted) return reject(timedOut);
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    const late = (): void => {
      socket.destroy();
      reject(timedOut);
    };
    const settle = (outcome: () => void): void => {
      deadline.removeEventListener('abort', late);
      socket.removeAllListeners('error');
      outcome();
    };
    deadline.addEventListener('abort', late, { once: true });
    socket.once('connect', () => settle(() => resolve(socket)));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => {
        socket.destroy();
        reject(connectFailure(error));
      }),
    );
  });
}

function connectFailure({ code }: NodeJS.ErrnoException): Unreachable {
  if (code === 'ECONNREFUSED') return new Unreachable('connectionRefused', 'nobody listens there');
  if (code === 'ETIMEDOUT') return new Unreachable('connectTimeout', 'no answer');
  return new Unreachable('unreachable', `no way there (${code ?? 'unknown'})`);
}
