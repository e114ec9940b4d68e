import { assert } from '../base/assert.ts';
import type { ChannelId, CommandId, NodeId, PaymentHash } from '../base/ids.ts';
import type { Random } from '../base/ports.ts';
import { err, type Result } from '../base/result.ts';
import { blockHeight } from '../base/units.ts';
import type { TxPurpose, Watch } from '../bitcoin/watch.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { ClaimDemand } from '../channel/claim-demand.ts';
import { adoptWrites, distrusted } from '../channel/backup.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { dueAlone } from '../channel/due.ts';
import type { ChannelNotice, Effect, Receipt, Resume, Transition } from '../channel/effect.ts';
import type { Env } from '../channel/env.ts';
import type { ChannelEvent } from '../channel/event.ts';
import type { HtlcOrigin, HtlcResult, IncomingHtlc } from '../channel/htlc.ts';
import { resume, transition, watched } from '../channel/machine.ts';
import type { ChannelMessage } from '../channel/message.ts';
import { prepareNextKeys } from '../channel/next-keys.ts';
import type { ChannelRefusal } from '../channel/refusal.ts';
import { shownBy } from '../channel/shown.ts';
import { patienceOf, wasInStep } from '../channel/session.ts';
import { isLive, newChannel, type ChannelState, type Durable } from '../channel/state.ts';
import { statusOf } from '../channel/status.ts';
import type { Violation } from '../channel/violation.ts';
import type { Driver } from './driver.ts';
import type { Turn } from './turn.ts';

/** One channel in memory. `id` changes once, when the funding transaction gives the channel its lasting name. */
export type HostedChannel = {
  id: ChannelId;
  readonly peerId: NodeId;
  /** Names its keys: see ChannelSigners. */
  readonly keyId: Uint8Array;
  state: ChannelState;
  /**
   * A bug was caught in it: until the next start it talks to nobody and takes nothing on. What it owes others and its
   * deadlines are still seen to, on the chain where need be.
   */
  frozen: boolean;
};

export type Machine = { readonly transition: Transition; readonly resume: Resume };

export type Reply = (turn: Turn, result: Result<Receipt, ChannelRefusal>) => void;

/** What a step may know that only its host does. */
export type HostEnv = Pick<Env, 'moreToCome' | 'isTaken'>;

export type ChannelHostPorts = {
  readonly env: (channel: HostedChannel, host: HostEnv) => Env;
  readonly send: (peerId: NodeId, message: ChannelMessage) => void;
  readonly disconnect: (peerId: NodeId, reason: Violation) => void;
  readonly publish: (tx: Tx, purpose: TxPurpose) => void;
  readonly watch: (watch: Watch) => void;
  readonly recall: (channel: HostedChannel, tx: Tx) => void;
  readonly onDemand: (channel: HostedChannel, demand: ClaimDemand) => void;
  readonly onOffer: (turn: Turn, channel: HostedChannel, htlc: IncomingHtlc) => void;
  readonly onTakenBack: (turn: Turn, channel: HostedChannel, id: bigint, paymentHash: PaymentHash) => void;
  /** True once it is written down, in this turn. */
  readonly onSettle: (
    turn: Turn,
    channel: HostedChannel,
    id: bigint,
    origin: HtlcOrigin,
    result: HtlcResult,
  ) => boolean;
  readonly onNotice: (turn: Turn, channel: HostedChannel, notice: ChannelNotice) => void;
  readonly onFrozen: (turn: Turn, channel: HostedChannel, error: unknown) => void;
};

/**
 * Runs every channel's machine. What a step wants of payments happens in the same turn, so that both are in one
 * transaction; what it wants of the world waits for that transaction.
 */
export class ChannelHost {
  readonly #channels = new Map<ChannelId, HostedChannel>();
  readonly #replies = new Map<CommandId, { readonly to: HostedChannel; readonly reply: Reply }>();
  /** What waits for an answer is gone with this host, so nothing else knows its numbers. */
  #commands = 0;
  readonly #touched = new Set<HostedChannel>();
  readonly #unprepared = new Set<HostedChannel>();
  readonly #driver: Pick<Driver, 'submit'>;
  readonly #ports: ChannelHostPorts;
  readonly #random: Random;
  readonly #machine: Machine;

  /** @param machine what channels are: another one only for tests that look at each of its steps. */
  constructor(
    driver: Pick<Driver, 'submit'>,
    ports: ChannelHostPorts,
    random: Random,
    machine: Machine = { transition, resume },
  ) {
    this.#driver = driver;
    this.#ports = ports;
    this.#random = random;
    this.#machine = machine;
  }

