import type { BlockHash, TxId } from '../base/ids.ts';
import type { Network } from '../base/network.ts';
import type { Clock, Http, Log, Random } from '../base/ports.ts';
import { timestamp, type BlockHeight, type Timestamp } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { ChainEvent, Feerates, TxPurpose, Watch } from '../bitcoin/watch.ts';
import { Broadcaster, type BroadcastResult, type MayTell } from './broadcast.ts';
import { ChainReader } from './chain-reader.ts';
import type { ChainRefusal } from './chain-refusal.ts';
import type { ChainTrouble } from './chain-trouble.ts';
import { feeEstimates } from './esplora/questions.ts';
import { ServerPool } from './esplora/server-pool.ts';
import {
  combineEstimates,
  estimatesOf,
  fallbackFeerates,
  withPeak,
  type Estimates,
} from './fee-estimates.ts';
import { feerateWrite, loadFeerates, type KeptFeerates } from './fee-record.ts';
import { FundingOutputs } from './funding-outputs.ts';
import { followTip } from './headers/follow-tip.ts';
import type { HeaderChain } from './headers/header-chain.ts';
import { headerWrites, loadHeaders } from './headers/header-record.ts';
import { inParallel } from './in-parallel.ts';
import { isRivalled } from './is-rivalled.ts';
import { checkGroup } from './watching/check-group.ts';
import { inBlockOrder } from './watching/in-block-order.ts';
import { markChecked } from './watching/watch-group.ts';
import { WatchRegistry } from './watching/watch-registry.ts';

export type ChainFollowerOptions = {
  readonly network: Network;
  /** Base URLs of Esplora servers, preferred first. */
  readonly servers: readonly string[];
  readonly http: Http;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly log?: Log;
  /** What earlier reports wrote: key and value of all entries of table `chain`. */
  readonly stored?: Iterable<readonly [string, Uint8Array]>;
  /** Asked each time before a commitment of ours is offered again. Absent: it may be. */
  readonly mayOffer?: (commitment: Tx) => boolean;
  /** See Broadcaster. */
  readonly mayTell?: MayTell;
};

/** One that nobody asks any more: what it told again another tells again from now on, but for what is over. */
export type FormerFollower = {
  readonly chain: ChainFollower;
  readonly isOver: (purpose: TxPurpose, ids: ReadonlySet<TxId>) => boolean;
};

export type Tip = { readonly height: BlockHeight; readonly hash: BlockHash; readonly time: Timestamp };

export type SyncReport = {
  /** The best block known; null before the first sync that reached a server. */
  readonly tip: Tip | null;
  /** A server showed the best block in this round, whatever it kept to itself after that. */
  readonly isFollowed: boolean;
  /** What happened, oldest first: reorganised, then confirmed and spent in block order, then spends in the mempool. */
  readonly events: readonly ChainEvent[];
  /** A cache: it may be written with or after what the events cause, and may be lost. */
  readonly commit: readonly Write[];
  readonly feerates: Feerates;
  /** Why this sync could not learn all; the next one goes on where it stopped. */
  readonly refusal: ChainRefusal | null;
  /** The same, and whose doing it is, for a person; also when all was learnt, and what servers show is too old. */
  readonly trouble: ChainTrouble | null;
  /** Requests that it took. */
  readonly requests: number;
};

const FEES_FOR_SECONDS = 120;
/** In place of a server's address: the rates that were kept when the wallet was open last. */
const BEFORE = '';
/** What a server said of fees counts for so long when it does not answer again. */
const FEES_COUNT_SECONDS = 3_600;
/**
 * What the time between two sessions adds at most to that in which rates of before stood in for a server: one that is dead
 * for good would have its last word for ever where no session lasts an hour.
 */
const FEES_COUNT_CLOSED_SECONDS = 600;
/**
 * A mempool of longer ago was another one: kept rates hold a sole server back even then, but that it is alone is told, as
 * it is where they are younger and far from it.
 */
const KEPT_FEES_SECONDS = 86_400;
/** So long without a word about fees is told. */
const FEES_OLD_SECONDS = 3 * 3_600;
const FEE_SERVERS = 3;
const PARALLEL_CHECKS = 4;
/**
 * Rounds in which what became of a channel could not be learnt, or not taken in, after which our commitment of it is offered all
 * the same: some minutes, as payments in it may have little time.
 */
