import { isDeepStrictEqual } from 'node:util';
import type { BlockHeight } from '../../base/units.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import type { Effect, Resume, Transition } from '../../channel/effect.ts';
import type { Env } from '../../channel/env.ts';
import { resume, transition } from '../../channel/machine.ts';
import type { Durable } from '../../channel/state.ts';
import { law } from './law.ts';

export type EnvOf = (height: BlockHeight, feerates: Feerates) => Env;

/** The channel machine, each of its steps looked at. */
export const watchedMachine: { readonly transition: Transition; readonly resume: Resume } = {
  transition: (state, event, env) => {
    const step = transition(state, event, env);
    const { durable } = step.next;
    if (durable === state.durable) law(step.commit.length === 0, 'what did not change is not written');
    if (durable !== null) {
      conserves(state.durable, durable);
      resumeCovers(durable, step.after, env);
    }
    return step;
  },
  resume,
};

function conserves(before: Durable | null, after: Durable): void {
  const total = after.ledger.local + after.ledger.remote;
  law(total === after.active[0].funding.amount * 1000n, 'every satoshi of a channel is somebody’s');
  if (before !== null) law(total === before.ledger.local + before.ledger.remote, 'no step makes money');
}

/** Whatever a step wanted of the world beside messages, a restart right after its commit wants too. */
function resumeCovers(durable: Durable, after: readonly Effect[], env: Env): void {
  const wanted = after.filter(
    (effect) =>
      effect.tag === 'publish' ||
      effect.tag === 'watch' ||
      (effect.tag === 'claim' && durable.phase !== 'closed') ||
      effect.tag === 'offer' ||
      (effect.tag === 'settle' && !isWord(durable, effect) && !isToldAgain(durable, effect)),
  );
  if (wanted.length === 0) return;
  const again = resume(durable, env);
  for (const effect of wanted)
    law(
      again.some((other) => isDeepStrictEqual(other, effect)),
      'a restart repeats what was wanted of the world',
      () => describeEffect(effect),
    );
}

/** A preimage that the peer said and did not sign yet: the payment is written in the same turn, the channel is not. */
const isWord = ({ ledger }: Durable, { id, result }: Effect & { readonly tag: 'settle' }): boolean =>
  result.tag === 'fulfilled' && ledger.outgoing.get(id)?.removal === null;

/**
 * An HTLC whose end its payer has written down: that the chain shows its preimage now, behind a reorganisation as well, is
 * told with the step that shows it, and written in the same turn as that. A channel is closed once all are written down.
 */
const isToldAgain = (durable: Durable, { id }: Effect & { readonly tag: 'settle' }): boolean =>
  durable.phase === 'closed' || (durable.phase === 'closing' && durable.settled.has(id));

const describeEffect = (effect: Effect): string =>
  JSON.stringify(effect, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).slice(
    0,
    400,
  );
