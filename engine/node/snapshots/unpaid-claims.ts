import { blockHeight } from '../../base/units.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { isWorthAt } from '../../channel/claim-worth.ts';
import type { Alarm } from '../api.ts';
import type { Group } from '../claims/group.ts';
import { RESERVE_PER_CHANNEL, reserveHeld, reserveWanted } from '../claims/reserve.ts';
import type { Core } from '../core.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';

/** What no coins would be paid for asks for none. */
const isWorthCoins = ({ claims }: Group, { urgent }: Feerates): boolean =>
  claims.length === 0 || claims.some(({ claim }) => isWorthAt(claim, urgent));

/** Coins do not reach for the rate, yet for about as much as would be paid at most. */
function isPaidWell({ claims, lift, most }: Group, wallet: WalletState): boolean {
  const ledger = ledgerOf(wallet);
  const [first] = [...claims.map(({ claim }) => claim), ...(lift === null ? [] : [lift.anchor])];
  const id = first === undefined ? null : ledger.spenderOf(first.outPoint);
  const entry = id === null ? undefined : wallet.txs.get(id);
  return entry !== undefined && 2n * (ledger.feeOf(entry) ?? 0n) >= most;
}

/**
 * Of each closing channel whose claims are lost at a deadline, and lack coins for their fee. As things stand: it is over by
 * itself once the coins are there, or the peer has taken what it was about.
 */
export function unpaidClaims(core: Core): readonly Alarm[] {
  return [...core.channels.all()].flatMap((channel): readonly Alarm[] => {
    const groups = core.shortages.filter(
      ({ name, group }) =>
        name === channel &&
        group.deadline !== null &&
        isWorthCoins(group, core.feerates) &&
        !isPaidWell(group, core.wallet),
    );
    if (groups.length === 0) return [];
    const lacked = groups.reduce((sum, { missing }) => sum + missing, 0n);
    // As much as is to be kept for closing channels in any case: fees rise as the deadline comes nearer.
    const kept = reserveWanted(core) - reserveHeld(core);
    const missing = lacked > kept ? lacked : kept;
    const deadlines = groups.flatMap(({ group }) => group.deadline ?? []);
    return [
      {
        code: 'claim-unpaid',
        detail: channel.id,
        at: core.lastSyncAt ?? core.options.clock.now(),
        claim: {
          // A child of the commitment is for what the other claims take, too.
          amountSat: groups.reduce((most, { group }) => (group.atRisk > most ? group.atRisk : most), 0n),
          deadlineHeight: blockHeight(Math.min(...deadlines)),
          missingSat: missing > 0n ? missing : RESERVE_PER_CHANNEL,
        },
      },
    ];
  });
}
