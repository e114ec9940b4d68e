import type { LdkStore } from './store.ts';
import { newSecret, type Purchase } from './lsps-server.ts';

export type Order = Purchase & {
  readonly scid: bigint;
  /** `waiting` for the payment, `opening`, or `open`: the channel is there. */
  state: 'waiting' | 'opening' | 'open';
  /** A payment less the fee was delivered: what comes from now on costs nothing. */
  isPaid: boolean;
  /** The number that the channel was opened under; null before. */
  userId: bigint | null;
  channelId: string | null;
  /** Parts of payments that it holds. */
  held: readonly HeldPart[];
  /** Those that it handed on less the fee and that nobody has claimed yet. */
  handed: readonly HandedPart[];
};
export type HeldPart = { readonly id: string; readonly paymentHash: string; readonly amountMsat: bigint };
export type HandedPart = Omit<HeldPart, 'id'> & { readonly takenMsat: bigint };

const ORDERS_KEY = 'lsp-sold';
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
      this.#orders.set(order.scid, order);
  }

  /** Under which nothing was sold. On a chain younger than a month LDK draws from 2,500 of one block. */
  newScid(draw: () => bigint): bigint {
    let scid = draw();
    while (this.#orders.has(scid)) scid = draw();
    return scid;
  }

  add(order: Order): void {
    this.#orders.set(order.scid, order);
    this.save();
  }

  get(scid: bigint): Order | null {
    return this.#orders.get(scid) ?? null;
  }

  all(): readonly Order[] {
    return [...this.#orders.values()];
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
