import type { ChainEvent } from '../../bitcoin/watch.ts';

/** Parents before children; at one place the confirmation before the spend; the mempool last. */
export function inBlockOrder(a: ChainEvent, b: ChainEvent): number {
  const rank = (event: ChainEvent): readonly [number, number, number] => {
    const at = event.tag === 'reorged' ? null : event.at;
    return [at?.height ?? Infinity, at?.index ?? Infinity, event.tag === 'confirmed' ? 0 : 1];
  };
  const [ah, ai, at] = rank(a);
  const [bh, bi, bt] = rank(b);
  if (ah !== bh) return ah - bh;
  if (ai !== bi) return ai - bi;
  return at - bt;
}
