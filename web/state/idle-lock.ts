import type { Wallet } from './wallet.svelte.ts';

const TOUCHES = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;
const LOOK_MS = 5_000;

/** The minutes after which the wallet locks when nobody touches the page; null: it does not. */
function minutesOf({ state }: Wallet): number | null {
  if (state?.tag !== 'open') return null;
  const { passphrase, passkeys } = state.lock;
  return passphrase || passkeys.length > 0 ? state.idleMinutes : null;
}

/**
 * Locks a wallet that nobody touches. Timers of a page in the background are late, and those of a sleeping device stand
 * still: so the clock is also read when the page comes back, before anything is touched.
 * @returns ends it.
 */
export function lockWhenIdle(wallet: Wallet, now: () => number = () => Date.now()): () => void {
  let last = now();
  const look = (): void => {
    const minutes = minutesOf(wallet);
    // A clock that was put back would put the lock off by as much.
    last = Math.min(last, now());
    if (minutes === null || now() - last < minutes * 60_000) return;
    last = now();
    void wallet.ask(() => wallet.service.lock.now());
  };
  const touched = (): void => {
    look();
    last = now();
  };
  const shown = (): void => {
    if (document.visibilityState === 'visible') look();
  };
  for (const touch of TOUCHES) window.addEventListener(touch, touched, { capture: true, passive: true });
  document.addEventListener('visibilitychange', shown);
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', shown);
    for (const touch of TOUCHES) window.removeEventListener(touch, touched, { capture: true });
  };
}
