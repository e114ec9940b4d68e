import { feeratePerKw, msatToSat, sat, type FeeratePerKw, type Sat } from '../../../base/units.ts';
import { dustLimitOf } from '../../../bitcoin/dust.ts';
import { FEERATE_FLOOR, feeAtLeast } from '../../../bitcoin/fee.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import { closingWeight, simpleClosingTransaction } from '../../../commitment/closing.ts';
import type { Side } from '../../../commitment/params.ts';
import type { ClosingComplete } from '../../../wire/channel-close.ts';
import type { Core } from '../../state.ts';

/** Where the money goes: what each side said last. */
export type ClosingScripts = { readonly localScript: Uint8Array; readonly remoteScript: Uint8Array };

/** The TLVs of closing_complete and closing_sig, by which outputs the transaction has. */
export const VARIANTS = ['closerOutputOnly', 'closeeOutputOnly', 'closerAndCloseeOutputs'] as const;
export type Variant = (typeof VARIANTS)[number];

export type SimpleTerms = ClosingScripts & {
  readonly closer: Side;
  readonly fee: Sat;
  readonly lockTime: number;
};

const otherOf = (side: Side): Side => (side === 'local' ? 'remote' : 'local');

/** BOLT 3 §Closing Transaction, unsigned; null when the closer has less than the fee. */
export function simpleTx(channel: Core, terms: SimpleTerms, variant: Variant): Tx | null {
  const { closer, fee, lockTime } = terms;
  const omitted = {
    closerOutputOnly: otherOf(closer),
    closeeOutputOnly: closer,
    closerAndCloseeOutputs: undefined,
  };
  const built = simpleClosingTransaction(
    {
      funding: channel.active[0].funding,
      local: { amount: msatToSat(channel.ledger.local), script: terms.localScript },
      remote: { amount: msatToSat(channel.ledger.remote), script: terms.remoteScript },
      fee,
      feePayer: closer,
    },
    lockTime,
    omitted[variant],
  );
  return built.ok ? built.value.tx : null;
}

/** What a closing transaction costs at a rate: no less than what is relayed. */
export const closingFeeAt = (rate: FeeratePerKw, { localScript, remoteScript }: ClosingScripts): Sat =>
  feeAtLeast(rate > FEERATE_FLOOR ? rate : FEERATE_FLOOR, closingWeight([localScript, remoteScript]));

/** The least rate at which it costs so much. */
export const closingRateFor = (fee: bigint, { localScript, remoteScript }: ClosingScripts): FeeratePerKw =>
  feeratePerKw(Math.ceil((Number(fee) * 1000) / closingWeight([localScript, remoteScript])));

/** So much more than before is relayed in its place: a satoshi for each virtual byte. */
export const replacementStep = ({ localScript, remoteScript }: ClosingScripts): Sat =>
  sat(Math.ceil(closingWeight([localScript, remoteScript]) / 4));

export type SimpleOffer = { readonly fee: Sat; readonly variants: readonly Variant[] };

/** What we would offer as closer; null where nothing would be left for us. */
export function simpleOffer(
  { ledger }: Core,
  scripts: ClosingScripts,
  rate: FeeratePerKw,
): SimpleOffer | null {
  const [local, remote] = [msatToSat(ledger.local), msatToSat(ledger.remote)];
  const dust = dustLimitOf(scripts.localScript);
  const room = local > dust ? sat(local - dust) : sat(0);
  const fair = closingFeeAt(rate, scripts);
  if (ledger.local < ledger.remote)
    // BOLT 2 §closing_complete: "If the local outstanding balance (in millisatoshi) is less than the remote outstanding
    // balance: MUST NOT set `closer_output_only`. MUST set `closee_output_only` if the local output amount is dust."
    // DIVERGES from BOLT 2 §closing_complete: "SHOULD send a `closing_complete` message": not where our output would be
    // dust, because all of it would be fee, and there is nothing in it for us. The peer has more, and pays.
    return fair > room ? null : { fee: fair, variants: ['closerAndCloseeOutputs'] };
  // BOLT 2 §closing_complete: "MUST set `fee_satoshis` to a fee less than or equal to its outstanding balance, rounded
  // down to whole satoshis. MUST set `fee_satoshis` so that at least one output is not dust."
  const fee = fair < room ? fair : room;
  if (fee === 0n) return null;
  // BOLT 2 §closing_complete: "If the closee's output amount is dust: MUST set `closer_output_only`. MUST NOT set
  // `closer_and_closee_outputs`. Otherwise: MUST set both `closer_output_only` and `closer_and_closee_outputs`."; "Otherwise
  // (not lesser amount, cannot remove its own output): MUST NOT set `closee_output_only`."
  const alone = remote < dustLimitOf(scripts.remoteScript);
  return { fee, variants: alone ? ['closerOutputOnly'] : ['closerOutputOnly', 'closerAndCloseeOutputs'] };
}

/** As closee: the signature that counts, by our own output. */
export function selectedVariant(
  { ledger }: Core,
  { localScript }: ClosingScripts,
  offered: ClosingComplete,
): Variant {
  // BOLT 2 §closing_complete: "If the local output amount is dust: MUST use `closer_output_only`."; "Otherwise, if
  // `closer_and_closee_outputs` is present: MUST use `closer_and_closee_outputs`. Otherwise: MUST use
  // `closee_output_only`."
  if (msatToSat(ledger.local) < dustLimitOf(localScript)) return 'closerOutputOnly';
  return offered.closerAndCloseeOutputs === undefined ? 'closeeOutputOnly' : 'closerAndCloseeOutputs';
}

/** The peer could pay for it at this rate, and have something left. */
export const canPeerPay = ({ ledger }: Core, scripts: ClosingScripts, rate: FeeratePerKw): boolean =>
  msatToSat(ledger.remote) >= closingFeeAt(rate, scripts) + dustLimitOf(scripts.remoteScript);

/** What a transaction that spends the funding output pays. */
export const feeOfClosing = ({ active: [{ funding }] }: Core, tx: Tx): Sat =>
  sat(funding.amount - tx.outputs.reduce((sum, { amount }) => sum + amount, 0n));
