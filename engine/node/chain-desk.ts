import type { Cancel } from '../base/ports.ts';
import { timestamp, type Timestamp } from '../base/units.ts';
import { remove } from '../base/write.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import type { ChainEvent } from '../bitcoin/watch.ts';
import { balanceOf } from '../wallet/balance.ts';
import { unconfirmedOwn, unconfirmedParents } from '../wallet/record-tx.ts';
import { patienceOf } from '../channel/session.ts';
import type { ChainReader } from '../chain/chain-reader.ts';
import { scanAll, scanNews, type Scan } from '../wallet/scan.ts';
import { applyFacts } from '../wallet/wallet-facts.ts';
import type { WalletState } from '../wallet/wallet-state.ts';
import { BLIND_ROUNDS, type SyncReport } from '../chain/chain-follower.ts';
import { isClaim } from './claims/attempt.ts';
import type { ClaimDesk } from './claim-desk.ts';
import type { BackupDesk } from './backup/desk.ts';
import type { ChannelDesk } from './channel-desk.ts';
import { CommitmentDesk, type Look } from './commitment-desk.ts';
import type { Core } from './core.ts';
import { Ended } from './driver.ts';
import { RESTORE_KEY, restoreWrite } from './loaded.ts';
import type { NodeOptions } from './node-options.ts';
import type { PaymentDesk } from './payment-desk.ts';
import type { StrayDesk } from './strays/desk.ts';
import { historySource, newsSource } from './scan-source.ts';
import type { RestoreProgress } from './service-api.ts';
import type { Turn } from './turn.ts';

const REGTEST_EVERY_MS = 1_500;
const EVERY_MS = 20_000;
const SLEPT_SECONDS = 120;
/** A look for coins that takes so long is waited for no more; after the longest it ends: servers may be as slow as they like. */
const SLOW_MS = 10_000;
const LONGEST_NEWS_SECONDS = 60;
const FIRST_RESTORE_SECONDS = 600;
/** So long a search of all that words received waits for the word of a second server, which may be gone for good. */
const SECOND_WORD_SECONDS = 600;

/** Between two looks at the chain. */
export const lookEveryMs = ({ network, syncEveryMs }: Pick<NodeOptions, 'network' | 'syncEveryMs'>): number =>
  syncEveryMs ?? (network === 'regtest' ? REGTEST_EVERY_MS : EVERY_MS);

/** `complete`: all was looked for, not only what is new. */
type Scanned = Scan & { readonly complete: boolean };

/** Asks the chain again and again, and hands what is new to channels, wallet and payments in one turn. */
export class ChainDesk {
  readonly commitments: CommitmentDesk;
  readonly #core: Core;
  readonly #channels: ChannelDesk;
  readonly #payments: PaymentDesk;
  readonly #claims: ClaimDesk;
  readonly #backup: BackupDesk;
  readonly #strays: StrayDesk;
  #timer: Cancel | null = null;
  #round: Promise<void> | null = null;
  #turns = 0;
  #scannedHash: string | null = null;
  /** A block came of which no server told all: what it makes due is looked at once one does. */
  #wasBlind = false;
  /** When the timer is due. */
  #due = Infinity;
  /** The machine did, and no look since told channels of it and of the chain as it is now. */
  #hasSlept = false;
  /** It did, and peers were not called since. */
  #callsPeers = false;
  /** The last look took as long as a sleep. */
  #wasLong = false;
  /** When memory took in the last report. */
  #appliedAt: Timestamp = timestamp(0);
  #stopped = false;
  /** How much of what looks brought, and the start, is not on the disk yet. */
  #waiting = 0;
  /** What the last look told, while memory knows nothing of it: what waits for the disk before it has not ended. */
  #news: readonly ChainEvent[] = [];
  /** How often in a row something was told again in place of a look, as what the last one brought waits for the disk. */
  #inVain = 0;
  readonly #lookers = new Set<(news: readonly ChainEvent[] | null) => void>();
  /** As it stood when what it sent was told to the chain last. */
  #repeated: WalletState | null = null;
  #addressesChecked = 0;
  /** How long a search for all may take. */
  #restoreSeconds = FIRST_RESTORE_SECONDS;
  /** When a search for all came to its end first, though a second server did not answer all. */
  #lookedThroughAt: Timestamp | null = null;
  /** Called in the turn of each round that saw the chain. */
  onSynced: (turn: Turn) => void = () => undefined;
  #onProgress: ((progress: RestoreProgress) => void) | null = null;

