import { err, ok, type Result } from '../base/result.ts';
import { sat, type Sat } from '../base/units.ts';
import { nonsense, type LspFailure } from './lsp-failure.ts';
import { readSat, readWhole } from './scalars.ts';

/** bLIP 51 §1: what an LSP sells channels within. Pairs are inclusive bounds. */
export type ChannelOptions = {
  /** Fewest confirmations after which it uses a channel. */
  readonly minConfirmations: number;
  /** Fewest blocks within which it has a funding transaction confirmed. */
  readonly minFundingBlocks: number;
  /** Blocks that it keeps a channel open at most. */
  readonly maxExpiryBlocks: number;
  readonly client: Bounds;
  readonly lsp: Bounds;
  readonly channel: Bounds;
};
export type Bounds = { readonly min: Sat; readonly max: Sat };

/** What we ask for. The channel is never announced. */
export type OrderWish = {
  readonly lspBalance: Sat;
  /** Ours from the beginning: paid with the fee, and pushed back. */
  readonly clientBalance: Sat;
  readonly confirmations: number;
  readonly fundingBlocks: number;
  readonly expiryBlocks: number;
  readonly token: string | null;
  /** Null: it is paid over Lightning, which gives back by itself. */
  readonly refundAddress: string | null;
};

const U16 = 0xffff;
const U32 = 0xffff_ffff;

/**
 * bLIP 51 §2: "The client MUST check if option_support_large_channel is enabled before they order a channel larger than 16,777,216 satoshi."
 * It is not.
 */
const LARGEST_CHANNEL = sat(2n ** 24n - 1n);

/** Three months: what is longer costs more, and a person who still needs the channel then uses it. */
const WISHED_BLOCKS = 12_960;
/** An hour: nobody pays for the next block. */
const PATIENT_BLOCKS = 6;

/** The result of `lsps1.get_info`. */
export function readOptions(result: Readonly<Record<string, unknown>>): Result<ChannelOptions, LspFailure> {
  // bLIP 51 §1: "MUST be 0 or greater."
  const minConfirmations = readWhole(result['min_required_channel_confirmations'], U16);
  const minFundingBlocks = readWhole(result['min_funding_confirms_within_blocks'], U16);
  const maxExpiryBlocks = readWhole(result['max_channel_expiry_blocks'], U32);
  const client = readBounds(result, 'initial_client_balance');
  const lsp = readBounds(result, 'initial_lsp_balance');
  const channel = readBounds(result, 'channel_balance');
  // bLIP 51 §1: "Indicates if the LSP supports zeroreserve".
  const zeroReserve = result['supports_zero_channel_reserve'];
  if (
    minConfirmations === null ||
    minFundingBlocks === null ||
    maxExpiryBlocks === null ||
    client === null ||
    lsp === null ||
    channel === null ||
    (zeroReserve !== undefined && typeof zeroReserve !== 'boolean')
  )
    return nonsense('options of channels that cannot be read');
  // bLIP 51 §1: "MUST be 1 or greater"
  if (minFundingBlocks === 0 || maxExpiryBlocks === 0) return nonsense('options of channels of no time');
  return ok({ minConfirmations, minFundingBlocks, maxExpiryBlocks, client, lsp, channel });
}

function readBounds(result: Readonly<Record<string, unknown>>, name: string): Bounds | null {
  const min = readSat(result[`min_${name}_sat`]);
  const max = readSat(result[`max_${name}_sat`]);
  // bLIP 51 §1: "Every `min/max` options pair MUST ensure that `min <= max`."
  return min === null || max === null || min > max ? null : { min, max };
}

/** What it sells, as room to receive that is bought with as little of ours as it lets us. Null: nothing. */
function roomFor({ client, lsp, channel }: ChannelOptions): Bounds | null {
  const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
  // bLIP 51 §2: `lsp_balance_sat` "MUST be 1 or greater."; "MUST be equal or below `base_api.max_initial_lsp_balance_sat`."; "MUST be equal or greater `base_api.min_initial_lsp_balance_sat`."
  const min = most(most(lsp.min, channel.min - client.min), 1n);
  const max = least(lsp.max, least(channel.max, LARGEST_CHANNEL) - client.min);
  return min > max ? null : { min: sat(min), max: sat(max) };
}

/** What is asked for within its options. */
export function wishWithin(
  options: ChannelOptions,
  { lspBalance, token, refundAddress }: Pick<OrderWish, 'lspBalance' | 'token' | 'refundAddress'>,
): Result<OrderWish, LspFailure> {
  const room = roomFor(options);
  if (room === null) return err({ code: 'no-offer', why: 'none' });
  if (lspBalance < room.min || lspBalance > room.max) return err({ code: 'channel-out-of-range', ...room });
  return ok({
    lspBalance,
    // bLIP 51 §2: `client_balance_sat` "MUST be greater or equal `base_api.min_initial_client_balance_sat`."; "MUST be below
    // or equal `base_api.max_initial_client_balance_sat`."; "MUST be 0 or greater."
    clientBalance: options.client.min,
    // bLIP 51 §2: "MUST be greater or equal to `base_api.min_required_channel_confirmations`"
    confirmations: options.minConfirmations,
    // bLIP 51 §2: "MUST be greater or equal to `base_api.min_funding_confirms_within_blocks`"
    fundingBlocks: Math.max(options.minFundingBlocks, PATIENT_BLOCKS),
    // bLIP 51 §2: "MUST be below or equal `base_api.max_channel_expiry_blocks`." At least 1, as the options are.
    expiryBlocks: Math.min(options.maxExpiryBlocks, WISHED_BLOCKS),
    token,
    refundAddress,
  });
}
