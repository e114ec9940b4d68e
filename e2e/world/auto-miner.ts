import type { Bitcoind } from './bitcoind.ts';

/** Blocks after the last transaction: enough for every depth that anybody waits for. */
const ON_TOP = 6;

export type AutoMiner = { readonly stop: () => void };

/** Mines as a network would, only faster: a block while transactions wait, then some on top; none when nothing moves. */
export function mineAutomatically(chain: Bitcoind, everyMs = 3000): AutoMiner {
  let left = 0;
  const look = async (): Promise<void> => {
    const { size } = await chain.rpc.call<{ size: number }>('getmempoolinfo');
    if (size > 0) left = ON_TOP;
    if (left === 0) return;
    left -= 1;
    await chain.mine(1);
  };
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch(() => {
        // bitcoind is being stopped.
      })
      .finally(() => {
        isLooking = false;
      });
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}
