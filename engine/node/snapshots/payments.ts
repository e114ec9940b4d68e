import { toHex } from '../../base/bytes.ts';
import { outPointKey, type PaymentId, type TxId } from '../../base/ids.ts';
import { satToMsat } from '../../base/units.ts';
import { addressOf } from '../../bitcoin/address.ts';
import { txIdOf } from '../../bitcoin/tx.ts';
import { isFundingScript } from '../../commitment/funding.ts';
import type { LedgerEntry } from '../../payment/ledger.ts';
import { listTransactions, walletTransaction, type WalletTransaction } from '../../wallet/history.ts';
import type { PaymentDetails, PaymentPage } from '../api.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';
import type { Moves } from '../backup/records.ts';
import { isClaim } from '../claims/attempt.ts';
import type { Core } from '../core.ts';

const PAGE = 50;
const MOST = 500;
const CURSOR = /^\d{1,12}\/[0-9a-f]{64}$/;

type Place = Pick<PaymentDetails, 'createdAt' | 'id'>;

/** Lightning payments and on-chain transactions in one list, newest first. `after`: the `next` of the page before. */
export function paymentPage(core: Core, after?: string, limit: number = PAGE): PaymentPage {
  // The types of callers end at the worker's boundary.
  const wanted = typeof limit === 'number' ? Math.floor(limit) : PAGE;
  const size = Math.max(1, Math.min(MOST, wanted || PAGE));
  const cursor = typeof after === 'string' && CURSOR.test(after) ? after : null;
  const lightning = core.payments
    .page(cursor, size + 1, core.options.clock.now())
    .entries.map((entry) => lightningDetails(entry));
  const merged = [...lightning, ...coins(core, cursor)].sort(newestFirst);
  const shown = merged.slice(0, size);
  const last = shown.at(-1);
  return {
    payments: shown.map((details) => withAddresses(core, details)),
    next: merged.length > size && last !== undefined ? `${last.createdAt}/${last.id}` : null,
  };
}

/** Two payments of one second stand in the order of their ids, as the book has them. */
const newestFirst = (a: Place, b: Place): number =>
  b.createdAt - a.createdAt || (b.id < a.id ? -1 : b.id > a.id ? 1 : 0);

function coins(core: Core, cursor: string | null): readonly PaymentDetails[] {
  const all = listTransactions(core.wallet).filter(({ status }) => status !== 'replaced');
  const [at = '', id = ''] = cursor?.split('/') ?? [];
  const place = { createdAt: Number(at), id };
  return all
    .map((transaction) => onchainDetails(core, transaction))
    .filter((details) => cursor === null || newestFirst(place, details) < 0);
}

export function paymentDetails(core: Core, id: string): PaymentDetails | null {
  const entry = core.payments.entry(id as PaymentId, core.options.clock.now());
  if (entry !== null) return lightningDetails(entry);
  const transaction = walletTransaction(core.wallet, id as TxId);
  return transaction === null ? null : withAddresses(core, onchainDetails(core, transaction));
}

const lightningDetails = (entry: LedgerEntry): PaymentDetails => ({
  id: entry.id,
  kind: entry.kind,
  direction: entry.direction,
  state: entry.state,
  amountMsat: entry.amount,
  feeMsat: entry.fee,
  toSelf: entry.isCircle,
  description: entry.description,
  label: entry.label,
  createdAt: entry.createdAt,
  settledAt: entry.settledAt,
  expiresAt: entry.expiresAt,
  paymentHash: entry.paymentHash,
  preimage: entry.preimage === null ? null : toHex(entry.preimage),
  invoice: entry.invoice,
  peerNodeId: entry.payee,
  txId: null,
  confirmations: null,
  failure: entry.failure,
  attempts: entry.attempts,
  cameTo: [],
});

function onchainDetails(core: Core, transaction: WalletTransaction): PaymentDetails {
  const { txId, amount, fee, at, direction, label, time, confirmations } = transaction;
  const isIncoming = direction === 'incoming';
  const kind = kindOf(core, transaction);
  // Coins went into it and came out of it again: what it is about is what it cost.
  const isCost = direction === 'internal' && (kind === 'channel-close' || kind === 'onchain');
  return {
    id: txId,
    kind,
    direction: isIncoming ? 'incoming' : 'outgoing',
    state: confirmations > 0 ? 'succeeded' : 'pending',
    amountMsat: satToMsat(isCost && fee !== null ? fee : amount),
    // Of what comes in, only what a close took on its way was ours to pay.
    feeMsat: fee === null || isCost || (isIncoming && kind !== 'channel-close') ? null : satToMsat(fee),
    toSelf: direction === 'internal' && kind === 'onchain',
    description: '',
    label,
    createdAt: time,
    settledAt: at === null ? null : time,
    expiresAt: null,
    paymentHash: null,
    preimage: null,
    invoice: null,
    peerNodeId: null,
    txId,
    confirmations,
    failure: null,
    attempts: 0,
    cameTo: [],
  };
}

