import type { NodeId } from '../base/ids.ts';
import type { Clock } from '../base/ports.ts';
import { isAlwaysTrimmed } from '../channel/always-trimmed.ts';
import { Allowance, type Rate } from './allowance.ts';
import type { HostedChannel } from './channel-host.ts';

/**
 * Some 345,000 a day, which leave 14 MB and 3,500 rows once they are folded (history-desk.ts). Not fewer: strangers may
 * send them through an honest peer, which has signed for what is not heard here, and closes the channel where that expires
 * first, some four blocks on at the soonest. So the 483 of a channel are made good within two minutes.
 */
const OF_PEER: Rate = { burst: 4_000, perSecond: 4 };
/** What one peer does costs no other its connection. */
const OF_ALL: Rate = { burst: Infinity, perSecond: 0 };

/**
 * HTLCs that were given back. They cost the peer nothing, and us a place on the disk each until its channel is long closed,
 * since each was in a state that may be punished. What is claimed is not counted: it is paid for.
 */
export class GivenBack {
  readonly #allowance: Allowance<NodeId>;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#allowance = new Allowance(OF_PEER, OF_ALL, () => clock.monotonicMs());
  }

  /** To be called before the channel is told to give it back. Nothing is counted that leaves no record, or twice. */
  note({ peerId, state: { durable } }: Pick<HostedChannel, 'peerId' | 'state'>, id: bigint): void {
    const htlc = durable?.ledger.incoming.get(id);
    if (!durable || htlc?.removal !== null || isAlwaysTrimmed(durable.params, htlc.add)) return;
    this.#allowance.charge(peerId, 1);
  }

  /** Whether nothing more may come of this peer for now: the next would leave its record as soon as it is committed to. */
  isTooMuch(peerId: NodeId): boolean {
    return this.#allowance.owes(peerId);
  }
}
