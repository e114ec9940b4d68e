import type { ChannelId, TxId } from '../base/ids.ts';
import { remove } from '../base/write.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { foldHistory, HistorySearch, historyRange, unfoldedRange } from '../channel/history.ts';
import { isLive } from '../channel/state.ts';
import type { HostedChannel } from './channel-host.ts';
import type { Core } from './core.ts';
import { Ended } from './driver.ts';

/** Rows looked through at once, each of a hundred HTLCs at most: a history of any length takes no more memory than this. */
const PAGE = 50;
/** Rows deleted at once. */
const GONE = 500;
const RETRY_MS = 5_000;
/** No reorganisation is followed so far down: what spent the funding output stays, and nothing old can take its place. */
const FINAL_DEPTH = 288;
/** Rows of one HTLC each that are made one. */
const FOLD = 100;
/** By then whatever was going on, as a start or a burst of payments, is mostly over. */
const FOLD_AFTER_MS = 10_000;
/** Between two folds: millions of rows, as an older program may have left, are no burden on what else there is to do. */
const PAUSE_MS = 200;

/**
 * The past HTLCs of channels, which are on disk alone: reads them where a peer published a revoked commitment, makes few
 * rows of many, and deletes them once none can be published any more.
 */
export class HistoryDesk {
  readonly #core: Core;
  readonly #reading = new Set<TxId>();
  readonly #tidied = new Set<ChannelId>();
  #tidiedAt = 0;
  /** How many HTLCs a channel must have had for the next look at what can be folded. */
  readonly #foldAt = new Map<ChannelId, bigint>();
  /** Channels with rows to fold, and the lowest key that was not looked at. */
  readonly #folding = new Map<HostedChannel, string>();
  readonly #last = new Map<ChannelId, Promise<unknown>>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Tells the channel what is found; when the disk cannot be read, later. */
  recall(channel: HostedChannel, tx: Tx): void {
    const txId = txIdOf(tx);
    if (this.#reading.has(txId)) return;
    this.#reading.add(txId);
    this.#alone(channel.id, () => this.#read(channel, tx)).then(
      (isRead) => {
        if (isRead) this.#reading.delete(txId);
        else this.#again(channel, tx);
      },
      (error: unknown) => {
        this.#core.onBug(error);
        this.#again(channel, tx);
      },
    );
  }

