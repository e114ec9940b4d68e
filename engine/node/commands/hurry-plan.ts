import { err, ok, type Result } from '../../base/result.ts';
import type { FeeratePerKw } from '../../base/units.ts';
import { feerateToSatPerVb } from '../../bitcoin/fee.ts';
import type { HurryQuote } from '../api.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { ClaimPlan, Planned } from '../claims/plan.ts';
import type { Desks } from '../desks.ts';
import type { Refusal } from '../refusal.ts';
import type { Stray } from '../strays/stray.ts';

export type Hurry = {
  readonly plan: ClaimPlan<HostedChannel | Stray>;
  /** Of it, what is for whom it was asked. */
  readonly mine: readonly Planned<HostedChannel | Stray>[];
  readonly quote: HurryQuote;
};

/** What this owner has on its way, at this rate. Changes nothing. */
export function planHurry(
  { core, claims }: Pick<Desks, 'core' | 'claims'>,
  owner: HostedChannel | Stray,
  feerate: FeeratePerKw,
): Result<Hurry, Refusal> {
  if (core.running === null) return err({ code: 'not-running' });
  const plan = claims.hurried(owner, feerate);
  if (plan === null) return err({ code: 'chain-behind', lastSyncAt: core.lastSyncAt });
  const mine = plan.built.filter(({ name }) => name === owner);
  if (mine.length === 0) {
    const short = plan.shortages.find(({ name }) => name === owner);
    return short === undefined
      ? err({ code: 'not-replaceable', reason: 'nothing waits that could pay more' })
      : err({ code: 'insufficient-funds', missingSat: short.missing, feeSat: 0n });
  }
  const feeSat = mine.reduce((sum, { fee }) => sum + fee, 0n);
  const before = mine.reduce((sum, { feeBefore }) => sum + feeBefore, 0n);
  const quote = { feeSat, extraSat: feeSat - before, feerateSatPerVb: feerateToSatPerVb(feerate) };
  return ok({ plan, mine, quote });
}
