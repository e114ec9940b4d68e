import { NETWORKS } from '../../base/network.ts';
import type { Cancel } from '../../base/ports.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { applyInSlices, MAP_LIMITS } from '../../gossip/apply-snapshot.ts';
import { applyGossip, type GossipChanges } from '../../gossip/gossip-changes.ts';
import { decodeInSlices, encodeGraph } from '../../gossip/graph-record.ts';
import { emptyGraph, type Graph } from '../../gossip/graph.ts';
import { pruneInSlices } from '../../gossip/prune.ts';
import type { SnapshotRefusal } from '../../gossip/snapshot-refusal.ts';
import type { NodeId } from '../../base/ids.ts';
import type { RouteMap } from '../../payment/graph-routes.ts';
import { pardonChanged } from '../../routing/changed-terms.ts';
import { teach, type PathLesson } from '../../routing/teach.ts';
import { routeViewInSlices, type RouteView } from '../../routing/view.ts';
import type { GraphInfo } from '../graph-api.ts';
import type { NodeOptions } from '../node-options.ts';
import { aliasOfNode } from './alias.ts';
import { inTurns } from './in-turns.ts';
import { isOfOthers, originWith } from './origin.ts';
import { Refreshed, type Failure } from './refreshed.ts';
import type { ScoreKeeper } from './score-keeper.ts';
import type { ScoresFeed } from './scores-feed.ts';

/** rapid-gossip-sync-server makes a snapshot every three hours. */
const REFRESH_MS = 3 * 3_600_000;
const PRUNE_SECONDS = 3_600;
/** A day less than a channel lives that no snapshot names: it comes a week old, and goes after two. */
const WHOLE_SECONDS = 6 * 86_400;
const SAVE_MS = 5_000;
const SAVE_MS_EACH = 1;
const TIMEOUT_MS = 60_000;
/** Six times the full snapshot of 2026. */
const MOST_BYTES = 20_000_000;
/** What it does not have, as servers say it: stores of files answer 403 for a name that is not there. */
const isMissing = (status: number): boolean => status === 404 || status === 410 || status === 403;

type Options = Pick<NodeOptions, 'network' | 'servers' | 'http' | 'clock' | 'log' | 'graphCache'>;

/**
 * Keeps the map of the network: read from its cache after the start, brought up to date by the snapshot servers. It is
 * public and nobody's word on money: whatever becomes of it, payments to peers and along hints go on.
 */
export class GraphDesk {
  readonly #options: Options;
  readonly #onChange: () => void;
  readonly #scores: ScoreKeeper;
  #graph: Graph;
  #view: RouteView | null = null;
  readonly #snapshots: Refreshed;
  #saving: Cancel | null = null;
  #prunedAt = 0;
  /** The next whole snapshot replaces the map. */
  #isRenewed = false;
  /** One change of the map after the other: each begins with what the one before left. */
  #changing: Promise<void> = Promise.resolve();

