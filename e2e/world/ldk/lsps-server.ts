import { createHmac, randomBytes } from 'node:crypto';
import type { LspTerms } from './lsp-settings.ts';
import type { LspRooms } from './lsp-rooms.ts';
import type { LspWebhooks } from './lsp-webhooks.ts';
import { RpcError } from './rpc-error.ts';

type Json = Readonly<Record<string, unknown>>;

/** `opening_fee_params` of bLIP 52. */
export type FeeParams = Json & {
  readonly min_fee_msat: string;
  readonly proportional: number;
  readonly valid_until: string;
  readonly min_payment_size_msat: string;
  readonly max_payment_size_msat: string;
};

export type Purchase = {
  readonly client: string;
  readonly params: FeeParams;
  /** Null: the payer chooses. */
  readonly sizeMsat: bigint | null;
};

export const openingFee = (
  sizeMsat: bigint,
  { min_fee_msat, proportional }: Pick<FeeParams, 'min_fee_msat' | 'proportional'>,
): bigint => {
  const share = (sizeMsat * BigInt(proportional) + 999_999n) / 1_000_000n;
  return share > BigInt(min_fee_msat) ? share : BigInt(min_fee_msat);
};

export const isPast = ({ valid_until }: Pick<FeeParams, 'valid_until'>): boolean =>
  Date.parse(valid_until) < Date.now();

/** LSPS0, LSPS1, LSPS2 and LSPS5 as a service: what is asked for, and what is answered. Sells to `sell`. */
export class LspsServer {
  readonly #terms: LspTerms;
  readonly #secret: Uint8Array;
  /** The short channel id of what was sold. */
  readonly #sell: (purchase: Purchase) => string;
  readonly #webhooks: LspWebhooks;
  readonly #rooms: LspRooms;

  constructor(
    terms: LspTerms,
    secret: Uint8Array,
    webhooks: LspWebhooks,
    rooms: LspRooms,
    sell: (purchase: Purchase) => string,
  ) {
    this.#webhooks = webhooks;
    this.#rooms = rooms;
    this.#terms = terms;
    this.#secret = secret;
    this.#sell = sell;
  }

  async answer(client: string, text: string): Promise<string> {
    let id: unknown = null;
    try {
      const request = parsed(text);
      id = request['id'] ?? null;
      if (request['jsonrpc'] !== '2.0' || typeof request['method'] !== 'string' || typeof id !== 'string')
        throw new RpcError(-32_600, 'invalid request');
      const params = (request['params'] ?? {}) as Json;
      const result = await this.#run(client, request['method'], params);
      return JSON.stringify({ jsonrpc: '2.0', id, result });
    } catch (error) {
      const { code, message } = error instanceof RpcError ? error : new RpcError(-32_603, 'internal error');
      return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
    }
  }

  #run(client: string, method: string, params: Json): Json | Promise<Json> {
    switch (method) {
      case 'lsps0.list_protocols':
        return { protocols: [1, 2, 5] };
      case 'lsps2.get_info':
        return this.#info(client, params['token']);
      case 'lsps2.buy':
        return this.#buy(client, params);
      default: {
        const done = this.#rooms.run(client, method, params) ?? this.#webhooks.run(client, method, params);
        if (done === null) throw new RpcError(-32_601, 'method not found');
        return done;
      }
    }
  }

  #info(client: string, token: unknown): Json {
    const { tokens, validSeconds } = this.#terms;
    if (tokens.length > 0 && !tokens.includes(String(token)))
      throw new RpcError(200, 'unrecognized_or_stale_token');
    const params = {
      min_fee_msat: String(this.#terms.minFeeMsat),
      proportional: this.#terms.proportional,
      valid_until: new Date(Date.now() + validSeconds * 1000).toISOString(),
      min_lifetime: 1_008,
      max_client_to_self_delay: this.#terms.maxClientToSelfDelay,
      min_payment_size_msat: String(this.#terms.minPaymentMsat),
      max_payment_size_msat: String(this.#terms.maxPaymentMsat),
    };
    return { opening_fee_params_menu: [{ ...params, promise: this.#promise(client, params) }] };
  }

  #buy(client: string, { opening_fee_params: given, payment_size_msat: size }: Json): Json {
    if (typeof given !== 'object' || given === null) throw new RpcError(-32_602, 'invalid params');
    const { promise, ...params } = given as FeeParams & { promise: unknown };
    const terms = params as FeeParams;
    if (promise !== this.#promise(client, terms) || isPast(terms))
      throw new RpcError(201, 'invalid_opening_fee_params');
    const sizeMsat = typeof size === 'string' ? BigInt(size) : null;
    if (sizeMsat !== null) {
      if (sizeMsat < BigInt(terms.min_payment_size_msat) || openingFee(sizeMsat, terms) >= sizeMsat)
        throw new RpcError(202, 'payment_size_too_small');
      if (sizeMsat > BigInt(terms.max_payment_size_msat)) throw new RpcError(203, 'payment_size_too_large');
    }
    return {
      jit_channel_scid: this.#sell({ client, params: terms, sizeMsat }),
      lsp_cltv_expiry_delta: this.#terms.cltvDelta,
      client_trusts_lsp: false,
    };
  }

  #promise(client: string, params: Json): string {
    const text = JSON.stringify([client, ...Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    return createHmac('sha256', this.#secret).update(text).digest('hex');
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new RpcError(-32_700, 'parse error');
  }
}

export const newSecret = (): Uint8Array => new Uint8Array(randomBytes(32));
