import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { NodeId } from '../../engine/base/ids.ts';
import { clientOf, networkOf } from '../http/client.ts';
import { isOriginAllowed } from '../http/origin.ts';
import { readBody } from '../http/read-body.ts';
import { TokenBuckets } from '../http/token-buckets.ts';
import { HeardCalls } from './heard-calls.ts';
import { HookTokens } from './hook-address.ts';
import { HookStore, type HookName } from './hook-store.ts';
import { lspOf, parseHook, pushServices } from './hook.ts';
import { readCall, type Call } from './notification.ts';
import { sendPush } from './push.ts';
import { hookPath, routeOf, type Caller, type Route } from './routes.ts';
import { DEFAULTS, type RelaySettings } from './settings.ts';
import { vapidKeys } from './vapid-keys.ts';

/** Neither a subscription nor a notification is longer. */
const LONGEST_BODY = 8192;
const FORGET_EVERY_MS = 3_600_000;
/** Push services want a contact, also of a relay that is only tried out. */
const NOBODY = 'mailto:nobody@localhost.invalid';

export type PushRelay = {
  readonly url: string;
  readonly hooks: () => number;
  readonly stop: () => Promise<void>;
};

type Answer = { readonly status: number; readonly json?: object };
const refuse = (status: number, error: string): Answer => ({ status, json: { error } });

/**
 * Starts the push relay: what an LSP says of a wallet that sleeps (bLIP 55) becomes a Web Push to its browser.
 * @param now milliseconds since 1970
 * @throws {Error} when its folder or its address cannot be used
 */
