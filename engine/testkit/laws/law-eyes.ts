import type { ChainEvent, Watch } from '../../bitcoin/watch.ts';
import { WatchRegistry } from '../../chain/watching/watch-registry.ts';
import { awaitsPlacement, awaitsSpend } from '../../chain/watching/watch-group.ts';
import type { LawChain } from './law-chain.ts';

/** What one run of a node was told of the chain: the registry is the real one, the answers come at once. */
export class LawEyes {
  readonly #registry = new WatchRegistry();
  readonly #chain: LawChain;

  constructor(chain: LawChain) {
    this.#chain = chain;
  }

  register(watch: Watch): void {
    this.#registry.register(watch);
  }

  /** What is new since the last look. */
  look(): readonly ChainEvent[] {
    const chain = this.#chain;
    const tipHeight = chain.height;
    const events = [...this.#registry.rewind((at) => chain.isInBestChain(at), tipHeight)];
    for (const group of this.#registry.due(chain.tip)) {
      if (awaitsPlacement(group)) group.placed = chain.placeOf(group.txId);
      if (!awaitsSpend(group)) continue;
      for (const entry of group.spends.values()) {
        const { outPoint } = entry.watch;
        const found = chain.spenderOf(outPoint);
        if (found === null || (entry.told !== null && entry.told.at !== null)) continue;
        if (entry.told?.txId === found.txId && found.at === null) continue;
        entry.told = found;
        events.push({ tag: 'spent', outPoint, tx: found.tx, at: found.at, tipHeight });
      }
    }
    return [...events, ...this.#registry.matured(tipHeight)].map(withoutTime);
  }
}

/** A block's time is the wallet's concern: channels are told where, not when. */
function withoutTime(event: ChainEvent): ChainEvent {
  if (event.tag === 'reorged' || event.at === null) return event;
  const { height, blockHash, index } = event.at;
  return { ...event, at: { height, blockHash, index } };
}
