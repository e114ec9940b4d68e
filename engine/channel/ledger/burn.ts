import type { FeeratePerKw } from '../../base/units.ts';
import { formatOf } from '../../commitment/formats.ts';
import type { Side } from '../../commitment/params.ts';
import type { Add, Ledger, Removal } from '../ledger.ts';
import { formatIdOf, type ChannelParams } from '../params.ts';
import { NO_PROPOSALS, type Proposals } from '../session.ts';
import { trimThreshold } from './load.ts';
import { eachHtlc, type View } from './view.ts';

/** A fee rate, and the most that the mempool can be a reason for. */
export type Rates = { readonly feerate: FeeratePerKw; readonly fair: FeeratePerKw };

/**
 * What `feerate` takes of an HTLC that is ours to have, beyond what a fair rate would, in millisatoshis: all of it where it
 * has no output any more, and in our own commitment, without anchors, the fee of the transaction that brings it home. That
 * one is signed with the commitment, so that whoever sets the fee rate sets what is left of the HTLC.
 */
export function burntOf(
  params: ChannelParams,
  owner: Side,
  { direction, amount }: Pick<Add, 'direction' | 'amount'>,
  { feerate, fair }: Rates,
): bigint {
  const { htlcFee } = formatOf(formatIdOf(params));
  const lostAt = (rate: FeeratePerKw): bigint => {
    if (amount < trimThreshold(params, owner, direction, rate)) return amount;
    return owner === 'local' ? htlcFee(rate, direction === 'outgoing' ? 'offered' : 'received') * 1000n : 0n;
  };
  return feerate <= fair ? 0n : lostAt(feerate) - lostAt(fair);
}

/** The same of all HTLCs that are ours, or may be, in millisatoshis. */
export function burnt(
  params: ChannelParams,
  ledger: Ledger,
  owner: Side,
  view: View,
  rates: Rates,
  proposals: Proposals = NO_PROPOSALS,
): bigint {
  let sum = 0n;
  if (rates.feerate <= rates.fair) return sum;
  eachHtlc(ledger, proposals, (add, step, removal) => {
    const [first, last] = view[add.direction];
    if (step >= first && step <= last && mayBeOurs(add, removal)) sum += burntOf(params, owner, add, rates);
  });
  return sum;
}

/** It may come back to us, or be taken with a preimage that we gave or may give. */
const mayBeOurs = ({ direction }: Add, removal: Removal | null): boolean =>
  removal === null || (removal.tag === 'fulfill') === (direction === 'incoming');
