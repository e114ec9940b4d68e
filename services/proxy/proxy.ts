import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { clientOf } from '../http/client.ts';
import { isOriginAllowed } from '../http/origin.ts';
import { limitSockets } from '../http/socket-limit.ts';
import { TokenBuckets } from '../http/token-buckets.ts';
import { addressPolicy } from './address-policy.ts';
import { Admission } from './admission.ts';
import { Bridge, closePage } from './bridge.ts';
import { parsePath, reach, Unreachable, type Destination } from './destination.ts';
import { lookupHere, lookupOnInternet } from './lookup.ts';
import type { CloseName } from './protocol.ts';
import { DEFAULTS, type ProxySettings } from './settings.ts';

/** A frame of a page's may be this long; BOLT 8 messages are at most 65,569 bytes. */
const MAX_FRAME = 1 << 20;
/** Sockets beyond the pages that we serve: enough to tell the others that we are full. */
const SPARE_SOCKETS = 256;
/** The same of one address. */
const SPARE_OF_ADDRESS = 32;
/** Refusals that one client is told the reason of: it takes its time to read it, and its socket is open for so long. */
const TOLD = { burst: 30, perMinute: 60 };

export type Proxy = {
  /** `ws://host:port` */
  readonly url: string;
  readonly connections: () => number;
  /** Takes no more, tells each page that we stop, waits for the ends. */
  readonly stop: () => Promise<void>;
};

type Guest = {
  /** Ends it, whatever state it is in. */
  readonly end: (name: CloseName, reason: string) => void;
};

/** Starts the WebSocket-to-TCP proxy. */
export async function startProxy(given: Partial<ProxySettings> = {}): Promise<Proxy> {
  const settings = { ...DEFAULTS, ...given };
  const isAllowed = addressPolicy(settings.allow);
  const reachesPrivate = settings.allow.some((rule) => rule !== 'public');
  const lookup = settings.lookup ?? (reachesPrivate ? lookupHere : lookupOnInternet());
  const admission = new Admission(settings);
  const told = new TokenBuckets(TOLD);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_FRAME,
    // Ciphertext does not shrink.
    perMessageDeflate: false,
  });
  const pages = new Set<WebSocket>();
  const guests = new Set<Guest>();
  let isStopping = false;

  const server = createServer((request, response) => {
    const isHealth = request.url === '/health';
    response.writeHead(isHealth ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isHealth ? { connections: admission.open } : { error: 'not a WebSocket' }));
  });
  server.headersTimeout = 10_000;
  // Those that say nothing yet, and those that are being refused, are not many either.
  server.maxConnections = settings.maxConnections + SPARE_SOCKETS;
  // Behind another server all come from one address.
  if (!settings.trustForwardedFor) limitSockets(server, settings.maxConnectionsPerAddress + SPARE_OF_ADDRESS);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // ws puts its own listener on; until then a reset must not bring us down.
    socket.on('error', () => socket.destroy());
    sockets.handleUpgrade(request, socket, head, (page) => welcome(page, request));
  });

  /** Refusals come as close codes after the upgrade: of a failed upgrade a page learns nothing. */
  function welcome(page: WebSocket, request: IncomingMessage): void {
    pages.add(page);
    page.once('close', () => pages.delete(page));
    page.on('error', () => {
      // `close` follows.
    });
    const client = clientOf(request, settings.trustForwardedFor);
    const refuse = (name: CloseName, reason: string): void =>
      told.take(client) ? closePage(page, name, reason) : page.terminate();
    if (isStopping) return refuse('stopping', 'this proxy is being stopped');
    if (!isOriginAllowed(settings.origins, request.headers, reachesPrivate))
      return refuse('originRefused', 'pages of this origin may not use this proxy');
    const destination = parsePath(request.url?.split('?', 1)[0] ?? '');
    if (destination === null) return refuse('badRequest', 'the path is /v1/{host}/{port}');
    const refusal = admission.enter(client);
    if (refusal === 'rateLimited') return refuse(refusal, 'too many attempts, try again in a minute');
    if (refusal === 'full') return refuse(refusal, 'no more connections here');
    page.once('close', () => admission.leave(client));
    void serve(page, destination);
  }

  async function serve(page: WebSocket, destination: Destination): Promise<void> {
    const abort = new AbortController();
    let guest: Guest = {
      end: (name, reason) => {
        abort.abort();
        closePage(page, name, reason);
      },
    };
    guests.add(guest);
    page.once('close', () => {
      abort.abort();
      guests.delete(guest);
    });
    // Nothing is read from the page before there is somewhere to put it.
    page.pause();
    try {
      const peer = await reach(destination, { ...settings, lookup, isAllowed }, abort.signal);
      if (abort.signal.aborted) {
        peer.destroy();
        return;
      }
      guests.delete(guest);
      guest = new Bridge(page, peer, settings);
      guests.add(guest);
    } catch (error) {
      if (abort.signal.aborted) return;
      const failure = error instanceof Unreachable ? error : new Unreachable('unreachable', 'no way there');
      closePage(page, failure.close, failure.message);
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return {
    url: `ws://${host}:${port}`,
    connections: () => admission.open,
    stop: async () => {
      isStopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const guest of guests) guest.end('stopping', 'this proxy is being stopped');
      server.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const page of pages) page.terminate();
        server.closeAllConnections();
      }, settings.graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
