import { outPointKey, type TxId } from '../base/ids.ts';
import { remove, type Write } from '../base/write.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import type { Watch } from '../bitcoin/watch.ts';
import { watchFunding } from './phases/watch-funding.ts';
import { writesBetween } from './snapshot/writes.ts';
import type { Closed, Durable } from './state.ts';

/**
 * A channel of the peer's that never was, and in which nothing was ever ours: no block has its funding transaction, nobody
 * was trusted for it, and no commitment has carried an HTLC.
 * BOLT 2 §open_channel: "The receiving node MUST NOT: consider funds received, using `push_msat`, to be received until the
 * funding transaction has reached sufficient depth." What was pushed costs a peer nothing, as often as it likes.
 */
export const isVoid = (durable: Durable): durable is Closed =>
  durable.phase === 'closed' &&
  durable.spend === null &&
  isUnused(durable) &&
  (!durable.readySent || durable.ledger.local === 0n);

/** No commitment of it has paid us or carried an HTLC, and it is in no block. */
export const isUntouched = (durable: Durable): boolean => isUnused(durable) && durable.ledger.local === 0n;

const isUnused = ({ params, active: [{ confirmed }], ledger }: Durable): boolean =>
  params.opener === 'remote' &&
  confirmed === null &&
  ledger.nextIncomingId === 0n &&
  ledger.nextOutgoingId === 0n;

/** Leaves nothing of it on disk. Only for what `isVoid`. */
export const removalOf = (durable: Durable): readonly Write[] =>
  writesBetween(null, durable).map(({ table, key }) => remove(table, key));

/**
 * What nobody looks for any more once it is gone. A peer may name a transaction, and so its coins, that `kept` look for too,
 * and what is not watched for is taken unseen. `others`: outpoints that the wallet looks for, as `outPointKey` writes them.
 */
export function watchedAlone(
  gone: Durable,
  kept: readonly Durable[],
  others: ReadonlySet<string> = new Set(),
): readonly Watch[] {
  const watched = new Set([...kept.flatMap(watchesOf).map(subjectOf), ...others]);
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
