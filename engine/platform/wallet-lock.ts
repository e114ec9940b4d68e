/** Held while the wallet is open; lost only by `release`, by the end of the worker, or to an explicit take-over. */
export type WalletLock = {
  readonly release: () => void;
  readonly lost: Promise<void>;
  /** False from when it was lost or released. */
  readonly held: boolean;
};

/** Takes the one lock that says "this worker writes"; null when another tab holds it. */
export function acquireWalletLock(name: string): Promise<WalletLock | null> {
  return request(name, { ifAvailable: true });
}

/** Waits until the lock is free. */
export function awaitWalletLock(name: string, signal: AbortSignal): Promise<WalletLock | null> {
  return request(name, { signal });
}

/** Takes it from whoever has it: that one's `lost` resolves as soon as it runs again. Its writes are to be fenced off. */
export function stealWalletLock(name: string): Promise<WalletLock | null> {
  return request(name, { steal: true });
}

function request(name: string, options: LockOptions): Promise<WalletLock | null> {
  return new Promise((resolve) => {
    let release: () => void = () => undefined;
    let isHeld = true;
    const held = new Promise<void>((done) => {
      release = () => {
        isHeld = false;
        done();
      };
    });
    const finished = navigator.locks.request(name, options, (lock) => {
      if (lock === null) {
        resolve(null);
        return undefined;
      }
      const granted: WalletLock = {
        release,
        lost,
        get held() {
          return isHeld;
        },
      };
      resolve(granted);
      return held;
    });
    // Rejects when the request was aborted or the lock stolen: either way it is not held.
    const lost = finished.then(
      () => undefined,
      () => {
        isHeld = false;
        resolve(null);
      },
    );
  });
}
