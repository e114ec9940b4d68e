// Runs in the page, beside the app: a second caller of the worker that the app has started.
import type { WalletService } from '../../../engine/node/service-api.ts';
import { remote } from '../../../workers/rpc.ts';

declare const keptWorker: Worker;

const service = remote<WalletService>(keptWorker);

/** One method of the service, by its path: `node.bolt11.send`. */
function pageEngine(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
  let target: unknown = service;
  for (const name of path) target = (target as Readonly<Record<string, unknown>>)[name];
  return (target as (...given: readonly unknown[]) => Promise<unknown>)(...args);
}
export type CallPageEngine = typeof pageEngine;
Object.assign(globalThis, { pageEngine });
