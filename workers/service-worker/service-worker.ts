import { newsOf } from './news.ts';
import {
  answerTo,
  buildBefore,
  buildOf,
  cacheOf,
  ON_TRIAL,
  outdated,
  UNDONE,
  type Kept,
  type Precached,
} from './build.ts';
import type { Begin, OtherTabs, Started } from './messages.ts';

// What a service worker has that lib.dom does not name.
type Extendable = Event & { waitUntil: (work: Promise<unknown>) => void };
type Fetching = Extendable & {
  readonly request: Request;
  respondWith: (answer: Promise<Response>) => void;
};
type Pushed = Extendable & { readonly data: { text: () => string } | null };
type Clicked = Extendable & { readonly notification: Notification };
type Window = { readonly url: string; focus: () => Promise<unknown> };
type Messaged = Extendable & { readonly data: unknown; readonly ports: readonly MessagePort[] };
type Global = {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim: () => Promise<void>;
    matchAll: (which: { type: 'window'; includeUncontrolled: boolean }) => Promise<readonly Window[]>;
    openWindow: (url: string) => Promise<unknown>;
  };
  skipWaiting: () => Promise<void>;
  addEventListener: ((name: 'install' | 'activate', run: (event: Extendable) => void) => void) &
    ((name: 'fetch', run: (event: Fetching) => void) => void) &
    ((name: 'push', run: (event: Pushed) => void) => void) &
    ((name: 'notificationclick', run: (event: Clicked) => void) => void) &
    ((name: 'message', run: (event: Messaged) => void) => void);
};
const worker = globalThis as unknown as Global;

// Written in, in place of this very name, when the build is complete.
const build = buildOf((self as unknown as { readonly __WB_MANIFEST: readonly Precached[] }).__WB_MANIFEST);

// A build is installed whole or not at all: each file must be the one that was built. Until then, and until every tab
// of the build before is gone, that one answers.
worker.addEventListener('install', (event) => event.waitUntil(install()));

async function install(): Promise<void> {
  const name = cacheOf(build.id);
  // A build that comes again may be the one that is gone back to.
  const isNew = !(await caches.has(name));
  const cache = await caches.open(name);
  try {
    if (isNew) await cache.put(mark(ON_TRIAL), new Response());
    for (const { path, integrity } of build.files) {
      const url = new URL(path, worker.registration.scope);
      // The page is asked for as a person would: some hosts send /index.html elsewhere.
      const asked = path === 'index.html' ? worker.registration.scope : url;
      const answer = await fetch(asked, {
        integrity,
        cache: 'no-cache',
        credentials: 'omit',
        redirect: 'error',
      });
      if (!answer.ok) throw new Error(`${path}: status ${answer.status}`);
      await cache.put(url, answer);
    }
  } catch (error) {
    if (isNew) await caches.delete(name);
    throw error;
  }
}

worker.addEventListener('activate', (event) =>
  event.waitUntil(
    (async () => {
      for (const name of outdated(await allKept(), build.id)) await caches.delete(name);
      // The first page of all came from the network; from here on it works without one.
      await worker.clients.claim();
    })(),
  ),
);

/** Where something is noted of a build, beside its files: nothing that is asked for stands there. */
const mark = (name: string): URL => new URL(name, worker.registration.scope);

async function allKept(): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  for (const name of await caches.keys())
    kept.push({ name, onTrial: (await (await caches.open(name)).match(mark(ON_TRIAL))) !== undefined });
  return kept;
}

worker.addEventListener('message', (event) => {
  if (event.data === ('started' satisfies Started)) event.waitUntil(started());
  if (event.data === ('begin' satisfies Begin)) event.waitUntil(beginUnlessOthers(event.ports[0]));
});

async function started(): Promise<void> {
  // Once this build is undone, it is a page of the one before that starts.
  const name = (await undoneTo()) ?? cacheOf(build.id);
  await (await caches.open(name)).delete(mark(ON_TRIAL));
}

/** The cache that pages come from in place of our own. */
async function undoneTo(): Promise<string | null> {
  const own = await caches.open(cacheOf(build.id));
  return (await own.match(mark(UNDONE))) === undefined ? null : buildBefore(await allKept(), build.id);
}

/**
 * A build that never started can be left for the one before it, which the person asks for (index.html). One that did start
 * is not left: nobody is led back to old code by a link. What the engine of the newer build may have written, the older
 * one reads or refuses by the disk's own version.
 */
async function undo(): Promise<Response> {
  const own = await caches.open(cacheOf(build.id));
  if ((await own.match(mark(ON_TRIAL))) !== undefined && buildBefore(await allKept(), build.id) !== null)
    await own.put(mark(UNDONE), new Response());
  return Response.redirect(worker.registration.scope);
}

/** A tab beside the one that asks would be left with a build that is no more. */
async function beginUnlessOthers(port: MessagePort | undefined): Promise<void> {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length > 1) port?.postMessage('other-tabs' satisfies OtherTabs);
  else await worker.skipWaiting();
}

worker.addEventListener('fetch', (event) => {
  const answer = answerTo(event.request, worker.registration.scope, build);
  if (answer.from === 'network') return;
  if (answer.from === 'undo') {
    event.respondWith(undo());
    return;
  }
  const url = new URL(answer.path, worker.registration.scope);
  if (event.request.mode === 'navigate') event.respondWith(page(url));
  else event.respondWith(stored(url, answer.from === 'any-build'));
});

async function page(url: URL): Promise<Response> {
  const before = await undoneTo();
  const found = before === null ? undefined : await (await caches.open(before)).match(url);
  return found ?? stored(url, false);
}

async function stored(url: URL, ofAnyBuild: boolean): Promise<Response> {
  const own = await caches.open(cacheOf(build.id));
  const found = (await own.match(url)) ?? (ofAnyBuild ? await caches.match(url) : undefined);
  return found ?? fetch(url);
}

// An LSP has something for a wallet that sleeps (services/push-relay). bLIP 55 §Webhook Call: "The client SHOULD process what is
// needed to react to the notification (e.g. connect to the LSP and accept the payment for a `lsps5.payment_incoming`
// notification) if the mobile environment allows it." No browser lets a service worker hold a connection for so long: it shows
// the news, and the wallet that a press on it opens does that.
worker.addEventListener('push', (event) => {
  const { title, body, tag } = newsOf(event.data?.text() ?? null);
  const icon = new URL('icons/icon-192.png', worker.registration.scope).href;
  event.waitUntil(worker.registration.showNotification(title, { body, tag, icon }));
});

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openWallet());
});

async function openWallet(): Promise<void> {
  const { scope } = worker.registration;
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = windows.find(({ url }) => url.startsWith(scope));
  await (open === undefined ? worker.clients.openWindow(scope) : open.focus());
}
