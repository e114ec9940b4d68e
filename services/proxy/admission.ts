import { TokenBuckets } from '../http/token-buckets.ts';
import type { CloseName } from './protocol.ts';
import type { ProxySettings } from './settings.ts';

type Limits = Pick<ProxySettings, 'maxConnections' | 'maxConnectionsPerAddress' | 'burst' | 'perMinute'>;

/** Who may connect now: limits on how many at once and how often, in all and for each address. */
export class Admission {
  readonly #limits: Limits;
  readonly #attempts: TokenBuckets;
  /** How many are open for each address that has any. */
  readonly #guests = new Map<string, number>();
  #open = 0;

  constructor(limits: Limits, now?: () => number) {
    this.#limits = limits;
    this.#attempts = new TokenBuckets(limits, now);
  }

  get open(): number {
    return this.#open;
  }

  /** @returns why not, or null: then `leave` must be called once */
  enter(address: string): Extract<CloseName, 'rateLimited' | 'full'> | null {
    if (!this.#attempts.take(address)) return 'rateLimited';
    if (this.#open >= this.#limits.maxConnections) return 'full';
    const open = this.#guests.get(address) ?? 0;
    if (open >= this.#limits.maxConnectionsPerAddress) return 'full';
    this.#guests.set(address, open + 1);
    this.#open += 1;
    return null;
  }

  leave(address: string): void {
    const open = this.#guests.get(address);
    if (open === undefined) return;
    if (open === 1) this.#guests.delete(address);
    else this.#guests.set(address, open - 1);
    this.#open -= 1;
  }
}
