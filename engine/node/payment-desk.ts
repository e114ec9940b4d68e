import { isCollectable } from '../channel/collectable.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../channel/default-config.ts';
import { toHex } from '../base/bytes.ts';
import type { ChannelId, CommandId, PaymentHash, PaymentId } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { Msat } from '../base/units.ts';
import type { HtlcOrigin, HtlcResult, IncomingHtlc } from '../channel/htlc.ts';
import { openOrigins, outgoingOrigins } from '../channel/machine.ts';
import type { ChannelSummary } from '../channel/summary.ts';
import type { Outcome } from '../payment/outcome.ts';
import { DEFAULT_PAYMENT_CONFIG, type PaymentEnv } from '../payment/env.ts';
import { termsOnMap, type RouteMap } from '../payment/graph-routes.ts';
import type { PaymentRefusal } from '../payment/payment-refusal.ts';
import type { FoundWays } from '../payment/route.ts';
import type { PaymentEffect, PaymentNotice, PaymentReceipt } from '../payment/step.ts';
import { Bug } from '../base/assert.ts';
import type { Core } from './core.ts';
import { Ended, type Driver } from './driver.ts';
import type { Identity } from './identity.ts';
import { knownSummary } from './known-summary.ts';
import type { NodeOptions } from './node-options.ts';
import { groundOf, nameOfAll, RoutesAhead } from './routes-ahead.ts';
import { smallPayments } from './small-payments.ts';
import type { Turn } from './turn.ts';

type Answer = Result<PaymentReceipt, PaymentRefusal>;

/** What it needs of the node. */
export type PaymentDeskCore = Pick<
  Core,
  | 'channels'
  | 'payments'
  | 'givenBack'
  | 'height'
  | 'feerates'
  | 'isCurrent'
  | 'network'
  | 'inTurn'
  | 'tell'
  | 'onBug'
> & {
  readonly driver: Pick<Driver, 'submit'>;
  readonly options: Pick<NodeOptions, 'clock' | 'random'>;
  readonly running: { readonly identity: Pick<Identity, 'nodeId' | 'noise'> } | null;
};

/** The map of the network, while there is one. */
export type MapSource = {
  readonly map: () => RouteMap | null;
  readonly learn: PaymentEnv['learn'];
};
/** What may still come, and who is told when more does. */
export type ReceiveBound = {
  readonly room: () => Msat | null;
  readonly turnedAway: (amount: Msat) => void;
  /** A fee for its opening may be kept of what comes by this channel. */
  readonly isOwed: (channel: ChannelId) => boolean;
};

/** Once our channels have changed so often while a way was looked for, it is tried as it is: they refuse what is too much. */
const MOST_LOOKS = 5;

const NO_BOUND: ReceiveBound = { room: () => null, turnedAway: () => undefined, isOwed: () => true };
const NO_MAP: MapSource = { map: () => null, learn: () => undefined };

/** Between the payments and the channels: carries out, inside the turn, what the payments decide. */
export class PaymentDesk {
  readonly #core: PaymentDeskCore;
  readonly #map: MapSource;
  readonly #bound: ReceiveBound;
  readonly #routes: RoutesAhead;
  readonly #replies = new Map<CommandId, (turn: Turn, answer: Answer) => void>();
  /** The book that answers is read anew with each desk, and no record has a number of these. */
  #asked = 0;
  /** Offered while nobody knew how high the chain is. */
  #offered: IncomingHtlc[] = [];
  /** The last of those that look for ways and then take a turn. */
  #line: Promise<void> = Promise.resolve();
  /** The last that was begun of each. */
  readonly #retries = new Map<PaymentId, object>();
  #wake: (() => void) | null = null;
  /** The turn that sets the alarm clock anew, once, however many inputs it has. */
  #setting: Turn | null = null;
  #stopped = false;
  readonly #takesSmall: (channel: ChannelId) => boolean;

