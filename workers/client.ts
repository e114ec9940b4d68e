import type { WalletService } from '../engine/node/service-api.ts';
import engineWorkerUrl from './engine-worker.ts?worker&url';
import { remote } from './rpc.ts';
import type { TakeOver } from './service-worker/build.ts';
import { trustedUrl } from './trusted-url.ts';

/** Starts the engine worker and answers with its service at once; calls wait inside until the worker runs. */
export function connectWallet(): WalletService {
  const worker = new Worker(trustedUrl(engineWorkerUrl), { type: 'module', name: 'leyden-engine' });
  return remote<WalletService>(worker);
}

/**
 * From now on the page opens without a network, and always as one whole build. Without a service worker (private
 * windows of some browsers, plain http) it works as before.
 */
export function keepForOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  void moveToWaitingBuild();
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

/** A page that has just been loaded is where a new build can begin, if no other tab still runs the old one. */
async function moveToWaitingBuild(): Promise<void> {
  const { serviceWorker } = navigator;
  const waiting = (await serviceWorker.getRegistration().catch(() => undefined))?.waiting ?? null;
  if (waiting === null || serviceWorker.controller === null) return;
  // Whoever has touched the page already keeps what is in front of them: this build still has all its files.
  const untouched = new AbortController();
  for (const touch of ['pointerdown', 'keydown'])
    document.addEventListener(touch, () => untouched.abort(), { capture: true, signal: untouched.signal });
  serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
    signal: untouched.signal,
  });
  waiting.postMessage('leyden: take over' satisfies TakeOver);
}
