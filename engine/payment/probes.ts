import { toHex } from '../base/bytes.ts';
import { paymentHash, type ChannelId, type NodeId, type PaymentId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockDelta, blockHeight, msat, type Msat, type Timestamp } from '../base/units.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import type { ChannelAmount } from '../routing/route.ts';
import { htlcOf, type Onward } from './attempt.ts';
import { verdictOf } from './attempt-outcome.ts';
import type { PaymentEnv } from './env.ts';
import { heldBy, type Attempt, type OutgoingPayment, type Recipient } from './outgoing.ts';
import { lessonsOfSuccess } from './path-lessons.ts';
import type { PaymentRefusal } from './payment-refusal.ts';
import { firstWays, foundFor } from './plan.ts';
import { PROBE_LIMITS, type ProbeLimits } from './probe-limits.ts';
import type { FoundWays, Route } from './route.ts';
import type { PaymentEffect } from './step.ts';

/** Whom a payment would go to, and how much. */
export type ProbeRequest = Pick<OutgoingPayment, 'amount' | 'maxFee' | 'recipient'>;
/** One whose peer owes us a signature. */
export type AskedChannel = {
  readonly channelId: ChannelId;
  readonly peerId: NodeId;
  /** The least that the peer takes. */
  readonly remoteHtlcMinimum: Msat;
};
type Probed = { readonly sent: number; readonly after: readonly PaymentEffect[] };

type Probe = { readonly attempt: Attempt; readonly recipient: Recipient };

const MINUTE = 60;
/** Of an HTLC that is to be no output of any commitment: no channel is closed for it, however long it is held. */
const ASKING = { least: msat(1_000n), most: msat(300_000n), blocks: 40 } as const;

/**
 * HTLCs that are sent to learn whether a payment would get through: their hash is random, so the payee cannot take
 * them, and its refusal tells that all channels on the way could carry the amount. In memory alone: they are in no
 * history, and one whose sender was restarted ends without teaching anything.
 */
export class Probes {
  readonly #limits: ProbeLimits;
  readonly #underWay = new Map<PaymentId, Probe | null>();
  /** Those that ask a peer for a signature. */
  readonly #asking = new Map<PaymentId, ChannelId>();
  /** When those of the last minute were begun. */
  #begun: Timestamp[] = [];

  constructor(limits = PROBE_LIMITS) {
    this.#limits = limits;
  }

