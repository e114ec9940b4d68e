import type { OutPoint } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import { timestamp, type Sat, type Timestamp } from '../base/units.ts';
import { nonsense, type LspFailure } from './lsp-failure.ts';
import { isRecord, readDatetime, readOutPoint, readSat, readWhole } from './scalars.ts';

/** bLIP 51 §2: an order as the LSP tells it. Whether it is what was asked for: `orderFault`. */
export type LspOrder = {
  readonly orderId: string;
  readonly lspBalance: Sat;
  readonly clientBalance: Sat;
  readonly confirmations: number;
  readonly fundingBlocks: number;
  readonly expiryBlocks: number;
  readonly announced: boolean;
  readonly state: 'created' | 'completed' | 'failed';
  readonly lightning: LightningOption | null;
  readonly onchain: OnchainOption | null;
  /** Null until its funding transaction is published. */
  readonly channel: { readonly funding: OutPoint; readonly expiresAt: Timestamp } | null;
};

type Price = { readonly expiresAt: Timestamp; readonly fee: Sat; readonly total: Sat };
type LightningOption = Price & {
  /** `hold`: the payment is there, and comes back when no channel comes of it. */
  readonly state: 'expected' | 'hold' | 'paid' | 'refunded';
  readonly invoice: string;
};
type OnchainOption = Price & {
  readonly state: 'expected' | 'paid' | 'refunded';
  readonly address: string;
  readonly confirmations: number;
  /** What it says that it would refund to; null: it does not say. */
  readonly refundAddress: string | null;
};

const LONGEST_ID = 64;
const LONGEST_INVOICE = 2_048;
const LONGEST_ADDRESS = 90;
const U16 = 0xffff;
const U32 = 0xffff_ffff;

const STATES = new Map([
  ['CREATED', 'created'],
  ['COMPLETED', 'completed'],
  ['FAILED', 'failed'],
] as const);
const LIGHTNING_STATES = new Map([
  ['EXPECT_PAYMENT', 'expected'],
  ['HOLD', 'hold'],
  ['PAID', 'paid'],
  ['REFUNDED', 'refunded'],
  // bLIP 51 §3.1: "Clients SHOULD still support this state for backwards compatibility."
  ['CANCELLED', 'refunded'],
] as const);
const ONCHAIN_STATES = new Map([
  ['EXPECT_PAYMENT', 'expected'],
  ['PAID', 'paid'],
  ['REFUNDED', 'refunded'],
] as const);

type Json = Readonly<Record<string, unknown>>;

/** The result of `lsps1.create_order` and `lsps1.get_order`. */
export function readOrder(result: Json): Result<LspOrder, LspFailure> {
  // bLIP 51 §2: "MUST be at most 64 characters long."
  const orderId = readText(result['order_id'], LONGEST_ID);
  const lspBalance = readSat(result['lsp_balance_sat']);
  const clientBalance = readSat(result['client_balance_sat']);
  const confirmations = readWhole(result['required_channel_confirmations'], U16);
  const fundingBlocks = readWhole(result['funding_confirms_within_blocks'], U16);
  const expiryBlocks = readWhole(result['channel_expiry_blocks'], U32);
  const announced = result['announce_channel'];
  // bLIP 51 §2: "`order_state <string enum>` Current state of the order."
  const state = valueOf(STATES, result['order_state']);
  const { payment } = result;
  if (
    orderId === null ||
    lspBalance === null ||
    clientBalance === null ||
    confirmations === null ||
    fundingBlocks === null ||
    expiryBlocks === null ||
    typeof announced !== 'boolean' ||
    state === null ||
    readDatetime(result['created_at']) === null ||
    !isRecord(payment)
  )
    return nonsense('an order that cannot be read');
  // bLIP 51 §3: "The Client MUST ignore unkown payment options."; "The LSP MAY omit payment options." Of bLIP 51 §3.2 we know
  // nothing yet: offers of BOLT 12 are among the unknown.
  const lightning = optional(payment['bolt11'], readLightning);
  const onchain = optional(payment['onchain'], readOnchain);
  const channel = optional(result['channel'], readChannel);
  if (lightning === false || onchain === false || channel === false)
    return nonsense('a part of an order that cannot be read');
  const terms = { orderId, lspBalance, clientBalance, confirmations, fundingBlocks, expiryBlocks };
  return ok({ ...terms, announced, state, lightning, onchain, channel });
}

function readPrice(value: Json): Price | null {
  const expiresAt = readDatetime(value['expires_at']);
  const fee = readSat(value['fee_total_sat']);
  const total = readSat(value['order_total_sat']);
  return expiresAt === null || fee === null || total === null
    ? null
    : { expiresAt: timestamp(expiresAt), fee, total };
}

function readLightning(value: Json): LightningOption | null {
  const price = readPrice(value);
  // bLIP 51 §3.1: "`HOLD` Lighting payment arrived, preimage NOT released."
  const state = valueOf(LIGHTNING_STATES, value['state']);
  // bLIP 51 §3.1: "MUST be at most 2048 characters long."
  const invoice = readText(value['invoice'], LONGEST_INVOICE);
  return price === null || state === null || invoice === null ? null : { ...price, state, invoice };
}

function readOnchain(value: Json): OnchainOption | null {
  const price = readPrice(value);
  const state = valueOf(ONCHAIN_STATES, value['state']);
  const address = readText(value['address'], LONGEST_ADDRESS);
  const confirmations = readWhole(value['min_onchain_payment_confirmations'], U16);
  const refund = value['refund_onchain_address'] ?? null;
  const refundAddress = refund === null ? null : readText(refund, LONGEST_ADDRESS);
  // bLIP 51 §3.3: "MUST be `null` or absent if `min_onchain_payment_confirmations` is greater than 0."
  const hurried = value['min_fee_for_0conf'] ?? null;
  if (hurried !== null && (confirmations !== 0 || readWhole(hurried, U32) === null)) return null;
  if (price === null || state === null || address === null || confirmations === null) return null;
  if (refund !== null && refundAddress === null) return null;
  return { ...price, state, address, confirmations, refundAddress };
}

function readChannel(value: Json): LspOrder['channel'] {
  // bLIP 51 §4: "`funding_outpoint` <LSPS0.outpoint> Outpoint of the funding transaction."
  const funding = readOutPoint(value['funding_outpoint']);
  const expiresAt = readDatetime(value['expires_at']);
  if (funding === null || expiresAt === null || readDatetime(value['funded_at']) === null) return null;
  return { funding, expiresAt: timestamp(expiresAt) };
}

/** Null where there is none; false where it cannot be read. */
function optional<T>(value: unknown, read: (value: Json) => T | null): T | null | false {
  if (value === undefined || value === null) return null;
  return isRecord(value) ? (read(value) ?? false) : false;
}

const readText = (value: unknown, longest: number): string | null =>
  typeof value === 'string' && value.length <= longest && /^[!-~]+$/.test(value) ? value : null;

const valueOf = <T>(names: ReadonlyMap<string, T>, value: unknown): T | null =>
  typeof value === 'string' ? (names.get(value) ?? null) : null;