  constructor(
    core: Core,
    channels: ChannelDesk,
    payments: PaymentDesk,
    claims: ClaimDesk,
    backup: BackupDesk,
    strays: StrayDesk,
  ) {
    this.#core = core;
    this.#channels = channels;
    this.#payments = payments;
    this.#claims = claims;
    this.#backup = backup;
    this.#strays = strays;
    this.commitments = new CommitmentDesk(core, channels, claims, () => this.#look());
  }

  /** One round now; a call during a round waits for that round. The next one is scheduled after it. Never rejects. */
  sync(): Promise<void> {
    this.#round ??= this.#run()
      .catch((error: unknown) => {
        if (!(error instanceof Ended)) this.#core.onBug(error);
      })
      .finally(() => {
        this.#round = null;
        this.commitments.publishUnseen();
        this.#schedule();
      });
    return this.#round;
  }

  #look(): ReturnType<Look> {
    return new Promise((resolve) => {
      this.#lookers.add(resolve);
      const look = async (): Promise<void> => {
        // A round under way may have asked before.
        await this.#round;
        await this.sync();
        this.#lookers.delete(resolve);
        resolve(null);
      };
      void look();
    });
  }

  /**
   * Looks for all that the words ever received. False when the chain did not tell: then the next rounds go on with it. So
   * they do, ten minutes at most, where one of two servers did not tell all.
   */
  async restore(onProgress?: (progress: RestoreProgress) => void): Promise<boolean> {
    const core = this.#core;
    await core.inTurn<void>((turn, done) => {
      core.restoring = true;
      this.#lookedThroughAt = null;
      turn.write([restoreWrite]);
      done();
    });
    this.#onProgress = onProgress ?? null;
    // A round under way began without it.
    await this.#round;
    if (core.restoring) await this.sync();
    this.#onProgress = null;
    return !core.restoring || this.#lookedThroughAt !== null;
  }

