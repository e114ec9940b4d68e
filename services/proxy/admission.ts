import type { CloseName } from './protocol.ts';
import type { ProxySettings } from './settings.ts';

type Limits = Pick<ProxySettings, 'maxConnections' | 'maxConnectionsPerAddress' | 'burst' | 'perMinute'>;
type Client = { open: number; tokens: number; countedAt: number };

/** Forgetting is worth a walk over all clients only from this many on. */
const MANY_CLIENTS = 10_000;

/** Who may connect now: limits on how many at once and how often, in all and for each address. */
export class Admission {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #clients = new Map<string, Client>();
  #open = 0;

  constructor(limits: Limits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  get open(): number {
    return this.#open;
  }

  /** @returns why not, or null: then `leave` must be called once */
  enter(address: string): Extract<CloseName, 'rateLimited' | 'full'> | null {
    const client = this.#client(address);
    if (client.tokens < 1) return 'rateLimited';
    client.tokens -= 1;
    if (this.#open >= this.#limits.maxConnections) return 'full';
    if (client.open >= this.#limits.maxConnectionsPerAddress) return 'full';
    client.open += 1;
    this.#open += 1;
    return null;
  }

  leave(address: string): void {
    const client = this.#clients.get(address);
    if (client === undefined) return;
    client.open -= 1;
    this.#open -= 1;
  }

  /** With the tokens that time has given it since. */
  #client(address: string): Client {
    const now = this.#now();
    const known = this.#clients.get(address);
    if (known === undefined) {
      if (this.#clients.size >= MANY_CLIENTS) this.#forget(now);
      const client = { open: 0, tokens: this.#limits.burst, countedAt: now };
      this.#clients.set(address, client);
      return client;
    }
    known.tokens = this.#tokensAt(known, now);
    known.countedAt = now;
    return known;
  }

  #tokensAt(client: Client, now: number): number {
    const earned = ((now - client.countedAt) / 60_000) * this.#limits.perMinute;
    return Math.min(this.#limits.burst, client.tokens + earned);
  }

  /** Those who are as good as new. */
  #forget(now: number): void {
    for (const [address, client] of this.#clients) {
      if (client.open === 0 && this.#tokensAt(client, now) >= this.#limits.burst)
        this.#clients.delete(address);
    }
  }
}

/** IPv6 users own whole networks of 64 bits: those count as one. */
export function clientKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [
    ...front,
    ...Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0'),
    ...back,
  ];
  return groups.slice(0, 4).join(':');
}
