import { assert } from '../base/assert.ts';
import type { CommandId } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import { timestamp } from '../base/units.ts';
import type { Table, Write } from '../base/write.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { TxPurpose, Watch } from '../bitcoin/watch.ts';
import { NO_DEMAND, type ClaimDemand } from '../channel/claim-demand.ts';
import type { ChannelCommand } from '../channel/command.ts';
import type { ChannelNotice, Effect, Receipt } from '../channel/effect.ts';
import type { Env } from '../channel/env.ts';
import type { ChannelEvent } from '../channel/event.ts';
import { HistorySearch } from '../channel/history.ts';
import type { HtlcOrigin, HtlcResult, IncomingHtlc } from '../channel/htlc.ts';
import { loadChannels } from '../channel/load.ts';
import { resume, summary, transition } from '../channel/machine.ts';
import type { ChannelMessage } from '../channel/message.ts';
import type { ChannelRefusal } from '../channel/refusal.ts';
import { newChannel, type ChannelState, type Durable } from '../channel/state.ts';
import type { ChannelSummary } from '../channel/summary.ts';
import { claimTxs } from './claim-double.ts';
import { testEnv, type Character } from './two-peer-env.ts';

type Disk = ReadonlyMap<Table, ReadonlyMap<string, Uint8Array>>;
export type Settled = { readonly id: bigint; readonly origin: HtlcOrigin; readonly result: HtlcResult };
export type Reply = Result<Receipt, ChannelRefusal>;

/** One side of a channel: the machine, what it wrote to disk, and all it wanted of the world. */
export class Side {
  readonly name: string;
  state: ChannelState = newChannel;
  env: Env;
  /** What a restart finds. */
  readonly disk = new Map<Table, Map<string, Uint8Array>>();
  /** Bytes written, key and value, and transactions that were not empty. */
  written = 0;
  commits = 0;
  readonly outbox: ChannelMessage[] = [];
  readonly replies = new Map<CommandId, Reply>();
  readonly published: { readonly tx: Tx; readonly purpose: TxPurpose }[] = [];
  /** What the channel wants taken from the chain now. */
  demand: ClaimDemand = NO_DEMAND;
  readonly watches: Watch[] = [];
  readonly offers: IncomingHtlc[] = [];
  readonly settled: Settled[] = [];
  /** Ids of incoming HTLCs; the same again and again. */
  readonly takenBack: bigint[] = [];
  readonly notices: ChannelNotice[] = [];
  /** Set by a `disconnect` effect: the link looks at it. */
  wantsDisconnect = false;
  /** Do settles get their answer at once? Property tests turn it off to crash in between. */
  acknowledges = true;
  #commands = 0;

  constructor(character: Character, peer: string) {
    this.name = character.name;
    this.env = testEnv(character, peer);
  }

  /** All that `other` is and has, as of now. */
  become(other: Side): void {
    this.state = other.state;
    this.env = other.env;
    this.putBack(other.copyDisk());
    this.written = other.written;
    this.commits = other.commits;
    this.outbox.push(...other.outbox);
    for (const [id, reply] of other.replies) this.replies.set(id, reply);
    this.published.push(...other.published);
    this.demand = other.demand;
    this.watches.push(...other.watches);
    this.offers.push(...other.offers);
    this.settled.push(...other.settled);
    this.takenBack.push(...other.takenBack);
    this.notices.push(...other.notices);
    this.wantsDisconnect = other.wantsDisconnect;
    this.acknowledges = other.acknowledges;
    this.#commands = other.#commands;
  }

  /** Runs one event. `lose`: the process dies after the commit, before any effect. */
  apply(event: ChannelEvent, lose = false): void {
    const step = transition(this.state, event, this.env);
    this.#write(step.commit);
    if (lose) return;
    this.state = step.next;
    this.#run(step.after);
  }

  command(command: ChannelCommand): Reply | null {
    const id = `${this.name}-${this.#commands++}` as CommandId;
    this.apply({ tag: 'command', id, command });
    return this.replies.get(id) ?? null;
  }

