import type { WalletService } from '../engine/node/service-api.ts';
import engineWorkerUrl from './engine-worker.ts?worker&url';
import { remote } from './rpc.ts';
import { trustedUrl } from './trusted-url.ts';

/** Starts the engine worker and answers with its service at once; calls wait inside until the worker runs. */
export function connectWallet(): WalletService {
  const worker = new Worker(trustedUrl(engineWorkerUrl), { type: 'module', name: 'leyden-engine' });
  // Into the browser's memory for Back: the engine is not frozen with the page, where it would keep the wallet from others.
  addEventListener('pagehide', () => worker.terminate());
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
  return remote<WalletService>(worker);
}

/**
 * From now on the page opens without a network, and always as one whole build: a new one
 * begins when every tab of the old one is closed. Without a service worker (private
 * windows of some browsers, plain http) it works as before.
 */
export function keepForOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  window.addEventListener('load', () => void register());
}

async function register(): Promise<void> {
  const url = trustedUrl(new URL('service-worker.js', document.baseURI).href);
  try {
    // The browser's own cache must not hide a new build.
    const registration = await navigator.serviceWorker.register(url, { updateViaCache: 'none' });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') registration.update().catch(() => undefined);
    });
  } catch {
    return; // refused or offline: asked again at the next visit
  }
}
