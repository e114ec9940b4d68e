import { createHash } from 'node:crypto';
import { isHookName, type HookName } from './hook-store.ts';

/** What a request is about. */
export type Route =
  | { readonly tag: 'health' }
  /** The key that browsers subscribe to. */
  | { readonly tag: 'key' }
  /** The wallet's own name for its hook: who knows it may change and remove it. */
  | { readonly tag: 'subscription'; readonly hook: HookName }
  /** The LSP's: it follows from the wallet's, and the wallet's does not follow from it. */
  | { readonly tag: 'hook'; readonly hook: HookName };

/** @returns null: nothing stands there */
export function routeOf(path: string): Route | null {
  if (path === '/health') return { tag: 'health' };
  if (path === '/v1/key') return { tag: 'key' };
  const [, kind, name = ''] = /^\/v1\/(subscriptions|hooks)\/([0-9a-f]{64})$/.exec(path) ?? [];
  if (!isHookName(name)) return null;
  return kind === 'hooks' ? { tag: 'hook', hook: name } : { tag: 'subscription', hook: hookOf(name) };
}

/** @param secret 32 random bytes in hex, known to the wallet alone */
export const hookOf = (secret: string): HookName =>
  createHash('sha256').update(Buffer.from(secret, 'hex')).digest('hex');
