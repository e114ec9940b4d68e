import type { Effect } from '../effect.ts';
import type { Env } from '../env.ts';
import { isCollectable } from '../collectable.ts';
import type { HtlcResult, MustFail } from '../htlc.ts';
import type { Add, LiveHtlc } from '../ledger.ts';
import { isLive, type Durable } from '../state.ts';
import { mightBe, reopened } from './closing/past.ts';
import { pursue } from './closing/pursue.ts';
import { takenBack } from './closing/taken-back.ts';
import { resultOf } from './normal/htlc-result.ts';
import { doomed, offerOf } from './normal/offer.ts';
import { watchFunding } from './watch-funding.ts';

/** All effects but messages that must hold for a channel read from disk. */
export function resumeDurable(durable: Durable, env: Env): Effect[] {
  return [...onChain(durable, env), ...offers(durable, env), ...settles(durable)];
}

function onChain(durable: Durable, env: Env): Effect[] {
  if (mightBe(durable)) return watchFunding(durable);
  if (durable.phase === 'closed') {
    const before = reopened(durable);
    return before === null
      ? []
      : [...pursue(before, env).filter(({ tag }) => tag === 'watch'), ...takenBack(before, env)];
  }
  if (durable.phase === 'closing') return [...pursue(durable, env), ...takenBack(durable, env)];
  const effects = watchFunding(durable);
  for (const { fundingTx, confirmed } of durable.active)
    if (fundingTx !== null && confirmed === null)
      effects.push({ tag: 'publish', tx: fundingTx, purpose: 'funding' });
  if (durable.phase === 'negotiating' && durable.mutual !== null)
    effects.push({ tag: 'publish', tx: durable.mutual, purpose: 'mutual-close' });
  return effects;
}

/** Incoming HTLCs that are committed and not answered. */
function offers(durable: Durable, env: Env): Effect[] {
  if (!isLive(durable) && durable.phase !== 'closing') return [];
  const { params, ledger } = durable;
  const open = [...ledger.incoming.values()].filter(({ step, removal }) => step === 4 && removal === null);
  const adds = open.map(({ add }) => add);
  const fates = isLive(durable) ? doomed(params, ledger, env, adds) : outOfReach(durable, env, adds);
  return adds.map((add) => ({ tag: 'offer', htlc: offerOf(durable, add, fates.get(add.id), env) }));
}

const outOfReach = (closing: Durable, env: Env, adds: readonly Add[]): ReadonlyMap<bigint, MustFail> =>
  new Map(
    adds.flatMap(({ id }) =>
      isCollectable(closing, id, env, true) === 'at-risk' ? [[id, 'out-of-reach'] as const] : [],
    ),
  );

function settles(durable: Durable): Effect[] {
  const { outcomes, ledger } = durable;
  // Written down already, and still in the ledger: commitments on the chain are made from it.
  const told = durable.phase === 'closing' ? durable.settled : NONE;
  const effects: Effect[] = [...outcomes].map(([id, outcome]) => ({ tag: 'settle', id, ...outcome }));
  for (const htlc of ledger.outgoing.values()) {
    const { id, origin } = htlc.add;
    const result = resultSoFar(htlc);
    if (result !== null && origin !== undefined && !outcomes.has(id) && !told.has(id))
      effects.push({ tag: 'settle', id, origin, result });
  }
  return effects;
}

const NONE: ReadonlySet<bigint> = new Set<bigint>();

/** Never signed: forgotten with the connection. A preimage: known before the HTLC is gone. */
function resultSoFar({ step, removal }: LiveHtlc): HtlcResult | null {
  if (step === 0) return { tag: 'abandoned', cause: 'not-sent' };
  return removal?.tag === 'fulfill' ? resultOf(removal) : null;
}
