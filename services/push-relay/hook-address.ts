import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { NodeId } from '../../engine/base/ids.ts';
import type { HookName } from './hook-store.ts';
import type { VapidKeys } from './push.ts';

/** @param secret 32 random bytes in hex, known to the wallet alone */
export const hookOf = (secret: string): HookName =>
  createHash('sha256').update(Buffer.from(secret, 'hex')).digest('hex');

/**
 * Says, in a webhook's address, that this LSP may wake this wallet: so that we need not remember it. Whoever learns the
 * address, and is another node, cannot make one of its own from it.
 */
export class HookTokens {
  readonly #key: Buffer;

  constructor({ privateKey }: VapidKeys) {
    this.#key = createHmac('sha256', 'leyden push relay: who may wake whom').update(privateKey).digest();
  }

  of(name: HookName, lsp: NodeId): string {
    return createHmac('sha256', this.#key).update(`${lsp} ${name}`).digest('hex').slice(0, 32);
  }

  isOf(token: string, name: HookName, lsp: NodeId): boolean {
    const right = Buffer.from(this.of(name, lsp));
    const given = Buffer.from(token);
    return given.length === right.length && timingSafeEqual(given, right);
  }
}
