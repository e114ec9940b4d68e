import { parseNodeId, type NodeId } from '../../engine/base/ids.ts';
import { hookOf } from './hook-address.ts';
import { isHookName, type HookName } from './hook-store.ts';

/** Who calls, as the address of its webhook says it. */
export type Caller = { readonly lsp: NodeId; readonly token: string };

/** What a request is about. */
export type Route =
  | { readonly tag: 'health' }
  /** The key that browsers subscribe to. */
  | { readonly tag: 'key' }
  /** The wallet's own name for its hook: who knows it may change and remove it. */
  | { readonly tag: 'subscription'; readonly hook: HookName }
  /** The LSP's: it follows from the wallet's, and the wallet's does not follow from it. `by` is null in one of old. */
  | { readonly tag: 'hook'; readonly hook: HookName; readonly by: Caller | null };

const SUBSCRIPTION = /^\/v1\/subscriptions\/([0-9a-f]{64})$/;
const HOOK = /^\/v1\/hooks\/([0-9a-f]{66})\/([0-9a-f]{64})\/([0-9a-f]{32})$/;
/** Such as were given out when the LSP's id was kept here. */
const HOOK_OF_OLD = /^\/v1\/hooks\/([0-9a-f]{64})$/;

/** @returns null: nothing stands there */
export function routeOf(path: string): Route | null {
  if (path === '/health') return { tag: 'health' };
  if (path === '/v1/key') return { tag: 'key' };
  const [, secret] = SUBSCRIPTION.exec(path) ?? [];
  if (secret !== undefined) return { tag: 'subscription', hook: hookOf(secret) };
  const [, old = ''] = HOOK_OF_OLD.exec(path) ?? [];
  if (isHookName(old)) return { tag: 'hook', hook: old, by: null };
  const [, id = '', name = '', token = ''] = HOOK.exec(path) ?? [];
  const lsp = parseNodeId(id);
  return lsp !== null && isHookName(name) ? { tag: 'hook', hook: name, by: { lsp, token } } : null;
}

/** What is given to the LSP, below our own address. */
export const hookPath = (name: HookName, { lsp, token }: Caller): string =>
  `/v1/hooks/${lsp}/${name}/${token}`;
