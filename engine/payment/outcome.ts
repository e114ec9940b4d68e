import type { CommandId } from '../base/ids.ts';
import { err } from '../base/result.ts';
import type { Write } from '../base/write.ts';
import type { PaymentRefusal } from './payment-refusal.ts';
import type { PaymentEffect } from './step.ts';

/** What is to be saved, and what is to be done with it: see step.ts. */
export type Outcome = {
  readonly commit: readonly Write[];
  readonly after: readonly PaymentEffect[];
  /** The payment could not take it in: see the effect `broken`. */
  readonly isBroken?: true;
};

export const NOTHING: Outcome = { commit: [], after: [] };

export const joined = (outcomes: readonly Outcome[]): Outcome =>
  outcomes.length === 0
    ? NOTHING
    : { commit: outcomes.flatMap(({ commit }) => commit), after: outcomes.flatMap(({ after }) => after) };

/** What was asked for is not done. */
export const declined = (id: CommandId, error: PaymentRefusal): Outcome => ({
  commit: [],
  after: [{ tag: 'reply', id, result: err(error) }],
});

/** There is no such payment. */
export const unknown = (id: CommandId): Outcome => declined(id, { code: 'unknown-payment' });
