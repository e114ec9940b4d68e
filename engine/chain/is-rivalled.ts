import { outPointKey } from '../base/ids.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import type { ChainEvent } from '../bitcoin/watch.ts';

/**
 * News that nobody has taken in yet: something else spends what it spends. What our state makes of that may
 * be that ours must never be published.
 */
export function isRivalled(tx: Tx, news: readonly ChainEvent[]): boolean {
  const id = txIdOf(tx);
  return news.some(
    (event) =>
      event.tag === 'spent' &&
      txIdOf(event.tx) !== id &&
      tx.inputs.some(({ outPoint }) => outPointKey(outPoint) === outPointKey(event.outPoint)),
  );
}
