import { err, ok, type Result } from '../../base/result.ts';
import type { FeeratePerKw } from '../../base/units.ts';
import type { HurryQuote, NodeApi } from '../api.ts';
import { channelIdArgument, feerateArgument, satArgument } from '../arguments.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Desks } from '../desks.ts';
import type { Refusal } from '../refusal.ts';
import { planHurry, type Hurry } from './hurry-plan.ts';

type Wish = { readonly channel: HostedChannel; readonly feerate: FeeratePerKw };

/** The fees of a close that is under way. */
export function hurryCommands(desks: Desks): Pick<NodeApi, 'quoteHurryClose' | 'hurryClose'> {
  const { core, claims } = desks;
  function wishOf(id: unknown, fee: unknown): Result<Wish, Refusal> {
    const name = channelIdArgument(id);
    if (!name.ok) return name;
    const feerate = feerateArgument(core, fee);
    if (!feerate.ok) return feerate;
    const channel = core.channels.get(name.value);
    return channel === null ? err({ code: 'unknown-channel' }) : ok({ channel, feerate: feerate.value });
  }

  const plan = ({ channel, feerate }: Wish): Result<Hurry, Refusal> => planHurry(desks, channel, feerate);

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