export const BLIND_ROUNDS = 15;
/** Of a hundred thousand blocks not one takes so long; a block's time may be two hours off. */
const LONGEST_WAIT_SECONDS = 4 * 3_600;

/**
 * Follows the best chain over Esplora servers that it does not trust. Nothing runs by itself: call `sync` as often as
 * news are wanted (every few seconds in sight, each minute or so out of sight, and at once when the network returns).
 *
 * Requests of one sync: one per server asked for its tip (3 at most). After a new block also one for its header, one
 * or two for each transaction still waited for (60 at most, the rest next time; one per server where none knows it) and
 * two for each broadcast that is not buried; between blocks 4 at most. Each transaction seen for the first time costs
 * one or two more (one per server where it is made up), and fee rates 3 every two minutes. A transaction that is confirmed, or an output whose spend is,
 * costs nothing any more.
 */
export class ChainFollower {
  /** Verified reads, for the wallet. */
  readonly reader: ChainReader;
  /** For the map of the network. */
  readonly funding: FundingOutputs;
  readonly #options: ChainFollowerOptions;
  readonly #pool: ServerPool;
  readonly #registry = new WatchRegistry();
  readonly #broadcaster: Broadcaster;
  #headers: HeaderChain | null;
  #feerates: Feerates;
  #feesAt = timestamp(0);
  #feesDisputed = false;
  /** The rates in use are made of those of before too. */
  #isHeld = false;
  /** When a server said last what fees are. Null where nobody need ever say: on a chain for tests. */
  #feesSaidAt: Timestamp | null;
  /** What was kept is too old to be a second voice of now, or of no known age. */
  readonly #isKeptOld: boolean;
  readonly #kept: KeptFeerates | null;
  /** By server: one that rests a while still counts beside another, which would have the word alone. */
  readonly #toldFees = new Map<string, { readonly estimates: Estimates; readonly at: Timestamp }>();
  /** Rounds in a row that reached a server and were not told all. */
  #blindRounds = 0;
  #turn = 0;
  #running: Promise<SyncReport> | null = null;
  /** Of the last report: it may not have been taken in yet. */
  #events: readonly ChainEvent[] = [];
  #telling: Promise<void> | null = null;
  /** As `tellAgain` found the chain, and how often it looked, since the last round. */
  #ahead: HeaderChain | null = null;
  #looks = 0;