  constructor(options: Options, scores: ScoreKeeper, onChange: () => void) {
    this.#options = options;
    this.#scores = scores;
    this.#onChange = onChange;
    this.#graph = emptyGraph(NETWORKS[options.network].genesisHash);
    this.#snapshots = new Refreshed(
      options,
      {
        missing: 'no snapshot server is set',
        everyMs: REFRESH_MS,
        urls: () => this.#urls(),
        fetch: (url) => this.#fetchFrom(url),
      },
      onChange,
    );
  }

  get scores(): ScoresFeed {
    return this.#scores.feed;
  }

  get graph(): Graph {
    return this.#graph;
  }

  alias(id: NodeId): string | null {
    return aliasOfNode(this.#graph, id);
  }

  /** What ways are searched on; null while there is no map, or the first is being laid out. */
  map(): RouteMap | null {
    return this.#view && { view: this.#view, scorer: this.#scores.scorer };
  }

  /** Takes in what an attempt taught. */
  learn(lessons: readonly PathLesson[]): void {
    const map = this.map();
    if (map === null || lessons.length === 0) return;
    teach(map.scorer, map.view, lessons, this.#options.clock.now());
    this.#scores.changed();
  }

  info(): GraphInfo {
    const { nodes, channels, snapshotAt } = this.#graph;
    return {
      nodes: nodes.count,
      channels: channels.count,
      snapshotAt: snapshotAt === 0 ? null : snapshotAt,
      refreshing: this.#snapshots.refreshing,
      lastError: this.#snapshots.lastError,
      scores: this.#scores.feed.info(),
    };
  }

  /** Not waited for by anybody: the start has better to do. */
  async begin(): Promise<void> {
    const { graphCache, clock, log, network } = this.#options;
    await this.#scores.begin();
    // What was true when the tab was shut stays until a server had the time to say what is true now.
    this.#prunedAt = clock.now();
    await this.#change(async () => {
      try {
        const kept = (await graphCache?.load()) ?? null;
        const decoded =
          kept === null ? null : await this.#sliced(decodeInSlices(NETWORKS[network].genesisHash, kept));
        if (decoded?.ok === true) await this.#use(decoded.value);
        else if (decoded !== null) log('warn', 'graph', 'the kept map is of no use');
      } catch (error) {
        log('warn', 'graph', 'the map could not be read', { detail: String(error).slice(0, 200) });
      }
    });
    const { snapshotAt, origin } = this.#graph;
    const isDue = isOfOthers(origin, await this.#urls());
    this.#snapshots.schedule(isDue ? 0 : Math.max(0, REFRESH_MS - (clock.now() - snapshotAt) * 1000));
  }

  /** Now; a call during a refresh waits for that one. */
  refresh(): Promise<Result<void, Failure>> {
    return this.#snapshots.refresh();
  }

  /** A map of its own from what the servers tell now, in place of this one: rid of what is wrong with it. */
  async renew(): Promise<Result<void, Failure>> {
    this.#isRenewed = true;
    const outcome = await this.#snapshots.refresh();
    // That was one that had begun before.
    return outcome.ok && this.#isRenewed ? this.#snapshots.refresh() : outcome;
  }

  /** Puts on the map what peers told. Waits for a snapshot that is being applied, and the other way round. */
  merge(changes: GossipChanges): Promise<void> {
    return this.#change(async () => {
      const merged = await this.#sliced(applyGossip(this.#graph, changes));
      if (merged === null) return;
      const pruned = await this.#sliced(this.#pruned(merged));
      if (pruned === null) return;
      await this.#use(pruned);
      this.#saveSoon();
    });
  }

  stop(): void {
    this.#snapshots.stop();
    this.#scores.feed.stop();
    this.#saving?.();
  }

  #change<T>(run: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(run);
    this.#changing = changed.then(
      () => undefined,
      () => undefined,
    );
    return changed;
  }

  /** Runs to the end, serving peers in between; null when the node ends before. */
  #sliced<T>(slices: Generator<undefined, T>): Promise<T | null> {
    return inTurns(this.#options.clock, slices, () => this.#snapshots.stopped);
  }

  *#pruned(graph: Graph): Generator<undefined, Graph> {
    const now = this.#options.clock.now();
    if (now - this.#prunedAt < PRUNE_SECONDS) return graph;
    this.#prunedAt = now;
    return yield* pruneInSlices(graph, now);
  }

  /** A large map is written less often: whatever is lost, peers tell again. */
  #saveSoon(): void {
    const delayMs = SAVE_MS + SAVE_MS_EACH * this.#graph.channels.count;
    this.#saving ??= this.#options.clock.after(delayMs, () => {
      this.#saving = null;
      void this.#save();
    });
  }

  async #save(): Promise<void> {
    const { graphCache, log } = this.#options;
    await graphCache?.save(encodeGraph(this.#graph)).catch((error: unknown) => {
      log('warn', 'graph', 'the map could not be kept', { detail: String(error).slice(0, 200) });
    });
  }

  /** Laid out at once, so that no payment waits for it; ways are looked for on the map before until then. */
  async #use(graph: Graph): Promise<void> {
    pardonChanged(this.#scores.scorer, this.#graph, graph);
    this.#graph = graph;
    const view = graph.channels.count === 0 ? null : await this.#sliced(routeViewInSlices(graph));
    this.#view = view;
    this.#onChange();
  }

  /**
   * What came since our snapshot; the whole when the server does not have that, on an empty map, and whenever the last
   * whole is old: what a delta does not name stays as old as that was. Servers do say again what still holds, but only in
   * deltas of more than 50 hours and in that of every fifth midnight (rapid-gossip-sync-server,
   * `should_snapshot_include_reminders`): who looks in every noon never hears it. Version 2 where there is one.
   */
  async #fetchFrom(url: string): Promise<Result<void, Failure>> {
    const { snapshotAt, wholeAt, origin, channels } = this.#graph;
    const urls = await this.#urls();
    const isAnew = this.#isRenewed || isOfOthers(origin, urls);
    const isOld = (at: number): boolean => this.#options.clock.now() - at > WHOLE_SECONDS;
    const starts =
      isAnew || isOld(snapshotAt) || channels.count === 0
        ? [0]
        : isOld(wholeAt)
          ? [0, snapshotAt]
          : [snapshotAt, 0];
    for (const from of starts)
      for (const path of [`v2/${from}`, `${from}`]) {
        const { http } = this.#options;
        const answer = await http({
          url: `${url}/${path}`,
          method: 'GET',
          timeoutMs: TIMEOUT_MS,
          maxBytes: MOST_BYTES,
        });
        if (!answer.ok) return err({ detail: `${url}: ${answer.error.code}` });
        const { status } = answer.value;
        if (status === 200) {
          const taken = {
            isWhole: from === 0,
            isAnew,
            origin: originWith(isAnew ? 0 : origin, url, urls),
          };
          const applied = await this.#apply(url, answer.value.body, taken);
          if (applied !== 'no-room') return applied;
          // The whole finds room.
          break;
        }
        if (!isMissing(status)) return err({ detail: `${url}: status ${status}` });
      }
    return err({ detail: `${url}: it has no snapshot` });
  }

  /** A delta finds no room on a map that lies have filled. */
  #apply(
    url: string,
    bytes: Uint8Array,
    { isWhole, isAnew, origin }: Taken,
  ): Promise<Result<void, Failure> | 'no-room'> {
    return this.#change(async () => {
      const { network, clock, log } = this.#options;
      const empty = emptyGraph(NETWORKS[network].genesisHash);
      const applyTo = (graph: Graph): Promise<Applied | null> =>
        this.#sliced(applyInSlices(graph, bytes, clock.now(), MAP_LIMITS));
      let applied = await applyTo(isAnew ? empty : this.#graph);
      if (applied !== null && isTooMany(applied)) {
        if (!isWhole) return 'no-room';
        applied = await applyTo(empty);
      }
      if (applied === null) return err({ detail: 'the node has ended' });
      if (!applied.ok) return err({ detail: `${url}: ${applied.error.code}` });
      const { snapshotAt } = applied.value;
      const told = { ...applied.value, origin, ...(isWhole ? { wholeAt: snapshotAt } : {}) };
      if (isAnew) this.#isRenewed = false;
      const pruned = await this.#sliced(pruneInSlices(told, clock.now()));
      if (pruned === null) return err({ detail: 'the node has ended' });
      await this.#use(pruned);
      const { nodes, channels } = this.#graph;
      log('info', 'graph', 'the map is up to date', { nodes: nodes.count, channels: channels.count });
      await this.#save();
      return ok(undefined);
    });
  }

  async #urls(): Promise<readonly string[]> {
    const servers = await this.#options.servers();
    return servers.ok ? (servers.value.snapshots ?? []) : [];
  }
}

/** How a snapshot is taken: `isAnew` in place of the map, for one that is whole. */
type Taken = { readonly isWhole: boolean; readonly isAnew: boolean; readonly origin: number };
type Applied = Result<Graph, SnapshotRefusal>;

const isTooMany = (applied: Applied): boolean =>
  !applied.ok && applied.error.code === 'snapshot-invalid' && applied.error.detail === 'too-many';
