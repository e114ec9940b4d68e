import type { Env } from '../../env.ts';
import { isInBlock, isUnseen } from '../../funded.ts';
import type { IncomingHtlc, MustFail } from '../../htlc.ts';
import type { Add, Ledger } from '../../ledger.ts';
import { burnt, burntOf } from '../../ledger/burn.ts';
import { loadOf, trimThreshold } from '../../ledger/load.ts';
import { feerateOf, LOCAL, REMOTE } from '../../ledger/view.ts';
import type { ChannelParams } from '../../params.ts';
import type { Core } from '../../state.ts';
import { fairFeerate } from './fair-feerate.ts';
import { timelyFeerate } from './timely-feerate.ts';

/** Those of `adds` that may not be fulfilled, as the channel and the mempool stand now. */
export function doomed(
  params: ChannelParams,
  ledger: Ledger,
  env: Pick<Env, 'config' | 'feerates'>,
  adds: readonly Add[],
): ReadonlyMap<bigint, MustFail> {
  const fates = new Map<bigint, MustFail>();
  if (adds.length === 0) return fates;
  for (const id of slowIds(params, ledger, env, adds)) fates.set(id, 'slow-commitment');
  for (const id of exposedIds(params, ledger, env, adds)) fates.set(id, 'dust-exposure');
  return fates;
}

/**
 * BOLT 2 §max_dust_htlc_exposure_msat: "if the `amount_msat` plus the dust balance of the remote transaction is greater
 * than `max_dust_htlc_exposure_msat`: SHOULD fail this HTLC once it's committed; SHOULD NOT reveal a preimage for this
 * HTLC"
 * Also where the fee of the transaction that brings it home would take it, at a rate that no mempool asks for.
 */
function exposedIds(
  params: ChannelParams,
  ledger: Ledger,
  { config, feerates }: Pick<Env, 'config' | 'feerates'>,
  adds: readonly Add[],
): bigint[] {
  const exposed: bigint[] = [];
  for (const [owner, view] of [
    ['local', LOCAL],
    ['remote', REMOTE],
  ] as const) {
    const load = loadOf(params, ledger, owner, view);
    const rates = { feerate: load.feerate, fair: fairFeerate(feerates) };
    if (burnt(params, ledger, owner, view, rates) > config.maxDustExposure)
      for (const add of adds) if (burntOf(params, owner, add, rates) > 0n) exposed.push(add.id);
    if (load.dust <= config.maxDustExposure) continue;
    const threshold = trimThreshold(params, owner, 'incoming', load.feerate);
    for (const { id, amount } of adds) if (amount < threshold) exposed.push(id);
  }
  return exposed;
}

/**
 * Without anchors nobody can pay later for a commitment that pays too little. A peer that lowered the fee rate, or left
 * it where it was while fees rose, could take the preimage and let the HTLC time out before our commitment is mined.
 */
function slowIds(
  params: ChannelParams,
  ledger: Ledger,
  { feerates }: Pick<Env, 'feerates'>,
  adds: readonly Add[],
): bigint[] {
  const feerate = feerateOf(ledger, LOCAL, params.opener);
  if (feerate >= timelyFeerate(params.type, feerates, 'to-take')) return [];
  const threshold = trimThreshold(params, 'local', 'incoming', feerate);
  return adds.filter(({ amount }) => amount >= threshold).map(({ id }) => id);
}

export const offerOf = (
  channel: Pick<Core, 'params' | 'active'>,
  add: Add,
  fate: MustFail | undefined,
  { takesUnseen }: Pick<Env, 'takesUnseen'>,
): IncomingHtlc => ({
  channelId: channel.params.channelId,
  id: add.id,
  amount: add.amount,
  paymentHash: add.paymentHash,
  cltvExpiry: add.cltvExpiry,
  onion: add.onion,
  ...(add.pathKey === undefined ? {} : { pathKey: add.pathKey }),
  ...(add.skimmedFee === undefined ? {} : { skimmedFee: add.skimmedFee }),
  ...(fate === undefined ? {} : { mustFail: fate }),
  ...(isInBlock(channel) || (isUnseen(channel) && takesUnseen(add.paymentHash))
    ? {}
    : { mustFail: 'not-funded' as const }),
});