  /** Does not wait for servers: what they still answer leads to nothing. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  #schedule(): void {
    const { running, options } = this.#core;
    this.#timer?.();
    if (this.#stopped) return;
    const everyMs = lookEveryMs(options);
    this.#due = options.clock.now() + everyMs / 1_000;
    this.#timer = options.clock.after(everyMs, () => {
      this.#noteSleep();
      if (this.#waiting > 0) return void running?.chain.tellAgain().then(() => this.#onToldAgain());
      this.#claims.offerAgain();
      void this.sync();
    });
  }

  /** Timers stood still. A look that somebody else asks for may come before they tell. */
  #noteSleep(): void {
    const hasSlept = this.#core.options.clock.now() - this.#due > SLEPT_SECONDS;
    this.#due = Infinity;
    this.#hasSlept ||= hasSlept;
    this.#callsPeers ||= hasSlept;
  }

  #onToldAgain(): void {
    this.#schedule();
    if (this.#waiting === 0 || ++this.#inVain < BLIND_ROUNDS) return;
    for (const goOn of this.#lookers) goOn(this.#news);
  }

  /**
   * As `core.inTurn`. What was told to the chain is told on for as long as the disk takes nothing, whatever deadline it has; what is
   * decided meanwhile waits, a penalty or a claim too, as nothing is told that is not on the disk.
   */
  async takeIn(run: (turn: Turn) => void): Promise<void> {
    this.#waiting++;
    this.#schedule();
    await this.#core
      .inTurn<void>((turn, done) => {
        run(turn);
        done();
      })
      .finally(() => {
        this.#waiting--;
        this.#inVain = 0;
      });
  }

  async #run(): Promise<void> {
    const core = this.#core;
    const { running } = core;
    if (running === null || this.#stopped) return;
    this.#noteSleep();
    core.syncing = true;
    core.changed();
    // The machine may sleep before all is told, or taken in: what it tells is of now.
    const askedAt = core.options.clock.now();
    const report = await running.chain.sync().finally(() => {
      core.syncing = false;
    });
    core.reachable = report.refusal === null;
    core.trouble = report.trouble;
    const { tip } = report;
    const scans = report.refusal === null && tip !== null;
    const scanning = scans ? this.#scan(running.chain.reader, tip) : Promise.resolve(null);
    core.syncing = scans;
    // What is proven does not wait long for what servers list, which they may do slowly.
    const isEarly = await this.#isSlow(scanning);
    if (this.#stopped) return;
    if (isEarly) await this.#take(report, null, askedAt);
    const scanned = await scanning.finally(() => {
      core.syncing = false;
    });
    if (this.#stopped) return;
    await this.#take(isEarly ? { ...report, events: [], commit: [] } : report, scanned, askedAt);
    const takenAt = core.options.clock.now();
    this.#wasLong = this.#appliedAt - askedAt > SLEPT_SECONDS;
    this.#callsPeers ||= takenAt - askedAt > SLEPT_SECONDS;
    // What waits for a look of now waits for no timer as well.
    if (report.refusal === null && !core.isCurrent) return this.#run();
    if (!this.#callsPeers || this.#stopped) return;
    this.#callsPeers = false;
    // Once the chain was asked, as at a start. What looks connected may be dead, and who was waited for may be there.
    running.peers.wake();
  }

  #isSlow(scanning: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const cancel = this.#core.options.clock.after(SLOW_MS, () => {
        resolve(true);
      });
      scanning.then(() => {
        cancel();
        resolve(false);
      }, reject);
    });
  }

  async #take(report: SyncReport, scanned: Scanned | null, askedAt: Timestamp): Promise<void> {
    const { clock } = this.#core.options;
    this.#news = report.events;
    this.#appliedAt = askedAt;
    await this.takeIn((turn) => {
      this.#news = [];
      this.#appliedAt = clock.now();
      this.#apply(turn, report, scanned, askedAt);
    });
    this.#hasSlept ||= clock.now() - this.#appliedAt > SLEPT_SECONDS;
  }

  async #scan(reader: ChainReader, tip: NonNullable<SyncReport['tip']>): Promise<Scanned | null> {
    const { wallet, options, restoring } = this.#core;
    const began = options.clock.now();
    // Again once there is a second server to ask, or it was waited for long enough.
    const complete =
      restoring && (this.#lookedThroughAt === null || reader.hasSecond() || this.#waitedForSecond(began));
    const isOver = (): boolean =>
      options.clock.now() - began > (complete ? this.#restoreSeconds : LONGEST_NEWS_SECONDS);
    this.#addressesChecked = 0;
    const scan = complete
      ? await scanAll(
          historySource(reader, () => this.#tell(++this.#addressesChecked)),
          wallet,
          tip.height,
          isOver,
        )
      : await scanNews(newsSource(reader), wallet, {
          tipHeight: tip.height,
          newBlock: this.#scannedHash !== tip.hash,
          turn: this.#turns++,
          now: began,
          isOver,
        });
    // The next begins where this one did, and honest servers may be slow as well.
    if (complete && isOver()) this.#restoreSeconds *= 2;
    if (!scan.ok) return null;
    if (scan.value.isWhole) this.#scannedHash = tip.hash;
    return { ...scan.value, complete };
  }

  #waitedForSecond(now: Timestamp): boolean {
    return this.#lookedThroughAt !== null && Math.abs(now - this.#lookedThroughAt) >= SECOND_WORD_SECONDS;
  }

  #tell(addressesChecked: number): void {
    this.#onProgress?.({ addressesChecked, foundSat: balanceOf(this.#core.wallet).total });
  }

  #apply(turn: Turn, report: SyncReport, scanned: Scanned | null, askedAt: Timestamp): void {
    const core = this.#core;
    const { tip, isFollowed, feerates, refusal } = report;
    const moved = tip !== null && tip.height !== core.height;
    const repriced = feerates !== core.feerates;
    const isBlind = refusal !== null;
    // Servers may be as slow as that, look after look.
    const wasLong = core.options.clock.now() - askedAt > SLEPT_SECONDS;
    const hasSlept = this.#hasSlept || (wasLong && !this.#wasLong);
    if (tip !== null) core.height = tip.height;
    core.feerates = feerates;
    core.hasTip ||= isFollowed;
    if (refusal === null) core.lastSyncAt = askedAt;
    turn.write(report.commit);
    if (scanned !== null) this.#applyFacts(turn, scanned);
    for (const event of report.events) this.#channels.onChain(turn, event);
    for (const channel of core.channels.all()) {
      for (const event of report.events) core.channels.deliver(turn, channel, { tag: 'chain', event });
      // What waits for a word of its peer waits for minutes.
      const isWaiting = patienceOf(channel.state.session).overdue !== undefined;
      if (moved || repriced || isWaiting || hasSlept || (this.#wasBlind && !isBlind))
        core.channels.deliver(turn, channel, {
          tag: 'tick',
          height: core.height,
          feerates,
          ...(isBlind ? { isBlind } : {}),
          ...(hasSlept ? { hasSlept } : {}),
        });
    }
    if (scanned !== null) this.#channels.standAgain(turn, scanned.facts.seen);
    this.#channels.settleCloses(turn);
    this.#channels.watchDeposits(turn);
    this.#wasBlind = isBlind && (moved || repriced || this.#wasBlind);
    // One that learnt nothing, as before the network is up, tells of a height from before the sleep.
    if (!isBlind) this.#hasSlept = false;
    // Only where all was heard: it may be in a block again.
    if (refusal === null && scanned?.isWhole === true) this.#channels.giveUpDoubleSpent(turn);
    // What came too near to its expiry goes before what waited for this look is taken in.
    if (moved) this.#payments.tick(turn);
    if (refusal === null) this.onSynced(turn);
    if (refusal === null) this.#payments.onSynced(turn);
    if (refusal === null) this.#strays.onSynced(turn);
    // Also where nothing moved: after a start the first look may find all as it was. And where a server keeps something to
    // itself: deadlines come nearer all the same.
    if (isFollowed) this.#claims.planSoon();
    if (moved) this.#backup.guests.onHeight(turn, core.height);
    if (refusal === null) turn.after(() => this.#repeatSends());
  }

  #applyFacts(turn: Turn, { facts, complete, isEnded, isWhole }: Scanned): void {
    const core = this.#core;
    const applied = applyFacts(core.wallet, facts, core.options.clock.now(), core.signedAway);
    this.#channels.applyWallet(turn, applied);
    for (const fault of applied.faults) core.onBug(fault);
    if (!complete) {
      for (const { txId, amount, confirmed } of applied.received)
        core.tell(turn, { tag: 'onchain-received', txId, amountSat: amount, confirmed });
      return;
    }
    // What words find is from before, and no news. The next round goes on where one of the servers failed.
    if (isEnded) this.#lookedThroughAt ??= core.options.clock.now();
    if (!isWhole && !(isEnded && this.#waitedForSecond(core.options.clock.now()))) return;
    core.restoring = false;
    turn.write([remove('meta', RESTORE_KEY)]);
    this.#strays.begin(turn);
    this.#backup.markRestored(turn);
    this.#tell(this.#addressesChecked);
  }

  /**
   * All of it after a start: nobody knows whether a server heard of it before, and servers forget. Later what came to wait
   * again: out of a block, or as nothing has its place any more. What is new was told by whoever made it, and claims are told
   * by their desk, with what they wait for.
   */
  #repeatSends(): void {
    const { wallet } = this.#core;
    const before = this.#repeated;
    if (before === wallet) return;
    this.#repeated = wallet;
    const waited = new Set(before === null ? [] : unconfirmedOwn(before).map(({ tx }) => txIdOf(tx)));
    for (const { tx, purpose } of unconfirmedOwn(wallet)) {
      const id = txIdOf(tx);
      if (isClaim(purpose)) continue;
      if (before === null || (before.txs.has(id) && !waited.has(id)))
        void this.#channels.offer(tx, purpose, unconfirmedParents(wallet, tx));
    }
  }
}
