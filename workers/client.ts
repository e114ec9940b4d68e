import type { WalletService } from '../engine/node/service-api.ts';
import { remote } from './rpc.ts';

/** Starts the engine worker and answers with its service at once; calls wait inside until the worker runs. */
export function connectWallet(): WalletService {
  const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), {
    type: 'module',
    name: 'leyden-engine',
  });
  return remote<WalletService>(worker);
}
