import type { NodeId } from '../base/ids.ts';
import type { Scid, Timestamp } from '../base/units.ts';

export type ShunnedNow = { readonly scids: ReadonlySet<Scid>; readonly nodes: ReadonlySet<NodeId> };
/** `what`: a node, or a channel in both directions. Unix seconds. */
export type Shun = { readonly what: Scid | NodeId; readonly until: number };

export const MOST_SHUNNED = 1_000;

/** Channels and nodes that lately passed nothing on, for reasons that have nothing to do with amounts. */
export class Shunned {
  readonly #until = new Map<Scid | NodeId, number>();

  add(what: Scid | NodeId, until: number): void {
    const before = this.#until.get(what) ?? 0;
    this.#until.delete(what);
    this.#until.set(what, Math.max(before, until));
    const [oldest] = this.#until.keys();
    if (this.#until.size > MOST_SHUNNED && oldest !== undefined) this.#until.delete(oldest);
  }

  remove(what: Scid | NodeId): void {
    this.#until.delete(what);
  }

  *all(): Iterable<Shun> {
    for (const [what, until] of this.#until) yield { what, until };
  }

  /** Null when there is none any more. What is over is forgotten. */
  at(now: Timestamp): ShunnedNow | null {
    const scids = new Set<Scid>();
    const nodes = new Set<NodeId>();
    for (const [what, until] of this.#until) {
      if (until <= now) this.#until.delete(what);
      else if (typeof what === 'bigint') scids.add(what);
      else nodes.add(what);
    }
    return scids.size + nodes.size === 0 ? null : { scids, nodes };
  }
}
