import type { ChannelConfig } from '../../env.ts';
import type { IncomingHtlc } from '../../htlc.ts';
import type { Add, Ledger } from '../../ledger.ts';
import { loadOf, trimThreshold } from '../../ledger/load.ts';
import { LOCAL, REMOTE } from '../../ledger/view.ts';
import { isInBlock } from '../../funded.ts';
import type { ChannelParams } from '../../params.ts';
import type { Core } from '../../state.ts';

/**
 * BOLT 2 §max_dust_htlc_exposure_msat: "if the `amount_msat` plus the dust balance of the remote transaction is greater
 * than `max_dust_htlc_exposure_msat`: SHOULD fail this HTLC once it's committed; SHOULD NOT reveal a preimage for this
 * HTLC". The ids of those.
 */
export function exposedIds(
  params: ChannelParams,
  ledger: Ledger,
  config: ChannelConfig,
  adds: readonly Add[],
): ReadonlySet<bigint> {
  const exposed = new Set<bigint>();
  if (adds.length === 0) return exposed;
  for (const [owner, view] of [
    ['local', LOCAL],
    ['remote', REMOTE],
  ] as const) {
    const load = loadOf(params, ledger, owner, view);
    if (load.dust <= config.maxDustExposure) continue;
    const threshold = trimThreshold(params, owner, 'incoming', load.feerate);
    for (const { id, amount } of adds) if (amount < threshold) exposed.add(id);
  }
  return exposed;
}

export const offerOf = (
  channel: Pick<Core, 'params' | 'active'>,
  add: Add,
  exposed: boolean,
): IncomingHtlc => ({
  channelId: channel.params.channelId,
  id: add.id,
  amount: add.amount,
  paymentHash: add.paymentHash,
  cltvExpiry: add.cltvExpiry,
  onion: add.onion,
  ...(add.pathKey === undefined ? {} : { pathKey: add.pathKey }),
  ...(add.skimmedFee === undefined ? {} : { skimmedFee: add.skimmedFee }),
  ...(exposed ? { mustFail: 'dust-exposure' as const } : {}),
  ...(isInBlock(channel) ? {} : { mustFail: 'not-funded' as const }),
});
