import type { Timestamp } from '../base/units.ts';
import { addressOf } from '../bitcoin/address.ts';
import { walletScript } from './two-peer-env.ts';

type Json = Readonly<Record<string, unknown>>;

/** LSPS1 as a test wants it: what it sells, and what it says of its orders. */
export class RoomShop {
  options: Json = {
    min_required_channel_confirmations: 0,
    min_funding_confirms_within_blocks: 6,
    supports_zero_channel_reserve: true,
    max_channel_expiry_blocks: 20_160,
    min_initial_client_balance_sat: '0',
    max_initial_client_balance_sat: '100000000',
    min_initial_lsp_balance_sat: '50000',
    max_initial_lsp_balance_sat: '10000000',
    min_channel_balance_sat: '50000',
    max_channel_balance_sat: '10000000',
    something_new: 'of tomorrow',
  };
  feeSat = 2_000n;
  /** Its hold invoice; null: it takes none. */
  invoice: string | null = null;
  confirmations = 1;
  /** What it says of the order from now on; of its payment, whichever it is. */
  state: Json = {};
  payment: Json = {};
  /** In an order that is made. */
  twist: Json = {};
  readonly address: string;
  /** The last order. */
  order: Json | null = null;
  #count = 0;
  readonly #now: () => Timestamp;

  constructor(name: string, now: () => Timestamp) {
    this.#now = now;
    this.address = addressOf(walletScript(`${name} till`), 'regtest') ?? '';
  }

  serve(method: string, params: Json): Json {
    if (method === 'lsps1.get_info') return this.options;
    if (method === 'lsps1.create_order') this.order = this.#make(params);
    const { payment, ...order } = this.order ?? {};
    const said = Object.entries((payment ?? {}) as Readonly<Record<string, Json>>).map(
      ([way, option]) => [way, { ...option, ...paymentOf(way, this.payment) }] as const,
    );
    return { ...order, payment: Object.fromEntries(said), ...this.state };
  }

  #make({ refund_onchain_address: refund, token = '', ...mirrored }: Json): Json {
    const total = this.feeSat + BigInt(String(mirrored['client_balance_sat']));
    const price = {
      state: 'EXPECT_PAYMENT',
      expires_at: new Date((this.#now() + 3_000) * 1000).toISOString(),
      fee_total_sat: String(this.feeSat),
      order_total_sat: String(total),
    };
    return {
      order_id: `order-${this.#count++}`,
      ...mirrored,
      token,
      created_at: new Date(this.#now() * 1000).toISOString(),
      order_state: 'CREATED',
      payment: {
        ...(this.invoice === null ? {} : { bolt11: { ...price, invoice: this.invoice } }),
        ...(refund === undefined
          ? {}
          : {
              onchain: {
                ...price,
                address: this.address,
                min_onchain_payment_confirmations: this.confirmations,
                refund_onchain_address: refund,
              },
            }),
        carrier_pigeon: { state: 'EXPECT_PAYMENT' },
      },
      channel: null,
      ...this.twist,
    };
  }

  /** It has opened, it says. */
  opened(funding: string): void {
    const at = new Date(this.#now() * 1000).toISOString();
    this.state = {
      order_state: 'COMPLETED',
      channel: { funding_outpoint: funding, funded_at: at, expires_at: '2035-05-20T08:30:45.000Z' },
    };
    this.payment = { state: 'PAID' };
  }

  failed(payment: 'EXPECT_PAYMENT' | 'HOLD' | 'PAID' | 'REFUNDED' | 'CANCELLED'): void {
    this.state = { order_state: 'FAILED' };
    this.payment = { state: payment };
  }
}

/** On chain nothing is held, and nothing cancelled. */
const paymentOf = (way: string, said: Json): Json =>
  way === 'onchain' && (said['state'] === 'HOLD' || said['state'] === 'CANCELLED')
    ? { ...said, state: 'EXPECT_PAYMENT' }
    : said;
