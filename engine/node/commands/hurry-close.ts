import { err, ok, type Result } from '../../base/result.ts';
import type { FeeratePerKw } from '../../base/units.ts';
import { feerateToSatPerVb } from '../../bitcoin/fee.ts';
import type { HurryQuote, NodeApi } from '../api.ts';
import { channelIdArgument, feerateArgument, satArgument } from '../arguments.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { ClaimPlan } from '../claims/plan.ts';
import type { Desks } from '../desks.ts';
import type { Refusal } from '../refusal.ts';
import type { Stray } from '../strays/stray.ts';

type Wish = { readonly channel: HostedChannel; readonly feerate: FeeratePerKw };
type Planned = { readonly plan: ClaimPlan<HostedChannel | Stray>; readonly quote: HurryQuote };

/** The fees of a close that is under way. */
export function hurryCommands({ core, claims }: Desks): Pick<NodeApi, 'quoteHurryClose' | 'hurryClose'> {
  function wishOf(id: unknown, fee: unknown): Result<Wish, Refusal> {
    const name = channelIdArgument(id);
    if (!name.ok) return name;
    const feerate = feerateArgument(core, fee);
    if (!feerate.ok) return feerate;
    const channel = core.channels.get(name.value);
    return channel === null ? err({ code: 'unknown-channel' }) : ok({ channel, feerate: feerate.value });
  }

  function plan({ channel, feerate }: Wish): Result<Planned, Refusal> {
    if (core.running === null) return err({ code: 'not-running' });
    const planned = claims.hurried(channel, feerate);
    if (planned === null) return err({ code: 'chain-behind', lastSyncAt: core.lastSyncAt });
    const mine = planned.built.filter(({ name }) => name === channel);
    if (mine.length === 0) {
      const short = planned.shortages.find(({ name }) => name === channel);
      return short === undefined
        ? err({ code: 'not-replaceable', reason: 'nothing waits that could pay more' })
        : err({ code: 'insufficient-funds', missingSat: short.missing, feeSat: 0n });
    }
    const feeSat = mine.reduce((sum, { fee }) => sum + fee, 0n);
    const before = mine.reduce((sum, { feeBefore }) => sum + feeBefore, 0n);
    const feerateSatPerVb = feerateToSatPerVb(feerate);
    return ok({ plan: planned, quote: { feeSat, extraSat: feeSat - before, feerateSatPerVb } });
  }

  return {
    quoteHurryClose: (id, fee) => {
      const wish = wishOf(id, fee);
      if (!wish.ok) return Promise.resolve(wish);
      const planned = plan(wish.value);
      return Promise.resolve(planned.ok ? ok(planned.value.quote) : planned);
    },
    hurryClose: async (id, fee, maxExtraSat) => {
      const wish = wishOf(id, fee);
      if (!wish.ok) return wish;
      const most = maxExtraSat === undefined ? ok(null) : satArgument(maxExtraSat, 'maxExtraSat');
      if (!most.ok) return most;
      return core.inTurn<Result<HurryQuote, Refusal>>((turn, done) => {
        const planned = plan(wish.value);
        if (!planned.ok) return done(planned);
        const { quote, plan: taken } = planned.value;
        if (most.value !== null && quote.extraSat > most.value)
          return done(
            err({
              code: 'fee-above-limit',
              feeMsat: quote.extraSat * 1_000n,
              limitMsat: most.value * 1_000n,
            }),
          );
        claims.take(turn, taken);
        return done(ok(quote));
      });
    },
  };
}