  has(id: PaymentId): boolean {
    return this.#underWay.has(id);
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** What they hold in channels beyond our own. */
  held(): readonly ChannelAmount[] {
    return heldBy({ attempts: [...this.#underWay.values()].flatMap((probe) => probe?.attempt ?? []) });
  }

  /** HTLCs in channels that no payment knows: probes of a life before this one. They count until they are over. */
  adopt(ids: Iterable<PaymentId>): void {
    for (const id of ids) if (!this.#underWay.has(id)) this.#underWay.set(id, null);
  }

  /** One HTLC for each part that the payment would have. */
  send(request: ProbeRequest, env: PaymentEnv): Result<Probed, PaymentRefusal> {
    const limits = this.#limits;
    // A step of the clock backwards would keep them for ever.
    this.#begun = this.#begun.filter((at) => at <= env.now && env.now - at < MINUTE);
    const routes = foundFor({ ...request, attempts: [] }, env) ?? probeWays(request, env, limits).routes;
    if (!routes.ok) return routes;
    // What our own channels can send we know.
    const telling = routes.value.filter(({ hops }) => hops.length > 1);
    const refused = this.#refusal(telling, env);
    if (refused !== null) return err(refused);
    const after: PaymentEffect[] = [];
    for (const route of telling) {
      const command = this.#begin(request, route, env);
      if (command !== null) after.push(command);
    }
    return ok({ sent: after.length, after });
  }

  /**
   * One satoshi to the peer itself, or the least that it takes: it signs what it owes along with it, and gives it back as it
   * has never heard of the hash. One for each channel at a time.
   */
  askForSignature(channel: AskedChannel, env: PaymentEnv): readonly PaymentEffect[] {
    const { channelId, peerId: nodeId, remoteHtlcMinimum } = channel;
    const amount = remoteHtlcMinimum > ASKING.least ? remoteHtlcMinimum : ASKING.least;
    if (amount > ASKING.most || this.#underWay.size >= this.#limits.mostUnderWay) return [];
    if ([...this.#asking.values()].includes(channelId)) return [];
    const hash = paymentHash(toHex(env.random(32)));
    const recipient: Recipient = {
      nodeId,
      paymentSecret: env.random(32),
      paymentMetadata: null,
      routeHints: [],
      minFinalCltvExpiryDelta: blockDelta(ASKING.blocks),
      multiPart: false,
      keysendPreimage: null,
    };
    const command = htlcOf(
      { id: probeIdOf(hash), paymentHash: hash, amount, recipient },
      {
        number: 0,
        sessionKey: env.random(32),
        hops: [{ nodeId, scid: null, amount, cltvExpiry: blockHeight(env.height + ASKING.blocks) }],
      },
    );
    if (!command.ok) return [];
    this.#underWay.set(probeIdOf(hash), null);
    this.#asking.set(probeIdOf(hash), channelId);
    return [{ tag: 'command', channelId, command: command.value }];
  }

  #refusal(routes: readonly Route[], env: PaymentEnv): PaymentRefusal | null {
    const { mostUnderWay, mostValue, shareOfSendable, perMinute } = this.#limits;
    if (this.#underWay.size + routes.length > mostUnderWay)
      return { code: 'probes-limited', by: 'under-way' };
    if (this.#begun.length + routes.length > perMinute) return { code: 'probes-limited', by: 'rate' };
    const before = [...this.#underWay.values()].flatMap((probe) => probe?.attempt ?? []);
    const value = sum([...before, ...routes].map(({ hops }) => hops[0].amount));
    const usable = env.channels().filter(({ isUsable }) => isUsable);
    // What is under way cannot be sent a second time: it was there before.
    const sendable =
      sum(usable.map((channel) => channel.sendable)) + sum(before.map(({ hops }) => hops[0].amount));
    return value > mostValue || value > sendable / shareOfSendable
      ? { code: 'probes-limited', by: 'value' }
      : null;
  }

  #begin(
    { recipient, amount }: ProbeRequest,
    { channelId, hops }: Route,
    env: PaymentEnv,
  ): PaymentEffect | null {
    // Nobody chose a preimage of it, so nobody has one.
    const hash = paymentHash(toHex(env.random(32)));
    const id: PaymentId = probeIdOf(hash);
    const onward: Onward = {
      id,
      paymentHash: hash,
      amount,
      // Nothing that the payee gave for the payment itself goes into it.
      recipient: {
        ...recipient,
        paymentSecret: env.random(32),
        paymentMetadata: null,
        keysendPreimage: null,
      },
    };
    const attempt: Attempt = {
      number: 0,
      channelId,
      sessionKey: env.random(32),
      hops,
      outcome: { tag: 'in-flight' },
    };
    const command = htlcOf(onward, attempt);
    if (!command.ok) return null;
    this.#underWay.set(id, { attempt, recipient });
    this.#begun.push(env.now);
    return { tag: 'command', channelId, command: command.value };
  }

  /** No channel took it, or it is over. */
  refused(id: PaymentId): void {
    this.#underWay.delete(id);
    this.#asking.delete(id);
  }

  settled(id: PaymentId, result: HtlcResult, env: PaymentEnv): void {
    const probe = this.#underWay.get(id);
    this.refused(id);
    if (!probe) return;
    const { attempt, recipient } = probe;
    env.learn(
      result.tag === 'fulfilled'
        ? lessonsOfSuccess(attempt)
        : verdictOf(attempt, recipient, result, env.chainHash).lessons,
    );
  }
}

/** The ways that they take. */
export function probeWays(request: ProbeRequest, env: PaymentEnv, limits = PROBE_LIMITS): FoundWays {
  const { config } = env;
  const maxCltvDelta = limits.maxCltvDelta < config.maxCltvDelta ? limits.maxCltvDelta : config.maxCltvDelta;
  return firstWays(request, { ...env, config: { ...config, maxCltvDelta } });
}

/** Of the same form as that of a payment, and of none. */
const probeIdOf = (hash: string): PaymentId => hash as PaymentId;

const sum = (amounts: readonly Msat[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
