import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/** Bytes in use once garbage is gone. */
export function settledHeap(): number {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  return heapNow();
}

/** Bytes in use, with garbage. */
export function heapNow(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
