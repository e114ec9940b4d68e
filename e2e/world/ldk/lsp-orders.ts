import type { LdkStore } from './store.ts';
import { newSecret, type Purchase } from './lsps-server.ts';

export type Order = Purchase & {
  readonly scid: bigint;
  /** `waiting` for the payment, `opening`, or `open`: then the channel is there and nothing more is kept. */
  state: 'waiting' | 'opening' | 'open';
  feeMsat: bigint;
  channelId: string | null;
};

const ORDERS_KEY = 'lsp-orders';
const SECRET_KEY = 'lsp-secret';

/** What was sold, kept over restarts. */
export class LspOrders {
  readonly secret: Uint8Array;
  readonly #store: LdkStore;
  readonly #orders = new Map<bigint, Order>();

  constructor(store: LdkStore) {
    this.#store = store;
    this.secret = store.get(SECRET_KEY) ?? newSecret();
    store.commit({ put: new Map([[SECRET_KEY, this.secret]]), remove: new Set() });
    const saved = store.get(ORDERS_KEY);
    if (saved === null) return;
    for (const order of JSON.parse(Buffer.from(saved).toString(), reviveBigint) as Order[])
      // What was being opened when the process ended did not come to be.
      this.#orders.set(order.scid, { ...order, state: order.state === 'opening' ? 'waiting' : order.state });
  }

  add(order: Order): void {
    this.#orders.set(order.scid, order);
    this.save();
  }

  get(scid: bigint): Order | null {
    return this.#orders.get(scid) ?? null;
  }

  save(): void {
    const text = JSON.stringify([...this.#orders.values()], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    this.#store.commit({
      put: new Map([[ORDERS_KEY, new Uint8Array(Buffer.from(text))]]),
      remove: new Set(),
    });
  }
}

const reviveBigint = (_: string, value: unknown): unknown =>
  typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
