import { msatToSat, sat, type Sat, type Weight } from '../../../base/units.ts';
import { dustLimitOf } from '../../../bitcoin/dust.ts';
import { FEERATE_FLOOR } from '../../../bitcoin/fee.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import { closingTransaction, closingWeight, type ClosingTerms } from '../../../commitment/closing.ts';
import { verifyFundingSignature } from '../../../commitment/funding.ts';
import { askedMax, haggledMax, haggledMin, most, openerFees } from '../../closing-room.ts';
import type { Env } from '../../env.ts';
import type { FeeOffer } from '../../session.ts';
import type { Negotiating } from '../../state.ts';
import { closingFeeAt } from './simple-offer.ts';

const least = (a: Sat, b: Sat): Sat => (a < b ? a : b);

const weightOf = ({ localScript, remoteScript }: Negotiating): Weight =>
  closingWeight([localScript, remoteScript]);

/** What whoever pays the fee has. */
const payerOf = ({ params, ledger }: Negotiating): Sat =>
  msatToSat(params.opener === 'local' ? ledger.local : ledger.remote);

/** What we find fair, and the range of what we would sign. */
export function closingOffer(channel: Negotiating, env: Env): FeeOffer {
  const isOpener = channel.params.opener === 'local';
  const all = payerOf(channel);
  const payer = isOpener && channel.isAsked ? least(askedMax(all, weightOf(channel)), all) : all;
  const fees = openerFees(channel.closeFeerate, env.feerates, channel, all);
  // BOLT 2 §closing_signed: "SHOULD set the initial `fee_satoshis` according to its estimate of cost of inclusion in a
  // block."
  const fair = least(fees.fair, payer);
  // BOLT 2 §closing_signed: "SHOULD set `fee_range` according to the minimum and maximum fees it is prepared to pay for
  // a close transaction."
  const min = least(closingFeeAt(FEERATE_FLOOR, channel), fair);
  // BOLT 2 §closing_signed: "if it is not the funder: SHOULD set `max_fee_satoshis` to at least the `max_fee_satoshis`
  // received; SHOULD set `min_fee_satoshis` to a fairly low value"
  return { fee: fair, min, max: isOpener ? least(fees.max, payer) : payer };
}

/** The same for a peer without `fee_range`: a range in which there is always a next step. */
export function haggledOffer(channel: Negotiating, env: Env, { fee, min, max }: FeeOffer): FeeOffer {
  const { fee: fair } = closingOffer(channel, env);
  return {
    fee,
    min: haggledMin(min, weightOf(channel)),
    max: least(haggledMax(max, fair), payerOf(channel)),
  };
}

/** Unsigned, as we would sign it; null when it cannot be made. */
export function closingTx(channel: Negotiating, fee: Sat): Tx | null {
  const { local, remote } = channel.params;
  // The peer removes what is below its own limit, and we may eliminate our own: the higher limit suits both.
  const built = closingTransaction(termsOf(channel, fee), most(local.dustLimit, remote.dustLimit));
  return built.ok ? built.value.tx : null;
}

/** The variant of the closing transaction that the peer signed; null when its signature fits none. */
export function signedVariant(channel: Negotiating, fee: Sat, signature: Uint8Array): Tx | null {
  const { local, remote } = channel.params;
  const terms = termsOf(channel, fee);
  const [{ funding }] = channel.active;
  for (const dustLimit of new Set([
    most(local.dustLimit, remote.dustLimit),
    local.dustLimit,
    remote.dustLimit,
  ]))
    for (const omit of [undefined, 'remote'] as const) {
      const built = closingTransaction(terms, dustLimit, omit);
      if (built.ok && verifyFundingSignature(built.value.tx, 0, funding, signature)) return built.value.tx;
    }
  return null;
}

const termsOf = (channel: Negotiating, fee: Sat): ClosingTerms => ({
  funding: channel.active[0].funding,
  // BOLT 3 §Legacy Closing Transaction: "MUST round each output down to whole satoshis."
  local: { amount: msatToSat(channel.ledger.local), script: channel.localScript },
  remote: { amount: msatToSat(channel.ledger.remote), script: channel.remoteScript },
  fee,
  // BOLT 3 §Legacy Closing Transaction: "MUST subtract the fee given by `fee_satoshis` from the output to the funder."
  feePayer: channel.params.opener,
});

/** An output that nodes would not relay. */
export const hasDust = (tx: Tx): boolean =>
  tx.outputs.some(({ amount, script }) => amount < dustLimitOf(script));

/** A fee strictly between two; null when there is none. */
export function between(a: Sat, b: Sat): Sat | null {
  const middle = sat((a + b) / 2n);
  return middle > least(a, b) && middle < most(a, b) ? middle : null;
}
