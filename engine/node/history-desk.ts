import type { ChannelId, TxId } from '../base/ids.ts';
import { remove } from '../base/write.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { HistorySearch, historyRange } from '../channel/history.ts';
import type { HostedChannel } from './channel-host.ts';
import type { Core } from './core.ts';
import { Ended } from './driver.ts';

/** Rows read at once: a history of any length takes no more memory than this. */
const PAGE = 500;
const RETRY_MS = 5_000;
/** No reorganisation is followed so far down: what spent the funding output stays, and nothing old can take its place. */
const FINAL_DEPTH = 288;

/**
 * Reads the past HTLCs of a channel whose peer published a revoked commitment, and deletes them once none can be
 * published any more. They are on disk alone.
 */
export class HistoryDesk {
  readonly #core: Core;
  readonly #reading = new Set<TxId>();
  readonly #tidied = new Set<ChannelId>();
  #tidiedAt = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Tells the channel what is found; when the disk cannot be read, later. */
  recall(channel: HostedChannel, tx: Tx): void {
    const txId = txIdOf(tx);
    if (this.#reading.has(txId)) return;
    this.#reading.add(txId);
    this.#read(channel, tx).then(
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

  /** After each change: at a new height, channels that are over for good leave no history behind. */
  tidy(): void {
    const { height, channels, ended, running } = this.#core;
    if (height === this.#tidiedAt || ended || running === null) return;
    this.#tidiedAt = height;
    for (const { id, state } of channels.all()) {
      const { durable } = state;
      const at = durable?.phase === 'closed' ? (durable.spend?.at ?? null) : null;
      if (at === null || height - at.height + 1 < FINAL_DEPTH || this.#tidied.has(id)) continue;
      this.#tidied.add(id);
      this.#forget(id).catch((error: unknown) => {
        // A disk that cannot be read, or the end of this run: at the next start again.
        if (!(error instanceof Ended)) this.#core.onBug(error);
      });
    }
  }

  async #forget(id: ChannelId): Promise<void> {
    const core = this.#core;
    for (;;) {
      const page = await core.options.store.scan('monitor', { ...historyRange(id), limit: PAGE });
      if (!page.ok || page.value.length === 0 || core.ended) return;
      await core.inTurn<void>((turn, done) => {
        turn.write(page.value.map(({ key }) => remove('monitor', key)));
        done();
      });
    }
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
