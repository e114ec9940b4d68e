import { outPointKey, type TxId } from '../base/ids.ts';
import { remove, type Write } from '../base/write.ts';
import { txIdOf } from '../bitcoin/tx.ts';
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

/**
 * What nobody looks for any more once it is gone. A peer may name a transaction, and so its coins, that `kept` look for too,
 * and what is not watched for is taken unseen.
 */
export function watchedAlone(gone: Durable, kept: readonly Durable[]): readonly Watch[] {
  const watched = new Set(kept.flatMap(watchesOf).map(subjectOf));
  const claimed = new Set<string>(kept.flatMap(spendsOf));
  return watchesOf(gone).filter(
    (watch) => !watched.has(subjectOf(watch)) && !(watch.tag === 'spent' && claimed.has(watch.outPoint.txId)),
  );
}

const watchesOf = (durable: Durable): readonly Watch[] =>
  watchFunding(durable).flatMap((effect) => (effect.tag === 'watch' ? [effect.watch] : []));

const subjectOf = (watch: Watch): string =>
  watch.tag === 'spent' ? outPointKey(watch.outPoint) : watch.txId;

/** Transactions of a close, whose outputs are claimed. */
function spendsOf(durable: Durable): readonly TxId[] {
  if (durable.phase !== 'closing' && durable.phase !== 'closed') return [];
  const resolved = durable.phase === 'closing' ? durable.resolved : durable.past?.resolved;
  return [durable.spend, ...(resolved?.values() ?? [])].flatMap((known) =>
    known === null ? [] : [txIdOf(known.tx)],
  );
}