  constructor(core: PaymentDeskCore, map = NO_MAP, bound = NO_BOUND) {
    this.#core = core;
    this.#map = map;
    this.#bound = bound;
    this.#routes = new RoutesAhead(
      core.options.clock,
      () => map.map(),
      () => this.#stopped || core.running === null,
    );
    this.#takesSmall = smallPayments(core.options.clock, (id) => core.channels.get(id)?.peerId ?? null);
  }

  /** In a turn: what is looked for besides is looked for without the map. */
  env(findRoutes = this.#routes.direct): PaymentEnv {
    const { running, height, options, network } = this.#core;
    if (running === null) throw new Bug('payments before start');
    return {
      config: DEFAULT_PAYMENT_CONFIG,
      nodeId: running.identity.nodeId,
      now: options.clock.now(),
      height,
      random: options.random,
      channels: () => this.channels(),
      findRoutes,
      searchesLater: this.#map.map() !== null,
      heldByOthers: () => this.#core.payments.held(null),
      chainHash: network.genesisHash,
      termsNow: (...channel) => termsOnMap(this.#map.map())(...channel),
      learn: (lessons) => this.#map.learn(lessons),
      room: this.#bound.room,
      isOwed: this.#bound.isOwed,
      collectable: ({ channelId, id }, isBelieved) =>
        isCollectable(
          this.#core.channels.get(channelId)?.state.durable ?? null,
          id,
          { config: DEFAULT_CHANNEL_CONFIG, feerates: this.#core.feerates },
          isBelieved,
        ),
      takesSmall: this.#takesSmall,
    };
  }

  /** What `ask` makes of the ways that it asks for, while others are served. @throws {Ended} */
  ahead<T>(ask: (env: PaymentEnv) => T): Promise<T> {
    const channels = this.channels();
    return this.#routes.for((find) => ask({ ...this.env(find), channels: () => channels }));
  }

  /**
   * `run` in a turn with the ways that were looked for ahead of it; `done` as in `Core.inTurn`. One after the other, so
   * that the next search counts what this turn sends; where our channels have changed, the search is made again.
   * @throws {Ended}
   */
  async withWays<T>(
    look: (env: PaymentEnv) => FoundWays | null,
    run: (turn: Turn, env: PaymentEnv, done: (value: T, answering?: Turn) => void) => void,
  ): Promise<T> {
    const isUnmapped = (): boolean => this.#map.map() === null;
    if (isUnmapped()) {
      const answer = await this.#core.inTurn<{ readonly value: T } | null>((turn, done) => {
        // It was read meanwhile.
        if (!isUnmapped()) return done(null);
        run(turn, this.env(), (value, answering) => done({ value }, answering));
      });
      if (answer !== null) return answer.value;
    }
    const before = this.#line;
    let leave = (): void => undefined;
    this.#line = new Promise((resolve) => (leave = resolve));
    await before;
    try {
      for (let looks = 1; ; looks++) {
        const ground = this.#ground();
        const found = await this.ahead(look);
        const answer = await this.#core.inTurn<{ readonly value: T } | null>((turn, done) => {
          if (looks < MOST_LOOKS && this.#ground() !== ground) return done(null);
          const env = this.env();
          run(turn, found === null ? env : { ...env, found }, (value, answering) =>
            done({ value }, answering),
          );
          leave();
        });
        if (answer !== null) return answer.value;
      }
    } finally {
      leave();
    }
  }

  /** What ways hang on of our own. */
  #ground(): string {
    return nameOfAll([this.#core.height, this.channels().map(groundOf)]);
  }

  /** Of every channel that has one. */
  channels(): readonly ChannelSummary[] {
    const { channels, height } = this.#core;
    return [...channels.all()].flatMap(({ state, frozen }) =>
      frozen ? [] : (knownSummary(state, height) ?? []),
    );
  }

  /** Gives the book something to do; `reply` is called in the turn in which it answers. */
  ask(turn: Turn, run: (id: CommandId) => Outcome, reply: (turn: Turn, answer: Answer) => void): void {
    const id = String(++this.#asked) as CommandId;
    this.#replies.set(id, reply);
    this.apply(turn, run(id));
  }

  /** An HTLC is judged by its expiry: one that is offered while our height is old waits for a look at the chain. */
  onOffer(turn: Turn, htlc: IncomingHtlc): void {
    const { running, payments } = this.#core;
    if (!this.#core.isCurrent) this.#offered.push(htlc);
    else if (running !== null)
      this.apply(turn, payments.offered(htlc, running.identity.noise.ecdh, this.env()));
  }

  /** The height is that of the chain again. */
  onSynced(turn: Turn): void {
    for (const htlc of this.#offered.splice(0)) this.onOffer(turn, htlc);
  }

  onTakenBack(turn: Turn, channelId: ChannelId, id: bigint, hash: PaymentHash): void {
    this.apply(turn, this.#core.payments.takenBack(hash, { channelId, id }, this.env()));
  }

  /** False when the payment could not take it in: the channel keeps it, and tells it again after the next start. */
  onSettle(turn: Turn, origin: HtlcOrigin, result: HtlcResult): boolean {
    const outcome = this.#core.payments.settled(origin, result, this.env());
    this.apply(turn, outcome);
    return outcome.isBroken !== true;
  }

  /** As an input of the same turn, not from inside the channel's step. */
  onSignatureOwed(channelId: ChannelId): void {
    const { driver, payments } = this.#core;
    const channel = this.channels().find((one) => one.channelId === channelId);
    if (channel === undefined || !this.#core.isCurrent) return;
    driver.submit((same) => {
      const after = payments.probes.askForSignature(channel, this.env());
      this.apply(same, { commit: [], after });
    });
  }

  /** Once after a start, when the channels have resumed. */
  resume(turn: Turn): void {
    const all = [...this.#core.channels.all()];
    const live = all.flatMap(({ state }) => outgoingOrigins(state));
    const underWay = all.flatMap(({ state }) => openOrigins(state));
    this.apply(turn, this.#core.payments.resume(live, this.env(), underWay));
  }

  tick(turn: Turn): void {
    this.apply(turn, this.#core.payments.tick(this.env()));
  }

  stop(): void {
    this.#stopped = true;
    this.#core.givenBack.stop();
    this.#wake?.();
    this.#wake = null;
  }

  apply(turn: Turn, { commit, after }: Outcome): void {
    turn.write(commit);
    for (const effect of after) this.#run(turn, effect);
    if (this.#setting === turn) return;
    this.#setting = turn;
    turn.after(() => this.#schedule());
  }

  #run(turn: Turn, effect: PaymentEffect): void {
    switch (effect.tag) {
      case 'command':
        this.#command(turn, effect);
        break;
      case 'reply': {
        const reply = this.#replies.get(effect.id);
        this.#replies.delete(effect.id);
        reply?.(turn, effect.result);
        break;
      }
      case 'retry':
        turn.after(() => void this.#retry(effect.paymentId));
        break;
      case 'notify':
        this.#tell(turn, effect.notice);
        break;
      case 'broken':
        this.#core.onBug(effect.error);
        break;
    }
  }

  /** The next way, looked for in slices, and in a turn of its own. */
  async #retry(id: PaymentId): Promise<void> {
    const { driver, payments } = this.#core;
    const mine = {};
    this.#retries.set(id, mine);
    const goOn = (turn: Turn, env: PaymentEnv): void => {
      // Another part came back meanwhile: its own retry asks for both.
      if (this.#stopped || this.#retries.get(id) !== mine) return;
      this.#retries.delete(id);
      this.apply(turn, payments.retry(id, env));
    };
    try {
      await this.withWays<void>(
        (env) => (this.#retries.get(id) === mine ? payments.waysAgain(id, env) : null),
        (turn, env, done) => {
          goOn(turn, env);
          done();
        },
      );
    } catch (error) {
      // What went wrong goes wrong in the turn again, where it is told of this payment.
      if (error instanceof Ended) return;
      const fail = (): never => {
        throw error;
      };
      driver.submit((turn) => goOn(turn, { ...this.env(fail), searchesLater: false }));
    }
  }

  #command(turn: Turn, { channelId, command }: Extract<PaymentEffect, { tag: 'command' }>): void {
    const { channels, driver, payments, givenBack } = this.#core;
    const channel = channels.get(channelId);
    if (command.tag !== 'add-htlc') {
      // A channel that is gone has settled its HTLCs on chain.
      if (channel === null) return;
      if (command.tag === 'fail-htlc' || command.tag === 'fail-malformed-htlc')
        givenBack.giveBack(turn, channel, command);
      else channels.command(turn, channel, command);
      return;
    }
    const { origin } = command;
    const notReady = { code: 'channel-not-ready', status: 'closed' } as const;
    if (channel === null || channel.frozen) {
      driver.submit((same) => this.apply(same, payments.refused(origin, notReady, this.env())));
      return;
    }
    channels.command(turn, channel, command, (_turn, result) =>
      driver.submit((same) =>
        this.apply(
          same,
          result.ok ? payments.added(origin, this.env()) : payments.refused(origin, result.error, this.env()),
        ),
      ),
    );
  }

  #tell(turn: Turn, notice: PaymentNotice): void {
    const { paymentId } = notice;
    switch (notice.tag) {
      case 'sent':
        this.#core.tell(turn, {
          tag: 'payment-sent',
          paymentId,
          amountMsat: notice.amount,
          feeMsat: notice.fee,
          preimage: toHex(notice.preimage),
        });
        break;
      case 'failed':
        this.#core.tell(turn, { tag: 'payment-failed', paymentId, failure: notice.failure });
        break;
      case 'received':
        this.#core.tell(turn, { tag: 'payment-received', paymentId, amountMsat: notice.amount });
        break;
      case 'turned-away':
        turn.after(() => this.#bound.turnedAway(notice.amount));
        break;
      case 'claimable':
        this.#core.tell(turn, {
          tag: 'payment-claimable',
          paymentId,
          amountMsat: notice.amount,
          claimDeadlineHeight: notice.deadline,
        });
        break;
    }
  }

  /** Parts that wait for others are given back in time. */
  #schedule(): void {
    this.#wake?.();
    this.#wake = null;
    if (this.#stopped) return;
    const { clock } = this.#core.options;
    const at = this.#core.payments.wakeAt({ config: DEFAULT_PAYMENT_CONFIG });
    if (at === null) return;
    this.#wake = clock.after(Math.max(0, at - clock.now()) * 1000 + 50, () =>
      this.#core.driver.submit((turn) => this.tick(turn)),
    );
  }
}
