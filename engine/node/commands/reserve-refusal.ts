import { outPointKey } from '../../base/ids.ts';
import { sat, type Sat } from '../../base/units.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { quoteFunding, type FundingRequest } from '../../wallet/reservations.ts';
import { quoteSend, type SendRequest } from '../../wallet/send.ts';
import type { WalletRefusal } from '../../wallet/wallet-refusal.ts';
import { balanceOf, isSpendable } from '../../wallet/balance.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { WalletStep } from '../../wallet/wallet-state.ts';
import { reserveWanted, type ReserveCore } from '../claims/reserve.ts';
import type { Core } from '../core.ts';
import { refusalFromWallet } from '../refusal-from.ts';
import type { Refusal } from '../refusal.ts';

/** The wallet's refusal; or, where there is enough but for what closing channels may need, that. */
export function sendRefusal({ wallet }: Core, request: SendRequest, refusal: WalletRefusal): Refusal {
  const ask = (wish: Partial<SendRequest>): ReturnType<typeof quoteSend> =>
    quoteSend(wallet, { ...request, ...wish });
  return explained(refusal, request.keepBack, ask);
}

/** The same for a new channel. */
export function fundingRefusal({ wallet }: Core, request: FundingRequest, refusal: WalletRefusal): Refusal {
  const ask = (wish: Partial<FundingRequest>): ReturnType<typeof quoteFunding> =>
    quoteFunding(wallet, { ...request, ...wish });
  return explained(refusal, request.keepBack, ask);
}

type Ask = (wish: {
  readonly amount?: 'all';
  readonly keepBack?: ReturnType<typeof sat>;
}) => ReturnType<typeof quoteSend>;

function explained(refusal: WalletRefusal, keepBack = sat(0), ask: Ask): Refusal {
  const isShort = refusal.code === 'insufficient-funds' || refusal.code === 'below-dust';
  if (!isShort || keepBack === 0n || !ask({ keepBack: sat(0) }).ok) return refusalFromWallet(refusal);
  const most = ask({ amount: 'all' });
  return { code: 'reserve-needed', reserveSat: keepBack, mostSat: most.ok ? most.value.amount : 0n };
}

export type Dip = Extract<Refusal, { readonly code: 'reserve-needed' }>;

/**
 * A transaction that was not made here, and takes coins that are free. Null when what it leaves of them, with what it
 * brings back, is enough for closing channels; or as much as before.
 * @param beside may go out as well.
 */
export function takesReserve(core: ReserveCore, tx: Tx, beside: readonly Tx[] = []): Dip | null {
  const wanted = reserveWanted(core);
  const ledger = ledgerOf(core.wallet);
  const free = new Map(
    ledger.coins.filter(isSpendable).map(({ outPoint, output }) => [outPointKey(outPoint), output.amount]),
  );
  const costed = (one: Tx): { readonly inputs: readonly string[]; readonly cost: bigint } => {
    const inputs = [...new Set(one.inputs.map(({ outPoint }) => outPointKey(outPoint)))];
    const change = one.outputs.filter(({ script }) => ledger.ownScript(script) !== null);
    return {
      inputs,
      cost: sumOf(inputs.map((key) => free.get(key) ?? 0n)) - sumOf(change.map(({ amount }) => amount)),
    };
  };
  const asked = costed(tx);
  // Of two that spend the same coin one goes out: the one that is asked for; of others the dearer one, for all we know.
  const others = beside
    .map(costed)
    .filter(({ inputs }) => inputs.some((key) => free.has(key)))
    .sort((a, b) => Number(b.cost - a.cost));
  const gone = new Set(asked.inputs);
  let before: bigint = balanceOf(core.wallet).spendable;
  for (const { inputs, cost } of others) {
    if (inputs.some((key) => gone.has(key))) continue;
    for (const key of inputs) gone.add(key);
    before -= cost;
  }
  return dipOf(wanted, before, before - asked.cost);
}

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

/**
 * A higher fee for what is on its way may not be taken out of what closing channels need either. Null when it is not:
 * there is more, or there was too little before, and it costs none of it.
 */
export function dipsIntoReserve(core: ReserveCore, bumped: WalletStep): Dip | null {
  const wanted = reserveWanted(core);
  return dipOf(wanted, balanceOf(core.wallet).spendable, balanceOf(bumped.state).spendable);
}

function dipOf(wanted: Sat, before: bigint, after: bigint): Dip | null {
  if (after >= wanted || after >= before) return null;
  return { code: 'reserve-needed', reserveSat: wanted, mostSat: before > wanted ? before - wanted : 0n };
}