export async function startPushRelay(
  given: Partial<RelaySettings> = {},
  now: () => number = () => Date.now(),
): Promise<PushRelay> {
  const settings = { ...DEFAULTS, ...given };
  const isPushService = pushServices(settings.pushServices);
  const keys = await vapidKeys(settings.folder);
  const tokens = new HookTokens(keys);
  const hooks = await HookStore.open(join(settings.folder, 'hooks'), isPushService, settings.forgetAfterMs);
  const contact = settings.contact || settings.publicUrl || NOBODY;
  const heard = new HeardCalls(settings.clockToleranceMs);
  const forget = (): Promise<number> => {
    heard.forget(now());
    return hooks.forget(now());
  };
  await forget();
  const clients = new TokenBuckets(settings);
  const calls = new TokenBuckets({ burst: settings.hookBurst, perMinute: settings.hookPerMinute });
  // Whoever calls, at one hook. To find out who signed takes longer than all else that a call costs.
  const forgers = new TokenBuckets(settings);
  const newcomers = new TokenBuckets({ burst: settings.newBurst, perMinute: settings.newPerMinute });

  const server = createServer((request, response) => {
    const allowed = originOf(request);
    answerTo(request)
      .catch(() => refuse(500, 'this relay failed'))
      .then((answer) => say(response, answer, allowed))
      .catch(() => response.destroy());
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    const route = routeOf(request.url?.split('?', 1)[0] ?? '');
    if (route === null) return refuse(404, 'nothing is here');
    if ((route.tag === 'subscription' || route.tag === 'key') && originOf(request) === null)
      return refuse(403, 'pages of this origin may not use this relay');
    // DIVERGES from bLIP 55 §Webhook Call: "MUST check that the webhook was contacted via a `POST` HTTPS request": because TLS
    // ends before us: that it was a POST is all that can be seen.
    if (route.tag === 'hook') return request.method === 'POST' ? call(route, request) : notAllowed();
    if (!clients.take(clientOf(request, settings.trustForwardedFor)))
      return refuse(429, 'too many requests, try again in a minute');
    return ofWallet(route, request);
  }

  async function ofWallet(route: Exclude<Route, { tag: 'hook' }>, request: IncomingMessage): Promise<Answer> {
    if (route.tag === 'health') return { status: 200, json: { hooks: hooks.size } };
    if (route.tag === 'key')
      return request.method === 'GET' ? { status: 200, json: { key: keys.publicKey } } : notAllowed();
    return request.method === 'POST' ? subscribe(route.hook, request) : notAllowed();
  }

  async function subscribe(name: HookName, request: IncomingMessage): Promise<Answer> {
    const body = await readBody(request, LONGEST_BODY);
    if (body === null) return refuse(413, 'the subscription is too long');
    const json = parsed(body);
    if (json === null) {
      await hooks.delete(name);
      return { status: 200, json: {} };
    }
    const lsp = lspOf(json);
    if (lsp === null) return refuse(400, 'lsp is not a node id');
    const hook = parseHook(json, isPushService);
    if (typeof hook === 'string') return refuse(400, hook);
    if (!hooks.has(name)) {
      if (!newcomers.take(networkOf(request, settings.trustForwardedFor)))
        return refuse(429, 'too many new wallets from this network, try again in a minute');
      if (hooks.size >= settings.maxHooks && !(await hooks.makeRoom(now())))
        return refuse(507, 'this relay takes no more wallets');
    }
    await hooks.put(name, hook, now());
    const path = hookPath(name, { lsp, token: tokens.of(name, lsp) });
    return { status: 200, json: { webhook: (settings.publicUrl || url) + path } };
  }

  /** Who may call a hook: whom its address says, or of an address of old, whom we kept for it. */
  const callerOf = (name: HookName, by: Caller | null, kept: NodeId | null): NodeId | null => {
    if (by === null) return kept;
    return tokens.isOf(by.token, name, by.lsp) ? by.lsp : null;
  };

  /** An LSP has something to say. It learns nothing of the browser, not even whether it is still there. */
  async function call(
    { hook: name, by }: Extract<Route, { tag: 'hook' }>,
    request: IncomingMessage,
  ): Promise<Answer> {
    // bLIP 55 §Webhook Call: "MUST validate that the URI (hostname, path, and/or `GET` parameters) contains: The LSP node ID.
    // […] Or some token that it issued on registration of the above information."
    const stored = await hooks.get(name);
    const lsp = callerOf(name, by, stored?.lsp ?? null);
    if (stored === null || lsp === null) return refuse(404, 'no wallet waits here');
    const { hook } = stored;
    const body = await readBody(request, LONGEST_BODY);
    if (body === null) return refuse(413, 'the notification is too long');
    const said: Call = {
      timestamp: header(request, 'x-lsps5-timestamp'),
      signature: header(request, 'x-lsps5-signature'),
      body,
    };
    const caller = `${clientOf(request, settings.trustForwardedFor)} ${name}`;
    if (!forgers.has(caller)) return refuse(429, 'too many calls that the LSP did not sign');
    const reading = readCall(said, {
      lsp,
      nowMs: now(),
      toleranceMs: settings.clockToleranceMs,
    });
    if (reading.tag === 'refused') {
      forgers.take(caller);
      return refuse(reading.status, reading.why);
    }
    // Whoever saw a call can repeat it. An LSP that did not hear our answer to it is told what it would have heard.
    if (!heard.add(name, said, now())) return { status: 200 };
    // bLIP 55 §Webhook Call: "MAY reject the push notification via its own policies, such as if the LSP has been making too many
    // push notifications in a short period". Only what the LSP signed counts: nobody else can use up what it may send.
    if (!calls.take(name)) {
      heard.delete(name, said);
      return refuse(429, 'too many notifications, try again in a minute');
    }
    await hooks.called(name, by !== null, now());
    if (reading.tag === 'nothing') return { status: 200 };
    const { method, timeout } = reading;
    const sent = await sendPush(
      hook,
      { method, lsp, timeout },
      { keys, contact, timeoutMs: settings.pushTimeoutMs },
    );
    if (sent === 'gone') await hooks.deleteAt(name, hook.endpoint);
    if (sent !== 'failed') return { status: 200 };
    heard.delete(name, said);
    return refuse(502, 'the push service did not take it');
  }

  /** The page's origin when it may use us: '' for a program where anybody may. */
  function originOf(request: IncomingMessage): string | null {
    return isOriginAllowed(settings.origins, request.headers) ? (request.headers.origin ?? '') : null;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
  const timer = setInterval(() => void forget().catch(() => 0), FORGET_EVERY_MS);
  timer.unref();
  return {
    url,
    hooks: () => hooks.size,
    stop: async () => {
      clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
  };
}

const notAllowed = (): Answer => refuse(405, 'this cannot be done here');

function say(response: ServerResponse, { status, json }: Answer, origin: string | null): void {
  if (origin !== null && origin !== '') response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'origin');
  response.setHeader('cache-control', 'no-store');
  if (json === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