  constructor(options: ChainFollowerOptions, former: FormerFollower | null = null) {
    this.#options = options;
    const stored = [...(options.stored ?? [])];
    this.#headers = loadHeaders(stored);
    const kept = loadFeerates(stored);
    this.#kept = kept;
    this.#feerates = kept?.feerates ?? fallbackFeerates(options.network);
    const now = options.clock.now();
    const saidAt = kept?.saidAt ?? null;
    // Ahead of a clock that was set back: of no known age.
    const age = saidAt === null || saidAt > now ? null : now - saidAt;
    const isReal = options.network === 'mainnet';
    this.#feesSaidAt = age !== null || isReal ? timestamp(now - (age ?? 0)) : null;
    this.#isKeptOld = age === null || age >= KEPT_FEES_SECONDS;
    if (kept !== null && options.servers.length > 1)
      this.#toldFees.set(BEFORE, {
        estimates: estimatesOf(kept.feerates),
        at: timestamp(Math.max(0, now - stoodIn(kept, now))),
      });
    this.#pool = new ServerPool(options);
    this.reader = new ChainReader(this.#pool, options.network, () => this.#headers);
    this.funding = new FundingOutputs(options);
    this.#broadcaster = new Broadcaster(this.#pool, this.reader, options.mayTell);
    if (former === null) return;
    this.#broadcaster.takeOver(former.chain.#broadcaster, former.isOver);
    this.#events = former.chain.#events;
  }

  tip(): Tip | null {
    if (this.#headers === null) return null;
    const { height, header } = this.#headers.tip;
    return { height, hash: header.hash, time: header.time };
  }

  feerates(): Feerates {
    return this.#feerates;
  }

  /** Told of in the reports of later syncs. The same watch again changes nothing. */
  register(watch: Watch): void {
    this.#registry.register(watch);
  }

  unregister(watch: Watch): void {
    this.#registry.unregister(watch);
  }

  /** Forgets that servers are to be left in peace for a while: for a retry by hand, or when the network returns. */
  wake(): void {
    this.#pool.wake();
  }

  /** Tells the servers, and again after each block until it is buried. */
  broadcast(tx: Tx, purpose: TxPurpose): Promise<BroadcastResult> {
    return this.#broadcaster.send([tx], purpose);
  }

  /** Parents first, the child that pays for them last; one by one where servers take no packages. */
  broadcastPackage(txs: readonly Tx[], purpose: TxPurpose): Promise<BroadcastResult> {
    return this.#broadcaster.send(txs, purpose);
  }

  /** Ends the repeats of `broadcast`. */
  forgetBroadcast(txId: TxId): void {
    this.#broadcaster.forget(txId);
  }

  /** A server took it, or had it, when it was told last, alone or with others. */
  isTaken(txId: TxId): boolean {
    return this.#broadcaster.isTaken(txId);
  }

  /** Every server refused it for its fee when it was told last, alone or as the last of a package; none took it with others. */
  isRefusedForFee(txId: TxId): boolean {
    return this.#broadcaster.isRefusedForFee(txId);
  }

  /** One round of questions. A call during a round waits for that round. Never rejects. */
  sync(): Promise<SyncReport> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /**
   * Tells again what is kept, with each new block, and takes note of nothing else: for while nobody can take in a report. The
   * next round finds all that happened. Our commitments wait as they do while servers do not tell all. Never rejects.
   */
  tellAgain(): Promise<void> {
    // A round under way tells by itself.
    if (this.#running !== null) return Promise.resolve();
    this.#telling ??= this.#tell()
      .catch((error: unknown) => this.#options.log?.('error', 'chain', 'a bug', { why: String(error) }))
      .finally(() => {
        this.#telling = null;
      });
    return this.#telling;
  }

  async #tell(): Promise<void> {
    this.#pool.nextTurn();
    const known = this.#ahead ?? this.#headers;
    const followed = await followTip(this.#pool, known, this.#options.network);
    if (!followed.ok) return;
    this.#ahead = followed.value;
    const { height, header } = followed.value.tip;
    if (known?.tip.header.hash !== header.hash) this.#broadcaster.onBlock();
    await this.#repeat(height, this.#events, ++this.#looks > BLIND_ROUNDS);
  }

  async #round(): Promise<SyncReport> {
    await this.#telling;
    this.#ahead = null;
    this.#looks = 0;
    const before = this.#pool.requests;
    this.#turn++;
    this.#pool.nextTurn();
    const commit: Write[] = [];
    const events: ChainEvent[] = [];
    let refusal: ChainRefusal | null = null;

    const followed = await followTip(this.#pool, this.#headers, this.#options.network);
    if (followed.ok) {
      const former = this.#headers;
      this.#headers = followed.value;
      commit.push(...headerWrites(former, followed.value));
      if (former?.tip.header.hash !== followed.value.tip.header.hash) this.#broadcaster.onBlock();
      const { height } = followed.value.tip;
      // A server that keeps one thing to itself is left in peace for that: what claims and punishes does not wait for it,
      // and goes first in every other round after one. Our commitments do wait, as what is told may be why they may not.
      if (this.#blindRounds % 2 === 1) await this.#repeat(height, events, this.#blindRounds >= BLIND_ROUNDS);
      refusal = await this.#watch(followed.value, events);
      this.#blindRounds = refusal === null ? 0 : this.#blindRounds + 1;
      if (refusal === null) await this.#repeat(height, events, true);
      commit.push(...(await this.#refreshFees()));
    } else refusal = followed.error;

    this.#events = events;
    if (refusal !== null) this.#options.log?.('warn', 'chain', 'sync is not complete', { why: refusal.code });
    return {
      tip: this.tip(),
      isFollowed: followed.ok,
      events,
      commit,
      feerates: this.#feerates,
      refusal,
      trouble: this.#troubleOf(refusal),
      requests: this.#pool.requests - before,
    };
  }

  #repeat(height: BlockHeight, events: readonly ChainEvent[], withCommitments: boolean): Promise<void> {
    return this.#broadcaster.repeat(height, (txs, purpose) => {
      if (purpose !== 'local-commitment' && purpose !== 'anchor-bump') return false;
      return (
        !withCommitments || txs.some((tx) => this.#options.mayOffer?.(tx) === false || isRivalled(tx, events))
      );
    });
  }

  #troubleOf(refusal: ChainRefusal | null): ChainTrouble | null {
    if (refusal?.code === 'chain-disputed') return { code: 'disputed' };
    if (refusal !== null) return this.#pool.trouble();
    const { network, clock } = this.#options;
    const tip = this.tip();
    // Where blocks come by themselves. Chains for tests stand still for as long as nobody mines.
    if (network === 'mainnet' && tip !== null && clock.now() - tip.time >= LONGEST_WAIT_SECONDS)
      return { code: 'stale', blockAt: tip.time };
    return this.#feeTrouble();
  }

  #feeTrouble(): ChainTrouble | null {
    const { clock, servers } = this.#options;
    const since = this.#feesSaidAt;
    if (since !== null && clock.now() - since >= FEES_OLD_SECONDS) return { code: 'fees-unknown', since };
    if (this.#feesDisputed) return { code: 'fees-disputed' };
    const [server, ...others] = [...this.#toldFees.keys()].filter((voice) => voice !== BEFORE);
    if (servers.length === 1 || server === undefined || others.length > 0) return null;
    const isSeconded = this.#isHeld && !this.#isKeptOld && this.#feerates.dearer === undefined;
    return isSeconded ? null : { code: 'fees-alone', server, held: this.#isHeld };
  }

  async #watch(headers: HeaderChain, events: ChainEvent[]): Promise<ChainRefusal | null> {
    const { height, header } = headers.tip;
    events.push(...this.#registry.rewind((at) => this.reader.isInBestChain(at), height));
    const sources = { pool: this.#pool, reader: this.reader };
    const found: ChainEvent[] = [];
    let refusal: ChainRefusal | null = null;
    // After trouble one by one: who is let down by a server that another question put to rest is none the wiser.
    const width = this.#blindRounds > 0 ? 1 : PARALLEL_CHECKS;
    await inParallel(this.#registry.due(header.hash), width, async (group) => {
      const checked = await checkGroup(sources, group, height);
      found.push(...checked.events);
      if (checked.refusal === null) {
        markChecked(group, header.hash, this.#turn);
        return true;
      }
      // Others come first in the next round: of these something may be told.
      group.checkedTurn = this.#turn;
      refusal = checked.refusal;
      return false;
    });
    events.push(...[...found, ...this.#registry.matured(height)].sort(inBlockOrder));
    return refusal;
  }

  async #refreshFees(): Promise<readonly Write[]> {
    const now = this.#options.clock.now();
    // A clock that was set back: what was asked in its future is old.
    if (now >= this.#feesAt && now - this.#feesAt < FEES_FOR_SECONDS) return [];
    const answers = await this.#pool.askEach(feeEstimates, FEE_SERVERS);
    if (answers.length > 0) this.#feesAt = now;
    const said = answers.filter(({ value }) => combineEstimates([value]) !== null);
    for (const { server, value } of said) this.#toldFees.set(server, { estimates: value, at: now });
    for (const [server, { at }] of this.#toldFees)
      if (at > now || now - at > FEES_COUNT_SECONDS) this.#toldFees.delete(server);
    // While nobody speaks the rates stay: made anew, they would be those of whoever spoke last.
    if (said.length === 0) return [];
    this.#feesSaidAt = now;
    // What was known at the start stands in for a second server that has said nothing yet.
    const hasOthers = [...this.#toldFees.keys()].filter((server) => server !== BEFORE).length > 1;
    if (hasOthers) this.#toldFees.delete(BEFORE);
    const estimates = [...this.#toldFees.values()].map((told) => told.estimates);
    const isOfServers = !this.#toldFees.has(BEFORE);
    const feerates = combineEstimates(estimates);
    // What was known before is of a mempool of then: that it is far from now is nobody's lie.
    this.#feesDisputed = isOfServers && feerates?.dearer !== undefined;
    this.#isHeld = !isOfServers;
    if (feerates === null) return [];
    this.#feerates = withPeak(feerates, this.#feerates, now);
    if (isOfServers) return [feerateWrite({ feerates: this.#feerates, saidAt: now })];
    // Kept, those of now would stand in for a server again at the next start, three times as high each time.
    const since = this.#toldFees.get(BEFORE)?.at ?? now;
    return this.#kept === null
      ? []
      : [feerateWrite({ ...this.#kept, alone: { seconds: now - since, at: now } })];
  }
}

/** Seconds for which they have stood in for a second server so far. */
function stoodIn({ alone }: KeptFeerates, now: Timestamp): number {
  if (alone === undefined) return 0;
  const closed = Math.max(0, now - alone.at);
  return alone.seconds + Math.min(closed, FEES_COUNT_CLOSED_SECONDS);
}