  /** After each change: folds what there is to fold; at a new height, channels that are over for good leave no history behind. */
  tidy(): void {
    const { height, channels, ended, running } = this.#core;
    if (ended || running === null) return;
    for (const channel of channels.all()) this.#foldIfDue(channel);
    if (height === this.#tidiedAt) return;
    this.#tidiedAt = height;
    for (const { id, state } of channels.all()) {
      const { durable } = state;
      const at = durable?.phase === 'closed' ? (durable.spend?.at ?? null) : null;
      if (at === null || height - at.height + 1 < FINAL_DEPTH || this.#tidied.has(id)) continue;
      this.#tidied.add(id);
      this.#alone(id, () => this.#forget(id)).catch((error: unknown) => this.#onError(error));
    }
  }

  /** Whether it may have so many rows is known without the disk. What earlier runs left is looked for once. */
  #foldIfDue(channel: HostedChannel): void {
    const { durable } = channel.state;
    if (durable === null || !isLive(durable)) return;
    const { nextIncomingId, nextOutgoingId } = durable.ledger;
    const had = nextIncomingId + nextOutgoingId;
    if (had < (this.#foldAt.get(channel.id) ?? BigInt(FOLD))) return;
    this.#foldAt.set(channel.id, had + BigInt(FOLD));
    if (this.#folding.size === 0) this.#core.options.clock.after(FOLD_AFTER_MS, () => this.#foldNext());
    this.#folding.set(channel, unfoldedRange(channel.id).from);
  }

  /** A little of one channel, and the rest in a while. */
  #foldNext(): void {
    const [next] = this.#folding;
    if (next === undefined || this.#core.ended) return;
    const [channel, from] = next;
    this.#alone(channel.id, () => this.#fold(channel, from)).then(
      (rest) => this.#foldLater(channel, rest),
      (error: unknown) => {
        this.#foldLater(channel, null);
        this.#onError(error);
      },
    );
  }

  #foldLater(channel: HostedChannel, rest: string | null): void {
    if (rest === null) this.#folding.delete(channel);
    else this.#folding.set(channel, rest);
    if (this.#folding.size > 0) this.#core.options.clock.after(PAUSE_MS, () => this.#foldNext());
  }

  /** Where to go on; null where not enough is left, or the disk cannot be read: the next hundred HTLCs will see to it. */
  async #fold(channel: HostedChannel, from: string): Promise<string | null> {
    const core = this.#core;
    const { store } = core.options;
    const { durable } = channel.state;
    // What may have to be read any moment stays as it is.
    if (durable === null || !isLive(durable)) return null;
    const { below } = unfoldedRange(channel.id);
    const page = await store.scan('monitor', { from, below, limit: FOLD });
    if (!page.ok || page.value.length < FOLD) return null;
    const rest = `${page.value.at(-1)?.key ?? from}\u0000`;
    const fold = foldHistory(channel.id, page.value);
    if (fold === null) return rest;
    // No HTLC has two rows, so nothing has this name yet. If it had, it would not be written over.
    const taken = await store.get('monitor', fold.key);
    if (!taken.ok) return null;
    if (taken.value !== null) return rest;
    await core.inTurn<void>((turn, done) => {
      turn.write(fold.writes);
      done();
    });
    return rest;
  }

  /** Of one channel, one thing at a time: what is folded while somebody reads could be overlooked. */
  #alone<T>(id: ChannelId, run: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(id) ?? Promise.resolve()).then(run);
    this.#last.set(
      id,
      mine.catch(() => undefined),
    );
    return mine;
  }

  async #forget(id: ChannelId): Promise<void> {
    const core = this.#core;
    for (;;) {
      const page = await core.options.store.scan('monitor', { ...historyRange(id), limit: GONE });
      if (!page.ok || page.value.length === 0 || core.ended) return;
      await core.inTurn<void>((turn, done) => {
        turn.write(page.value.map(({ key }) => remove('monitor', key)));
        done();
      });
    }
  }

  /** That this run has ended is no bug: the next start does it again. */
  #onError(error: unknown): void {
    if (!(error instanceof Ended)) this.#core.onBug(error);
  }

  #again(channel: HostedChannel, tx: Tx): void {
    this.#core.options.clock.after(RETRY_MS, () => {
      this.#reading.delete(txIdOf(tx));
      if (!this.#core.ended) this.recall(channel, tx);
    });
  }

  async #read(channel: HostedChannel, tx: Tx): Promise<boolean> {
    const core = this.#core;
    const { durable } = channel.state;
    if (durable === null || core.ended) return true;
    const search = new HistorySearch(durable, tx);
    let range = historyRange(channel.id);
    for (;;) {
      const page = await core.options.store.scan('monitor', { ...range, limit: PAGE });
      if (core.ended) return true;
      if (!page.ok) {
        core.options.log('error', 'channel', 'the history of a channel cannot be read', {
          channel: channel.id,
          why: page.error.code,
        });
        return false;
      }
      search.look(page.value);
      const last = page.value.at(-1);
      if (last === undefined || page.value.length < PAGE) break;
      range = { ...range, from: `${last.key}\u0000` };
    }
    if (search.unreadable > 0)
      core.options.log('error', 'channel', 'records of past HTLCs are unreadable', {
        channel: channel.id,
        count: search.unreadable,
      });
    core.driver.submit((turn) =>
      core.channels.deliver(turn, channel, { tag: 'recalled', txId: search.txId, htlcs: search.found }),
    );
    return true;
  }
}
