import type { ChainEvent } from '../../bitcoin/watch.ts';
import type { Work } from '../work.ts';
import { onReorged, onSpent } from './closing/on-spent.ts';
import { onFundingConfirmed } from './pending/on-funding-confirmed.ts';

export function onChain(work: Work, event: ChainEvent): void {
  const { durable } = work;
  if (durable === null) return;
  switch (event.tag) {
    case 'confirmed':
      return onFundingConfirmed(work, durable, event);
    case 'spent':
      return onSpent(work, durable, event);
    case 'reorged':
      return onReorged(work, durable, event);
  }
}
