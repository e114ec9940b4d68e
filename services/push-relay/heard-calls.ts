import { createHash } from 'node:crypto';
import type { HookName } from './hook-store.ts';
import type { Call } from './notification.ts';

/**
 * What was passed on already, until its timestamp is too old to be taken again. By what was signed, and not by the
 * signature: one signature has several forms.
 */
export class HeardCalls {
  /** When each may be forgotten. */
  readonly #until = new Map<string, number>();
  readonly #toleranceMs: number;

  constructor(toleranceMs: number) {
    this.#toleranceMs = toleranceMs;
  }

  /** @returns false: it was heard before. An LSP may say the same to two wallets at once. */
  add(name: HookName, call: Call, nowMs: number): boolean {
    const key = keyOf(name, call);
    if ((this.#until.get(key) ?? -Infinity) >= nowMs) return false;
    this.#until.set(key, Date.parse(call.timestamp ?? '') + this.#toleranceMs);
    return true;
  }

  /** It came to nothing, and may be said again. */
  delete(name: HookName, call: Call): void {
    this.#until.delete(keyOf(name, call));
  }

  forget(nowMs: number): void {
    for (const [key, until] of this.#until) if (until < nowMs) this.#until.delete(key);
  }
}

const keyOf = (name: HookName, { timestamp, body }: Call): string =>
  createHash('sha256').update(`${name} ${timestamp} ${body}`).digest('base64');
