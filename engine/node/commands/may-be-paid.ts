import { equalBytes } from '../../base/bytes.ts';
import type { PaymentId, TxId } from '../../base/ids.ts';
import { scriptOfAddress } from '../../bitcoin/address.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import type { Bolt11Invoice } from '../../invoice/bolt11.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';
import type { Desks } from '../desks.ts';
import type { PaidBy, Refusal } from '../refusal.ts';

export type MayBePaid = Extract<Refusal, { readonly code: 'may-be-paid' }>;
type Invoice = Pick<Bolt11Invoice, 'paymentHash' | 'timestamp' | 'fallbacks'>;

/**
 * How it may have been paid, by either way.
 * @param address beside the invoice.
 */
export function mayBePaid(
  { core, backup }: Pick<Desks, 'core' | 'backup'>,
  { paymentHash, timestamp, fallbacks }: Invoice,
  address: string | null,
): PaidBy | null {
  const known = core.payments.entry(paymentHash as string as PaymentId, core.options.clock.now());
  // What ended unknown here is not paid again whatever a person says.
  if (known !== null && (known.state !== 'failed' || known.failure?.code === 'outcome-unknown'))
    return known.direction === 'outgoing' ? 'invoice' : null;
  const beside = address === null ? null : scriptOfAddress(address, core.options.network);
  const scripts = beside?.ok === true ? [...fallbacks, beside.value] : fallbacks;
  if (scripts.some((script) => isPaid(core.wallet, script))) return 'address';
  return backup.mayHavePaid(timestamp) ? 'earlier-device' : null;
}

/**
 * We sent to it, and that may be in a block or come into one; or it waits for signatures of others. What gave way to
 * another, as a payment that was cancelled, is over only when that is in a block: until then either may be taken.
 */
export function isPaid(wallet: WalletState, script: Uint8Array): boolean {
  const pays = payingTo(wallet, script);
  return (
    [...wallet.txs].some(([id, { tx }]) => pays(tx) && mayBeMined(wallet, id)) ||
    [...wallet.reservations.values()].some(({ tx }) => pays(tx))
  );
}

/** We sent to it once, whatever became of that. */
export function hasPaid(wallet: WalletState, script: Uint8Array): boolean {
  const pays = payingTo(wallet, script);
  return [...wallet.txs.values()].some(({ tx }) => pays(tx));
}

function payingTo(wallet: WalletState, script: Uint8Array): (tx: Tx) => boolean {
  const ledger = ledgerOf(wallet);
  const isOwn = ledger.ownScript(script) !== null;
  return ({ inputs, outputs }) =>
    !isOwn &&
    outputs.some((output) => equalBytes(output.script, script)) &&
    inputs.some(({ outPoint }) => ledger.ownOutput(outPoint) !== null);
}

function mayBeMined({ txs }: Pick<WalletState, 'txs'>, id: TxId): boolean {
  const entry = txs.get(id);
  if (entry === undefined || entry.at !== null) return true;
  const rival = entry.replacedBy === null ? null : txs.get(entry.replacedBy);
  if (rival != null && rival.at !== null) return false;
  return entry.tx.inputs.every(({ outPoint }) => mayBeMined({ txs }, outPoint.txId));
}