  /** What was given to a server for this purpose, oldest first. */
  sent(purpose: TxPurpose): readonly Tx[] {
    return this.published.filter((one) => one.purpose === purpose).map(({ tx }) => tx);
  }

  pass(seconds: number): void {
    this.env = { ...this.env, now: timestamp(this.env.now + seconds) };
  }

  /** An old copy of the disk, for `putBack`. */
  copyDisk(): Disk {
    return new Map([...this.disk].map(([table, rows]) => [table, new Map(rows)]));
  }

  putBack(old: Disk): void {
    this.disk.clear();
    for (const [table, rows] of old) this.disk.set(table, new Map(rows));
  }

  /** A new process: what is on disk is all there is. */
  restart(): void {
    const durable = this.load();
    this.outbox.length = 0;
    this.offers.length = 0;
    this.watches.length = 0;
    this.state = { durable, session: { link: 'offline' } };
    if (durable !== null) this.#run(resume(durable, this.env));
  }

  load(): Durable | null {
    const loaded = loadChannels((table) => this.disk.get(table) ?? new Map<string, Uint8Array>());
    assert(loaded.ok, 'the disk cannot be read');
    return loaded.value[0] ?? null;
  }

  get summary(): ChannelSummary {
    const shown = summary(this.state, this.env.height, this.env.config);
    assert(shown !== null, `${this.name} has no channel`);
    return shown;
  }

  get durable(): Durable {
    assert(this.state.durable !== null, `${this.name} has no channel`);
    return this.state.durable;
  }

  notice<T extends ChannelNotice['tag']>(tag: T): ChannelNotice & { readonly tag: T } {
    const found = this.notices.findLast(
      (notice): notice is ChannelNotice & { readonly tag: T } => notice.tag === tag,
    );
    assert(found !== undefined, `${this.name} was not told ${tag}`);
    return found;
  }

  /** As the node does: what is on disk, found by the transaction. */
  #recall(tx: Tx): void {
    const search = new HistorySearch(this.durable, tx);
    search.look(Array.from(this.disk.get('monitor') ?? [], ([key, value]) => ({ key, value })));
    assert(search.unreadable === 0, 'a record of the past is unreadable');
    this.apply({ tag: 'recalled', txId: search.txId, htlcs: search.found });
  }

  #write(commit: readonly Write[]): void {
    if (commit.length > 0) this.commits++;
    for (const write of commit) {
      const table = this.disk.get(write.table) ?? new Map<string, Uint8Array>();
      this.disk.set(write.table, table);
      if (write.op === 'delete') table.delete(write.key);
      else table.set(write.key, write.value);
      this.written += write.key.length + (write.op === 'put' ? write.value.length : 0);
    }
  }

  #run(effects: readonly Effect[]): void {
    this.#runAll(effects);
    // An event of its own, once all of this one is done.
    for (const effect of effects) if (effect.tag === 'recall') this.#recall(effect.tx);
  }

  #runAll(effects: readonly Effect[]): void {
    for (const effect of effects)
      switch (effect.tag) {
        case 'send':
          this.outbox.push(effect.message);
          break;
        case 'disconnect':
          this.wantsDisconnect = true;
          break;
        case 'publish':
          this.published.push(effect);
          break;
        case 'claim':
          this.demand = effect.demand;
          this.published.push(...claimTxs(effect.demand, this.env));
          break;
        case 'recall':
          break;
        case 'watch':
          this.watches.push(effect.watch);
          break;
        case 'offer':
          this.offers.push(effect.htlc);
          break;
        case 'taken-back':
          this.takenBack.push(effect.id);
          break;
        case 'settle':
          this.settled.push(effect);
          if (this.acknowledges) this.apply({ tag: 'settled', id: effect.id });
          break;
        case 'reply':
          this.replies.set(effect.id, effect.result);
          break;
        case 'notify':
          this.notices.push(effect.notice);
          break;
      }
  }
}
