import { remove, type Write } from '../base/write.ts';
import type { Watch } from '../bitcoin/watch.ts';
import { watchFunding } from './phases/watch-funding.ts';
import { writesBetween } from './snapshot/writes.ts';
import type { Durable } from './state.ts';

/**
 * A channel of the peer's that never was, and in which nothing was ever ours: no block has its funding transaction, no
 * commitment has paid us or carried an HTLC, and nobody looks for it on the chain any more.
 */
export const isVoid = (durable: Durable): boolean =>
  durable.phase === 'closed' && durable.spend === null && durable.past === null && isUntouched(durable);

/** Nothing of it was ever ours, and it is in no block. */
export const isUntouched = ({ params, active: [{ confirmed }], ledger }: Durable): boolean =>
  params.opener === 'remote' &&
  confirmed === null &&
  ledger.local === 0n &&
  ledger.nextIncomingId === 0n &&
  ledger.nextOutgoingId === 0n;

/** Leaves nothing of it on disk. Only for what `isVoid`. */
export const removalOf = (durable: Durable): readonly Write[] =>
  writesBetween(null, durable).map(({ table, key }) => remove(table, key));

/** What it had watched. Another channel may have the same funding transaction: what that watches is the caller's to keep. */
export const watchesOf = (durable: Durable): readonly Watch[] =>
  watchFunding(durable).flatMap((effect) => (effect.tag === 'watch' ? [effect.watch] : []));