  /** At start: a channel as it was on disk. */
  restore(durable: Durable): void {
    const { channelId: id, peerId, keyId } = durable.params;
    this.#channels.set(id, {
      id,
      peerId,
      keyId,
      state: { durable, session: { link: 'offline' } },
      frozen: false,
    });
  }

  /** A channel from a backup. */
  adopt(turn: Turn, durable: Durable): HostedChannel {
    const id = durable.params.channelId;
    assert(!this.#channels.has(id), 'two channels by one id');
    this.restore(durable);
    const channel = this.#channels.get(id);
    assert(channel !== undefined, 'what was just added');
    turn.write(adoptWrites(durable));
    const effects = this.#try(turn, channel, () => resume(durable, this.#env(channel, false)));
    if (effects !== null) this.#run(turn, channel, effects);
    return channel;
  }

  add(id: ChannelId, peerId: NodeId): HostedChannel {
    const channel: HostedChannel = { id, peerId, keyId: this.#random(32), state: newChannel, frozen: false };
    this.#channels.set(id, channel);
    return channel;
  }

  get(id: ChannelId): HostedChannel | null {
    return this.#channels.get(id) ?? null;
  }

  all(): IterableIterator<HostedChannel> {
    return this.#channels.values();
  }

  ofPeer(peerId: NodeId): readonly HostedChannel[] {
    return [...this.#channels.values()].filter((channel) => channel.peerId === peerId);
  }

  /** Nothing of it is needed any more (opening came to nothing). */
  forget(channel: HostedChannel): void {
    this.#channels.delete(channel.id);
    this.#unprepared.delete(channel);
  }

  /** @throws {Bug} when another channel has this id: the machine has looked at `isTaken`. */
  rename(channel: HostedChannel, id: ChannelId): void {
    assert((this.#channels.get(id) ?? channel) === channel, 'two channels by one id');
    this.#channels.delete(channel.id);
    channel.id = id;
    this.#channels.set(id, channel);
  }

  /** What must be true after a restart, messages apart. Runs once, before any peer is talked to. */
  resume(turn: Turn): void {
    for (const channel of this.#channels.values()) {
      const { durable } = channel.state;
      if (durable === null) continue;
      const effects = this.#try(turn, channel, () =>
        this.#machine.resume(durable, this.#env(channel, false)),
      );
      // Whatever is wrong with it: that the peer publishes an old commitment must be seen.
      const least = (): readonly Effect[] => this.#try(turn, channel, () => watched(durable)) ?? [];
      this.#run(turn, channel, effects ?? least());
    }
  }

  /** Hands one event to a channel, inside a turn. */
  deliver(turn: Turn, channel: HostedChannel, event: ChannelEvent): void {
    if (channel.frozen && !isForFrozen(event)) {
      if (event.tag === 'message') this.#overhear(turn, channel, event.message);
      return;
    }
    const step = this.#try(turn, channel, () =>
      this.#machine.transition(channel.state, event, this.#env(channel, event.tag !== 'idle')),
    );
    if (step === null) {
      if (event.tag === 'tick') this.#closeIfDue(turn, channel, event);
      return;
    }
    channel.state = step.next;
    turn.write(step.commit);
    if (event.tag !== 'idle') this.#touched.add(channel);
    this.#run(turn, channel, step.after);
  }

  /** It is answered nothing, but a peer that is back says first where the channel stands: ours may be an old disk. */
  #overhear(turn: Turn, channel: HostedChannel, message: ChannelMessage): void {
    const { durable, session } = channel.state;
    if (message.name !== 'channel_reestablish' || durable === null || !isLive(durable)) return;
    const shown = this.#try(turn, channel, () => shownBy(durable, message, this.#env(channel, true)));
    if (shown === 'in-step' && session.link === 'offline')
      channel.state = { ...channel.state, session: { ...session, inStep: true } };
    if (shown !== 'behind') return;
    this.command(turn, channel, { tag: 'fall-back', known: null });
    // It could not even do that. What the peer has shown is revoked all the same, also after a restart.
    const fallen = channel.state.durable ?? durable;
    if (!isLive(fallen)) return;
    const stopped = distrusted(fallen);
    channel.state = { ...channel.state, durable: stopped };
    turn.write(adoptWrites(stopped));
  }

  /**
   * Blocks are what it cannot deal with, and an HTLC will not wait: the way out is another one. Its latest commitment is
   * as good as the disk, since a machine that threw has changed nothing; one that lost its state is not live, and not due.
   * Where the peer did not show since our start that the disk is no old one, it has some blocks more to do so.
   */
  #closeIfDue(turn: Turn, channel: HostedChannel, { height }: Extract<ChannelEvent, { tag: 'tick' }>): void {
    const { durable, session } = channel.state;
    if (durable === null) return;
    const reason = this.#try(turn, channel, () => {
      const { config } = this.#env(channel, true);
      const patience = wasInStep(session) ? 0 : config.absenceGrace;
      return dueAlone(durable, { height: blockHeight(Math.max(0, height - patience)), config });
    });
    if (reason !== null) this.command(turn, channel, { tag: 'force-close' });
  }

  /** Gives a command; `reply` is called in the turn in which the machine answers, which may be a later one. */
  command(turn: Turn, channel: HostedChannel, command: ChannelCommand, reply?: Reply): void {
    const id = String(++this.#commands) as CommandId;
    if (reply !== undefined) this.#replies.set(id, { to: channel, reply });
    if (channel.frozen && !isForFrozen({ tag: 'command', id, command })) {
      this.#replies.delete(id);
      reply?.(turn, err({ code: 'channel-not-ready', status: statusOf(channel.state) }));
      return;
    }
    this.deliver(turn, channel, { tag: 'command', id, command });
  }

  /** Work ahead for channels that something happened to, when nobody waits for an answer. */
  prepare(): void {
    for (const channel of this.#unprepared) {
      const { durable } = channel.state;
      if (!channel.frozen && durable?.phase === 'normal')
        prepareNextKeys(durable, this.#env(channel, false).signer);
    }
    this.#unprepared.clear();
  }

  /** The turn has no more inputs: signatures that waited for the last of them are due. */
  drained(turn: Turn): void {
    for (const channel of this.#touched) {
      // First, so that what the step leads to may touch it anew.
      this.#touched.delete(channel);
      this.deliver(turn, channel, { tag: 'idle' });
      this.#unprepared.add(channel);
    }
  }

  #env(channel: HostedChannel, moreToCome: boolean): Env {
    // Machines sign when the turn is drained, so that all changes of a turn share one signature.
    const isTaken = (id: ChannelId): boolean => (this.#channels.get(id) ?? channel) !== channel;
    return this.#ports.env(channel, { moreToCome, isTaken });
  }

  /**
   * What the machine makes of it; null when that threw. Nothing has been changed then, so it is the channel alone that
   * cannot go on. Whatever throws outside of a machine is the driver's to deal with.
   */
  #try<T>(turn: Turn, channel: HostedChannel, compute: () => T): T | null {
    try {
      return compute();
    } catch (error) {
      this.#freeze(turn, channel, error);
      return null;
    }
  }

  #freeze(turn: Turn, channel: HostedChannel, error: unknown): void {
    if (channel.frozen) return this.#refuseAll(turn, channel);
    channel.frozen = true;
    // As after a restart: without a connection a machine signs and revokes nothing.
    const { session } = channel.state;
    channel.state = { ...channel.state, session: { link: 'offline', ...patienceOf(session) } };
    this.#refuseAll(turn, channel);
    this.#ports.onFrozen(turn, channel, error);
    if (channel.state.durable === null)
      this.#ports.onNotice(turn, channel, {
        tag: 'open-failed',
        channelId: channel.id,
        refused: false,
        detail: 'a bug',
      });
  }

  /** Nobody waits for the answer of a machine that threw. */
  #refuseAll(turn: Turn, channel: HostedChannel): void {
    for (const [id, { to, reply }] of this.#replies)
      if (to === channel) {
        this.#replies.delete(id);
        reply(turn, err({ code: 'channel-not-ready', status: statusOf(channel.state) }));
      }
  }

  #run(turn: Turn, channel: HostedChannel, effects: readonly Effect[]): void {
    for (const effect of effects)
      switch (effect.tag) {
        case 'send':
          // The machine names the channel; the answer will come under that name.
          if (effect.message.name === 'open_channel') this.rename(channel, effect.message.temporaryChannelId);
          // Also where there is nothing to save, as when it is said again.
          turn.asWriter();
          turn.after(() => this.#ports.send(channel.peerId, effect.message));
          break;
        case 'disconnect':
          turn.after(() => this.#ports.disconnect(channel.peerId, effect.reason));
          break;
        case 'publish':
          turn.after(() => this.#ports.publish(effect.tx, effect.purpose));
          break;
        case 'claim':
          this.#ports.onDemand(channel, effect.demand);
          break;
        case 'recall':
          turn.after(() => this.#ports.recall(channel, effect.tx));
          break;
        case 'watch':
          turn.after(() => this.#ports.watch(effect.watch));
          break;
        // Payments answer by commands to channels: as inputs of the same turn, not from inside this step.
        case 'offer':
          this.#driver.submit((same) => this.#ports.onOffer(same, channel, effect.htlc));
          break;
        case 'taken-back':
          this.#driver.submit((same) =>
            this.#ports.onTakenBack(same, channel, effect.id, effect.paymentHash),
          );
          break;
        case 'settle':
          this.#driver.submit((same) => {
            if (this.#ports.onSettle(same, channel, effect.id, effect.origin, effect.result))
              this.deliver(same, channel, { tag: 'settled', id: effect.id });
          });
          break;
        case 'reply': {
          const waiting = this.#replies.get(effect.id);
          this.#replies.delete(effect.id);
          waiting?.reply(turn, effect.result);
          break;
        }
        case 'notify':
          this.#ports.onNotice(turn, channel, effect.notice);
          break;
      }
  }
}

/** What a frozen channel still takes: the chain, time, answers to HTLCs that others wait for, and the way out. */
function isForFrozen(event: ChannelEvent): boolean {
  if (event.tag !== 'command')
    return event.tag !== 'connected' && event.tag !== 'disconnected' && event.tag !== 'message';
  const { tag } = event.command;
  return (
    tag === 'fulfill-htlc' ||
    tag === 'fail-htlc' ||
    tag === 'fail-malformed-htlc' ||
    tag === 'force-close' ||
    tag === 'funding-lost' ||
    tag === 'fall-back'
  );
}
