import type { WalletService } from '../engine/node/service-api.ts';
import { builtHash } from './built-hash.ts';
import engineWorkerUrl from './engine-worker.ts?worker&url';
import { LateWorker } from './late-worker.ts';
import { remote } from './rpc.ts';
import type { Begin, OtherTabs, Started } from './service-worker/messages.ts';
import { trustedUrl } from './trusted-url.ts';

/**
 * Starts the engine worker and answers with its service at once; calls wait inside until the worker runs.
 * @param onMissing its script did not arrive, or is not the one that was built: no call will be answered
 */
export function connectWallet(onMissing: () => void = () => undefined): WalletService {
  const worker = new LateWorker();
  const start = (): void =>
    worker.begin(() => {
      const started = new Worker(trustedUrl(engineWorkerUrl), { type: 'module', name: 'leyden-engine' });
      // An error in a script that runs has a message; one that says nothing is that of a script which did not load.
      started.addEventListener('error', (event) => {
        if (!(event instanceof ErrorEvent)) onMissing();
      });
      return started;
    });
  const hash = isByServiceWorker() ? null : builtHash(engineWorkerUrl);
  if (hash === null) start();
  else void isBuilt(engineWorkerUrl, hash).then((built) => (built ? start() : onMissing()));
  // Into the browser's memory for Back: the engine is not frozen with the page, where it would keep the wallet from others.
  addEventListener('pagehide', () => worker.terminate());
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
  return remote<WalletService>(worker);
}

/**
 * For the service worker that this page came from: it keeps the build before until then (service-worker.ts, `undo`).
 * @returns what says that the page started
 */
export function buildOnTrial(): () => void {
  const from = 'serviceWorker' in navigator ? navigator.serviceWorker.controller : null;
  return () => from?.postMessage('started' satisfies Started);
}

/** It gives what was built, by its hashes. */
const isByServiceWorker = (): boolean =>
  'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;

/**
 * No browser lets a worker be started by the hash of its script. So it is fetched by its hash first, and the worker
 * then takes it from the browser's cache.
 */
const isBuilt = (url: string, integrity: string): Promise<boolean> =>
  fetch(url, { integrity }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Has the next build begin: false while other tabs of this one are open. The page is to be loaded anew after it. */
export type BeginNext = () => Promise<boolean>;

/**
 * From now on the page opens without a network, and always as one whole build: a new one begins when every tab of the
 * old one is closed, or when the only tab asks for it. Without a service worker (private windows of some browsers,
 * plain http) it works as before.
 */
export function keepForOffline(onNext: (begin: BeginNext) => void): void {
  if (!('serviceWorker' in navigator)) return;
  if (document.readyState === 'complete') void register(onNext);
  else window.addEventListener('load', () => void register(onNext));
}

async function register(onNext: (begin: BeginNext) => void): Promise<void> {
  const url = trustedUrl(new URL('service-worker.js', document.baseURI).href);
  try {
    // The browser's own cache must not hide a new build.
    const registration = await navigator.serviceWorker.register(url, { updateViaCache: 'none' });
    const look = (): void => {
      const { waiting } = registration;
      // The very first build waits for a moment too.
      if (waiting !== null && navigator.serviceWorker.controller !== null) onNext(() => begin(waiting));
    };
    look();
    registration.addEventListener('updatefound', () =>
      registration.installing?.addEventListener('statechange', look),
    );
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') registration.update().catch(() => undefined);
    });
  } catch {
    return; // refused or offline: asked again at the next visit
  }
}

/** A worker that says nothing may not be there any more, or waits for one that is busy: it can be asked again. */
const BEGIN_MS = 10_000;

function begin(waiting: ServiceWorker): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(true), { once: true });
    port1.addEventListener('message', ({ data }: MessageEvent<OtherTabs>) => {
      if (data === 'other-tabs') resolve(false);
    });
    port1.start();
    // Begun, and nobody told us: a reload is of the new build all the same.
    setTimeout(() => resolve(waiting.state === 'activated'), BEGIN_MS);
    waiting.postMessage('begin' satisfies Begin, [port2]);
  });
}
