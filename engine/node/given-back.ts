import type { ChannelId, NodeId } from '../base/ids.ts';
import type { BlockHeight } from '../base/units.ts';
import { isAlwaysTrimmed } from '../channel/always-trimmed.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { Allowance, type Rate } from './allowance.ts';
import type { HostedChannel } from './channel-host.ts';
import type { Core } from './core.ts';
import type { Driver } from './driver.ts';
import type { NodeOptions } from './node-options.ts';
import type { Turn } from './turn.ts';

/**
 * Some 345,000 a day, which leave 14 MB and 3,500 rows once they are folded (history-desk.ts). Not fewer: all that one
 * channel holds, 483, are given back well within a block.
 */
const OF_PEER: Rate = { burst: 4_000, perSecond: 4 };
/** What one peer does costs no other anything. */
const OF_ALL: Rate = { burst: Infinity, perSecond: 0 };
/** Blocks before its expiry at which one is given back in any case: at the expiry the peer closes the channel over it. */
const URGENT = 3;
const LOOK_MS = 1_000;

type GiveBack = Extract<ChannelCommand, { tag: 'fail-htlc' | 'fail-malformed-htlc' }>;
type Held = { readonly channelId: ChannelId; readonly expiry: BlockHeight; readonly command: GiveBack };

export type GivenBackCore = Pick<Core, 'channels' | 'height' | 'isCurrent'> & {
  readonly driver: Pick<Driver, 'submit'>;
  readonly options: Pick<NodeOptions, 'clock'>;
};

/**
 * HTLCs that are given back. They cost the peer nothing, and us a place on the disk each until its channel is long closed,
 * since each was in a state that may be punished. So each peer has a rate: past it they are held, in slots that are the peer's own, and
 * given back one by one, the soonest expiry first. Strangers may send them through an honest peer, which closes the channel
 * over one that expires: none is held for so long, whatever the rate, nor one that a close waits for. What is claimed is not
 * counted: it is paid for.
 */
export class GivenBack {
  readonly #core: GivenBackCore;
  readonly #allowance: Allowance<NodeId>;
  readonly #held = new Map<NodeId, Map<string, Held>>();
  #wake: (() => void) | null = null;
  #stopped = false;

  constructor(core: GivenBackCore) {
    this.#core = core;
    this.#allowance = new Allowance(OF_PEER, OF_ALL, () => core.options.clock.monotonicMs());
  }

  /** In a turn: gives it back, now or later. Nothing is counted that leaves no record, or twice. */
  giveBack(turn: Turn, channel: HostedChannel, command: GiveBack): void {
    const expiry = expiryOf(channel, command);
    if (expiry === null) return this.#core.channels.command(turn, channel, command);
    const { id, peerId } = channel;
    const held = this.#held.get(peerId) ?? new Map<string, Held>();
    const mayGo = held.size === 0 && !this.#allowance.owes(peerId);
    if (mayGo || this.#isUrgent(channel, expiry)) return this.#giveBack(turn, channel, command);
    this.#held.set(peerId, held.set(nameOf(id, command.id), { channelId: id, expiry, command }));
    this.#lookSoon();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  #giveBack(turn: Turn, channel: HostedChannel, command: GiveBack): void {
    this.#allowance.charge(channel.peerId, 1);
    this.#core.channels.command(turn, channel, command);
  }

  #lookSoon(): void {
    if (this.#wake !== null || this.#stopped) return;
    this.#wake = this.#core.options.clock.after(LOOK_MS, () => {
      this.#wake = null;
      this.#core.driver.submit((turn) => this.#look(turn));
      if (this.#held.size > 0) this.#lookSoon();
    });
  }

  #look(turn: Turn): void {
    for (const [peerId, held] of this.#held) {
      for (const [name, { channelId, expiry, command }] of soonestFirst(held)) {
        const channel = this.#core.channels.get(channelId);
        if (channel !== null && this.#allowance.owes(peerId) && !this.#isUrgent(channel, expiry)) continue;
        held.delete(name);
        // Meanwhile the chain may have settled it.
        if (channel !== null && expiryOf(channel, command) !== null) this.#giveBack(turn, channel, command);
      }
      if (held.size === 0) this.#held.delete(peerId);
    }
  }

  #isUrgent({ state: { durable } }: HostedChannel, expiry: BlockHeight): boolean {
    const { height, isCurrent } = this.#core;
    return !isCurrent || expiry <= height + URGENT || durable?.phase !== 'normal';
  }
}

const nameOf = (channelId: ChannelId, id: bigint): string => `${channelId}/${id}`;

const soonestFirst = (held: ReadonlyMap<string, Held>): readonly (readonly [string, Held])[] =>
  [...held].sort(([, a], [, b]) => a.expiry - b.expiry);

/** When it expires; null where it leaves no record, is given back already, or is gone. */
function expiryOf(
  { state: { durable } }: Pick<HostedChannel, 'state'>,
  { id }: GiveBack,
): BlockHeight | null {
  const htlc = durable?.ledger.incoming.get(id);
  if (!durable || htlc?.removal !== null || isAlwaysTrimmed(durable.params, htlc.add)) return null;
  return htlc.add.cltvExpiry;
}
