import { answerTo, cacheOf, outdated, type Build } from './build.ts';

// What a service worker has that lib.dom does not name.
type Extendable = Event & { waitUntil: (work: Promise<unknown>) => void };
type Fetching = Extendable & {
  readonly request: Request;
  respondWith: (answer: Promise<Response>) => void;
};
type Global = {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim: () => Promise<void>;
  };
  addEventListener: ((name: 'install' | 'activate', run: (event: Extendable) => void) => void) &
    ((name: 'fetch', run: (event: Fetching) => void) => void);
};
const worker = globalThis as unknown as Global;

/** Written in when the build is complete. */
const build = 'the build goes here' as unknown as Build;

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