/** Written out for those that are shown alone: a wallet may have thousands. */
function withAddresses({ wallet, options }: Core, details: PaymentDetails): PaymentDetails {
  if (details.kind !== 'onchain' || details.direction !== 'incoming') return details;
  const sums = new Map<string, bigint>();
  for (const { script, amount } of wallet.txs.get(details.id as TxId)?.tx.outputs ?? []) {
    const address = ledgerOf(wallet).ownScript(script) === null ? null : addressOf(script, options.network);
    if (address !== null) sums.set(address, (sums.get(address) ?? 0n) + amount);
  }
  return { ...details, cameTo: [...sums].map(([address, amountSat]) => ({ address, amountSat })) };
}

function kindOf(core: Core, { txId, purpose }: WalletTransaction): PaymentDetails['kind'] {
  const { opened, closed } = core.moves;
  // Of one that was restored nobody wrote down why it was made.
  if (purpose === 'funding' || isFunding(core, txId) || opened.has(txId)) return 'channel-open';
  if (isClaim(purpose) || isClosing(core, txId) || closed.has(txId)) return 'channel-close';
  return kindFromWords(core.wallet, txId);
}

/**
 * Where there was no backup either: coins of ours went to two keys and came back from there. This disk made no such
 * payment, and a channel is what this wallet does that with.
 */
function kindFromWords(wallet: WalletState, txId: TxId): PaymentDetails['kind'] {
  if (comesBack(wallet, txId)) return 'channel-close';
  const outputs = wallet.txs.get(txId)?.tx.outputs ?? [];
  const wentIn = outputs.some((_, index) => {
    const spender = ledgerOf(wallet).spenderOf({ txId, index });
    return spender !== null && comesBack(wallet, spender);
  });
  return wentIn && isOldPayment(wallet, txId) ? 'channel-open' : 'onchain';
}

const comesBack = (wallet: WalletState, txId: TxId): boolean =>
  (wallet.txs.get(txId)?.tx.inputs ?? []).some(
    ({ outPoint, witness }) =>
      isFundingScript(witness.at(-1) ?? new Uint8Array()) && isOldPayment(wallet, outPoint.txId),
  );

/** Of coins of ours, and not made on this disk, which notes what for. */
function isOldPayment(wallet: WalletState, txId: TxId): boolean {
  const entry = wallet.txs.get(txId);
  return (
    entry !== undefined &&
    entry.purpose === null &&
    entry.tx.inputs.some(({ outPoint }) => ledgerOf(wallet).ownOutput(outPoint) !== null)
  );
}

/** For a backup: of channels that are over nothing else of it tells. */
export function movesOf(core: Core): Moves {
  const all = listTransactions(core.wallet).map((one) => ({ id: one.txId, kind: kindOf(core, one) }));
  const ids = (wanted: PaymentDetails['kind']): readonly TxId[] =>
    all.filter(({ kind }) => kind === wanted).map(({ id }) => id);
  return { opened: ids('channel-open'), closed: ids('channel-close') };
}

function isFunding(core: Core, txId: TxId): boolean {
  for (const { state } of core.channels.all())
    if (
      state.durable?.params.opener === 'local' &&
      state.durable.active.some(({ funding }) => funding.outPoint.txId === txId)
    )
      return true;
  return false;
}

/** It spends what a channel of ours was funded with, or what such a transaction left. */
function isClosing(core: Core, txId: TxId): boolean {
  const inputs = core.wallet.txs.get(txId)?.tx.inputs ?? [];
  for (const { state } of core.channels.all()) {
    if (state.durable === null) continue;
    const { active } = state.durable;
    const spend = 'spend' in state.durable ? state.durable.spend : null;
    const spendId = spend === null ? null : txIdOf(spend.tx);
    for (const { outPoint } of inputs)
      if (
        outPoint.txId === spendId ||
        active.some(({ funding }) => outPointKey(funding.outPoint) === outPointKey(outPoint))
      )
        return true;
  }
  return false;
}
