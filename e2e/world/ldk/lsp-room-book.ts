import type { LdkStore } from './store.ts';

export type RoomOrder = {
  readonly id: string;
  readonly client: string;
  readonly lspSat: bigint;
  readonly clientSat: bigint;
  readonly confirmations: number;
  readonly fundingBlocks: number;
  readonly expiryBlocks: number;
  readonly token: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly feeSat: bigint;
  readonly preimage: string;
  readonly paymentHash: string;
  readonly invoice: string;
  readonly address: string | null;
  readonly refundAddress: string | null;
  state: 'CREATED' | 'COMPLETED' | 'FAILED';
  lightning: 'EXPECT_PAYMENT' | 'HOLD' | 'PAID' | 'REFUNDED';
  onchain: 'EXPECT_PAYMENT' | 'PAID' | 'REFUNDED';
  opening: boolean;
  channel: { readonly outpoint: string; readonly fundedAt: string; readonly expiresAt: string } | null;
};

const KEY = 'lsp-rooms';

export const totalOf = ({ feeSat, clientSat }: RoomOrder): bigint => feeSat + clientSat;

/** Orders for room, kept over restarts. */
export class RoomBook {
  readonly orders: RoomOrder[];
  readonly #store: LdkStore;

  constructor(store: LdkStore) {
    this.#store = store;
    const saved = store.get(KEY);
    this.orders =
      saved === null ? [] : (JSON.parse(Buffer.from(saved).toString(), reviveBigint) as RoomOrder[]);
  }

  add(order: RoomOrder): void {
    this.orders.push(order);
    this.save();
  }

  save(): void {
    const text = JSON.stringify(this.orders, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    this.#store.commit({ put: new Map([[KEY, new Uint8Array(Buffer.from(text))]]), remove: new Set() });
  }
}

const reviveBigint = (_: string, value: unknown): unknown =>
  typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
