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

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** What each method of ours takes. */
const PARAMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['lsps0.list_protocols', []],
  ['lsps1.get_info', []],
  [
    'lsps1.create_order',
    [
      'lsp_balance_sat',
      'client_balance_sat',
      'required_channel_confirmations',
      'funding_confirms_within_blocks',
      'channel_expiry_blocks',
      'token',
      'refund_onchain_address',
      'announce_channel',
    ],
  ],
  ['lsps1.get_order', ['order_id']],
  ['lsps2.get_info', ['token']],
  ['lsps2.buy', ['opening_fee_params', 'payment_size_msat']],
  ['lsps5.set_webhook', ['app_name', 'webhook']],
  ['lsps5.list_webhooks', []],
  ['lsps5.remove_webhook', ['app_name']],
]);

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
    let id: string | null = null;
    try {
      const request = parsed(text);
      ({ id } = request);
      const result = await this.#run(client, request.method, known(request));
      return JSON.stringify({ jsonrpc: '2.0', id, result });
    } catch (error) {
      const { code, message, data } =
        error instanceof RpcError ? error : new RpcError(-32_603, 'internal error');
      // bLIP 50 §`-32602` Invalid Parameters Error: "MUST include a `data` object in the `error` response."; "This `data` object MUST
      // contain at least the field `unrecognized`, a JSON array of strings".
      const more = data ?? (code === -32_602 ? { unrecognized: [] } : null);
      const said = { code, message, ...(more === null ? {} : { data: more }) };
      return JSON.stringify({ jsonrpc: '2.0', id, error: said });
    }
  }

  #run(client: string, method: string, params: Json): Json | Promise<Json> {
    switch (method) {
      // bLIP 50 §LSPS Specification Support Query: "0 MUST NOT appear in the `protocols` array."
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
    // bLIP 52 §1: "the client provided the `token`, and the LSP does not recognize it, or the token has expired."
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
    const isSize = size === undefined || (typeof size === 'string' && /^\d{1,19}$/.test(size));
    if (typeof given !== 'object' || given === null || !isSize) throw new RpcError(-32_602, 'invalid params');
    // bLIP 52 §2: "LSPs MUST check that the `opening_fee_params.promise` does in fact prove that it previously promised the
    // specified `opening_fee_params`."; "LSPs MUST check that the `opening_fee_params.valid_until` is not a past datetime."
    const { promise, ...params } = given as FeeParams & { promise: unknown };
    const terms = params as FeeParams;
    if (promise !== this.#promise(client, terms) || isPast(terms))
      throw new RpcError(201, 'invalid_opening_fee_params');
    const sizeMsat = typeof size === 'string' ? BigInt(size) : null;
    // bLIP 52 §2: "The LSP MUST validate that the `payment_size_msat` is within the previous `min_payment_size_msat` and
    // `max_payment_size_msat` parameters from the LSP."; "MUST check that the resulting `opening_fee` is strictly less than the
    // `payment_size_msat`."; "MUST compute the `opening_fee` and check that the computation did not hit an overflow failure."
    if (sizeMsat !== null) {
      if (sizeMsat * BigInt(terms.proportional) + 999_999n > U64_MAX)
        throw new RpcError(203, 'payment_size_too_large');
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

  /**
   * bLIP 52 §1: "SHOULD use a cryptographically-verifiable method of generating `promise`"; "MUST ensure the promise is no longer than
   * 512 bytes"; "MUST avoid characters outside of the printable ASCII range."
   */
  #promise(client: string, params: Json): string {
    const text = JSON.stringify([client, ...Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    return createHmac('sha256', this.#secret).update(text).digest('hex');
  }
}

type Request = { readonly id: string; readonly method: string; readonly params: Json };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * bLIP 50 §Message Payload Format: "If the LSP, the received payload MUST parse to a JSON object that is a JSON-RPC 2.0 request.";
 * "MUST respond with a JSON-RPC 2.0 error response with the reason […] (`code` = `-32700`, `id` = `null`)."
 */
function parsed(text: string): Request {
  try {
    const read: unknown = text.includes('\0') ? null : JSON.parse(text);
    if (isObject(read)) {
      const { jsonrpc, id, method, params = {} } = read;
      if (jsonrpc === '2.0' && typeof id === 'string' && typeof method === 'string' && isObject(params))
        return { id, method, params };
    }
  } catch {
    // Answered as whatever else is no request.
  }
  throw new RpcError(-32_700, 'parse error');
}

/**
 * Its parameters, if we know each of them. bLIP 50 §LSPS Extension And Versioning: "if it receives a client-callable API `method` it
 * recognized, but with an unrecognized parameter."; "if it receives a request to call a client-callable API `method` that it does
 * not recognize."
 */
function known({ method, params }: Request): Json {
  const names = PARAMS.get(method);
  if (names === undefined) throw new RpcError(-32_601, 'method not found');
  const unrecognized = Object.keys(params).filter((name) => !names.includes(name));
  if (unrecognized.length > 0) throw new RpcError(-32_602, 'invalid params', { unrecognized });
  return params;
}

export const newSecret = (): Uint8Array => new Uint8Array(randomBytes(32));
