import { newsOf } from './news.ts';
import { answerTo, buildOf, cacheOf, outdated, type Precached } from './build.ts';
import type { Begin, OtherTabs } from './messages.ts';

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
  const cache = await caches.open(name);
  try {
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
    await caches.delete(name);
    throw error;
  }
}

worker.addEventListener('activate', (event) =>
  event.waitUntil(
    (async () => {
      for (const name of outdated(await caches.keys(), build.id)) await caches.delete(name);
      // The first page of all came from the network; from here on it works without one.
      await worker.clients.claim();
    })(),
  ),
);

worker.addEventListener('message', (event) => {
  if (event.data === ('begin' satisfies Begin)) event.waitUntil(beginUnlessOthers(event.ports[0]));
});

/** A tab beside the one that asks would be left with a build that is no more. */
async function beginUnlessOthers(port: MessagePort | undefined): Promise<void> {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length > 1) port?.postMessage('other-tabs' satisfies OtherTabs);
  else await worker.skipWaiting();
}

worker.addEventListener('fetch', (event) => {
  const answer = answerTo(event.request, worker.registration.scope, build);
  if (answer.from === 'network') return;
  const url = new URL(answer.path, worker.registration.scope);
  event.respondWith(stored(url, answer.from === 'any-build'));
});

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
