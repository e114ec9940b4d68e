import { err, ok, type Result } from '../base/result.ts';
import { newAddress } from '../wallet/addresses.ts';
import { KeyTree } from '../wallet/key-tree.ts';
import { createWallet } from '../wallet/open-wallet.ts';
import type { ChainFollower } from '../chain/chain-follower.ts';
import type { Alarm, Answer, NodeApi } from './api.ts';
import { lookEveryMs } from './chain-desk.ts';
import { forwardedApi } from './forwarded-api.ts';
import { loadAll } from './loaded.ts';
import { NodeRun, type RunSource } from './node-run.ts';
import type { NodeOptions } from './node-options.ts';
import type { Refusal } from './refusal.ts';
import type { RestoreProgress } from './service-api.ts';

/**
 * Reads a node from its store, or makes the wallet of a new one. Needs no network and no fast curve: balances and
 * payments can be shown as soon as this resolves; `api.start` does the rest.
 */
export async function loadNode(options: NodeOptions): Promise<Result<LeydenNode, Refusal>> {
  const source = await loadRun(options, new KeyTree(options.seed, options.network), []);
  return source.ok ? ok(new LeydenNode({ ...source.value, before: null })) : source;
}

async function loadRun(
  options: NodeOptions,
  keys: KeyTree,
  alarms: readonly Alarm[],
): Promise<Result<Omit<RunSource, 'before'>, Refusal>> {
  const loaded = await loadAll(options.store, options.network);
  if (!loaded.ok) return loaded;
  const known = loaded.value.wallet;
  if (known !== null) return ok({ options, loaded: loaded.value, wallet: known, keys, alarms });
  const created = createWallet(keys, options.network);
  // Channels pay back to an address of ours: there is always one.
  const first = newAddress(created.state);
  const saved = await options.store.commit([...created.commit, ...first.commit]);
  if (!saved.ok) return err({ code: 'storage-failed', detail: saved.error.detail });
  return ok({ options, loaded: loaded.value, wallet: first.state, keys, alarms });
}

/** After a bug was caught in a turn; longer when it comes again and again. */
const RESTART_MS: readonly number[] = [1_000, 5_000, 30_000, 300_000];
/** A run that lasted so long was a good one. */
const GOOD_RUN_MS = 600_000;

/**
 * A Lightning node and an on-chain wallet over one store. One writer: nobody else may have the store open. It may be
 * stopped and started again; each start after a stop, or after a bug, begins from what is on disk.
 */
export class LeydenNode {
  readonly api: NodeApi;
  readonly #options: NodeOptions;
  readonly #listeners = new Set<() => void>();
  #run: NodeRun;
  #loadedAt = 0;
  /** Started, and not stopped since. */
  #wanted = false;
  #renewing: Answer<void> | null = null;
  /** Of the run that halted last, until another runs. */
  #halted: ChainFollower | null = null;
  #failures = 0;

  constructor(source: RunSource) {
    this.#options = source.options;
    this.#run = this.#begin(source);
    this.api = forwardedApi(() => this.#run.api, {
      sample: this.#run.api,
      start: () => this.#start(),
      stop: () => this.#stop(),
    });
  }

  /** Called after every turn: any snapshot may have changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The port on which peers may dial us; null where we do not listen. */
  get listeningPort(): number | null {
    return this.#run.listeningPort;
  }

  /** Looks through the chain for everything that the words ever received. */
  async restoreOnchain(onProgress?: (progress: RestoreProgress) => void): Answer<void> {
    const started = await this.#start();
    return started.ok ? this.#run.restoreOnchain(onProgress) : started;
  }

  async #start(): Answer<void> {
    this.#wanted = true;
    const renewed = await this.#renew();
    if (!renewed.ok) return renewed;
    // It may have been stopped in the meantime.
    return this.#wanted ? this.#run.begin() : err({ code: 'not-running' });
  }

  async #stop(): Answer<void> {
    const run = this.#run;
    const wasRunning = run.isRunning;
    this.#wanted = false;
    this.#halted = null;
    await this.#renewing;
    // Also when it is still beginning: it must not come to life later, over a disk that is somebody else's by then.
    await Promise.all([run.end(), this.#run.end()]);
    return wasRunning ? ok(undefined) : err({ code: 'not-running' });
  }

  /** Where the run has ended: another one, from what is on disk. */
  #renew(): Answer<void> {
    const former = this.#run;
    if (!former.core.ended) return Promise.resolve(ok(undefined));
    this.#renewing ??= this.#reload(former).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #reload(former: NodeRun): Answer<void> {
    // Its last write may be under way.
    await former.end();
    const { keys, alarms } = former.core;
    const source = await loadRun(this.#options, keys, alarms);
    if (!source.ok) return source;
    this.#run = this.#begin({ ...source.value, before: this.#halted });
    this.#changed();
    return ok(undefined);
  }

  #begin(source: RunSource): NodeRun {
    const run: NodeRun = new NodeRun(source, () => this.#onHalt(run));
    run.core.onChange(() => this.#changed());
    this.#loadedAt = this.#options.clock.monotonicMs();
    return run;
  }

  #onHalt(run: NodeRun): void {
    const chain = run.core.running?.chain;
    if (chain !== undefined) {
      this.#halted = chain;
      this.#tellOn(chain);
    }
    void run.end();
    if (this.#options.clock.monotonicMs() - this.#loadedAt > GOOD_RUN_MS) this.#failures = 0;
    this.#restartLater(run);
  }

  /** What it told the chain, until another run does: the disk may not be read for as long as it takes nothing. */
  #tellOn(chain: ChainFollower): void {
    this.#options.clock.after(lookEveryMs(this.#options), () => {
      if (this.#halted !== chain) return;
      const { running } = this.#run.core;
      if (running !== null && running.chain !== chain) this.#halted = null;
      else void chain.tellAgain().then(() => this.#tellOn(chain));
    });
  }

  #restartLater(run: NodeRun): void {
    const delay = RESTART_MS[Math.min(this.#failures++, RESTART_MS.length - 1)] ?? 300_000;
    this.#options.clock.after(delay, () => void this.#restart(run));
  }

  /** HTLCs have deadlines: a node that halted does not wait for somebody to look. */
  async #restart(halted: NodeRun): Promise<void> {
    const isMine = (): boolean => this.#wanted && (this.#run === halted || !this.#run.hasBegun);
    if (!isMine()) return;
    const renewed = await this.#renew();
    const begun = renewed.ok && isMine() ? await this.#run.begin() : renewed;
    if (!begun.ok && this.#wanted && !this.#run.isRunning) this.#restartLater(this.#run);
  }

  #changed(): void {
    for (const listener of this.#listeners)
      try {
        listener();
      } catch (error) {
        this.#options.log('error', 'node', 'a listener threw', { detail: String(error).slice(0, 200) });
      }
  }
}
