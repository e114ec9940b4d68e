import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { ok } from '../base/result.ts';
import { blockDelta, blockHeight, msat } from '../base/units.ts';
import type { HtlcOrigin } from '../channel/htlc.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { encodeFailure } from '../onion/failure.ts';
import { buildFailure, wrapFailure } from '../onion/failure-onion.ts';
import { openHtlc } from '../onion/instruction.ts';
import type { PathLesson } from '../routing/teach.ts';
import { PaymentBook } from './book.ts';
import {
  envOf,
  HEIGHT,
  NOW,
  payChannel,
  sats,
  scidOf,
  testNode,
  type EnvChange,
} from './fixtures/pay-world.ts';
import { PROBE_LIMITS } from './probe-limits.ts';
import type { AskedChannel, ProbeRequest } from './probes.ts';
import type { FindRoutes, Route, RouteQuery } from './route.ts';

const us = testNode(1);
const peer = testNode(2);
const payee = testNode(3);

const request = (amount = sats(1_000), parts = 1): ProbeRequest => ({
  amount,
  maxFee: sats(100),
  recipient: {
    nodeId: payee.id,
    paymentSecret: new Uint8Array(32).fill(8),
    paymentMetadata: Uint8Array.of(1, 2, 3),
    routeHints: [],
    minFinalCltvExpiryDelta: blockDelta(18),
    multiPart: parts > 1,
    keysendPreimage: new Uint8Array(32).fill(7),
  },
});

/** us – peer – payee, in as many parts as asked for. */
class World {
  book = new PaymentBook();
  readonly lessons: PathLesson[] = [];
  readonly asked: RouteQuery[] = [];
  parts = 1;
  hops = 2;
  change: EnvChange = { channels: [payChannel(1, peer.id)] };

  readonly #routes: FindRoutes = (query) => {
    const held = query.inFlight();
    this.asked.push({ ...query, inFlight: () => held });
    const amount = msat(query.amount / BigInt(this.parts));
    const first = {
      nodeId: peer.id,
      scid: null,
      amount: msat(amount + 1_000n),
      cltvExpiry: blockHeight(HEIGHT + 60),
    };
    const last = { nodeId: payee.id, scid: scidOf(7), amount, cltvExpiry: query.finalCltvExpiry };
    const route: Route = {
      channelId: payChannel(1, peer.id).channelId,
      hops: this.hops === 1 ? [{ ...last, scid: null }] : [first, last],
    };
    return ok(Array.from({ length: this.parts }, () => route));
  };

  get env() {
    return envOf(us, {
      ...this.change,
      findRoutes: this.#routes,
      learn: (lessons) => void this.lessons.push(...lessons),
    });
  }

  /** The commands that it led to. */
  probe(asked = request()): readonly Extract<ChannelCommand, { tag: 'add-htlc' }>[] {
    const probed = this.book.probe(asked, this.env);
    if (!probed.ok) throw new Error(JSON.stringify(probed.error, (_, value: unknown) => String(value)));
    expect(probed.value.outcome.commit).toEqual([]);
    const commands = probed.value.outcome.after.map((effect) => {
      if (effect.tag !== 'command' || effect.command.tag !== 'add-htlc') throw new Error(effect.tag);
      return effect.command;
    });
    expect(probed.value.sent).toBe(commands.length);
    for (const { origin } of commands)
      expect(this.book.added(origin, this.env)).toEqual({ commit: [], after: [] });
    return commands;
  }
  refusal(asked = request()) {
    const probed = this.book.probe(asked, this.env);
    return probed.ok ? null : probed.error;
  }
  end(origin: HtlcOrigin, result: Parameters<PaymentBook['settled']>[1]) {
    return this.book.settled(origin, result, this.env);
  }
}

/** As the payee answers a hash that it does not know. */
function unknownTo(command: Extract<ChannelCommand, { tag: 'add-htlc' }>) {
  const atPeer = openHtlc(command, peer.ecdh);
  if (!atPeer.ok || atPeer.value.tag !== 'forward') throw new Error('not forwarded');
  const { nextOnion: onion, amount, cltvExpiry, sharedSecret } = atPeer.value;
  const atPayee = openHtlc({ ...command, onion, amount, cltvExpiry }, payee.ecdh);
  if (!atPayee.ok || atPayee.value.tag !== 'receive') throw new Error('not received');
  const failure = {
    name: 'incorrect_or_unknown_payment_details',
    htlcAmount: amount,
    height: blockHeight(HEIGHT),
  } as const;
  const reason = buildFailure(atPayee.value.sharedSecret, encodeFailure(failure));
  return {
    receive: atPayee.value,
    result: { tag: 'failed', reason: wrapFailure(sharedSecret, reason) } as const,
  };
}

describe('a probe', () => {
  it('comes back from the payee, teaches, and is no payment', () => {
    const world = new World();
    const [command] = world.probe();
    if (command === undefined) throw new Error('nothing was sent');
    const { receive, result } = unknownTo(command);
    expect(world.book.probes.underWay).toBe(1);
    expect(world.end(command.origin, result)).toEqual({ commit: [], after: [] });
    expect(world.lessons).toEqual([
      { tag: 'channel', scid: 7n, from: peer.id, to: payee.id, amount: 1_000_000n, outcome: 'passed' },
    ]);
    expect(world.book.probes.underWay).toBe(0);
    expect(world.book.entry(command.origin.paymentId, world.env.now)).toBeNull();
    expect(world.book.attempts(command.origin.paymentId)).toBeNull();
    expect(world.book.page(null, 10, world.env.now).entries).toEqual([]);
    expect(world.book.history(10)).toEqual(new PaymentBook().history(10));
    // Nothing of the payment that it stands for: what is known of that would let the payee take it.
    expect(receive.paymentSecret).not.toEqual(request().recipient.paymentSecret);
    expect(receive).toMatchObject({ paymentMetadata: null, keysendPreimage: null, total: 1_000_000n });
  });

  it('never has the same hash twice, nor its hash for a name of a payment', () => {
    const world = new World();
    const hashes = [...world.probe(), ...world.probe(), ...world.probe()].map(
      ({ paymentHash }) => paymentHash,
    );
    expect(new Set(hashes).size).toBe(3);
    expect(hashes.map((hash) => fromHex(hash).length)).toEqual([32, 32, 32]);
  });

  it('is not sent over our own channel alone, which teaches nothing', () => {
    const world = new World();
    world.hops = 1;
    expect(world.probe()).toEqual([]);
    expect(world.book.probes.underWay).toBe(0);
  });

  it('is over when no channel takes it, or it is lost', () => {
    const world = new World();
    const [first, second] = [...world.probe(), ...world.probe()];
    if (first === undefined || second === undefined) throw new Error('nothing was sent');
    world.book.refused(first.origin, { code: 'peer-not-connected' }, world.env);
    expect(world.book.probes.underWay).toBe(1);
    world.end(second.origin, { tag: 'abandoned', cause: 'timed-out-on-chain' });
    expect(world.book.probes.underWay).toBe(0);
    expect(world.lessons).toEqual([]);
  });

  it('counts where payments look for their way, and payments count where it does', () => {
    const world = new World();
    world.probe();
    world.probe();
    expect(world.asked.at(-1)?.inFlight()).toEqual([{ scid: 7n, from: peer.id, amountMsat: 1_000_000n }]);
  });
});

describe('the limits of probes', () => {
  it('so many are under way', () => {
    const world = new World();
    const commands = Array.from({ length: PROBE_LIMITS.mostUnderWay }, () => world.probe()).flat();
    expect(world.refusal()).toEqual({ code: 'probes-limited', by: 'under-way' });
    const [command] = commands;
    if (command === undefined) throw new Error('nothing was sent');
    world.end(command.origin, unknownTo(command).result);
    expect(world.probe()).toHaveLength(1);
  });

  it('all parts or none', () => {
    const world = new World();
    world.parts = PROBE_LIMITS.mostUnderWay + 1;
    expect(world.refusal(request(sats(600), 6))).toEqual({ code: 'probes-limited', by: 'under-way' });
    expect(world.book.probes.underWay).toBe(0);
    world.parts = 3;
    expect(world.probe(request(sats(600), 3))).toHaveLength(3);
  });

  it('those of a life before this one are under way as well, until they are over', () => {
    const world = new World();
    const commands = Array.from({ length: PROBE_LIMITS.mostUnderWay }, () => world.probe()).flat();
    world.book = new PaymentBook();
    world.book.resume(
      commands.map(({ origin }) => origin),
      world.env,
    );
    expect(world.refusal()).toEqual({ code: 'probes-limited', by: 'under-way' });
    for (const command of commands)
      expect(world.end(command.origin, unknownTo(command).result)).toEqual({ commit: [], after: [] });
    expect(world.lessons).toEqual([]);
    expect(world.probe()).toHaveLength(1);
  });

  it('those that ended before, in a channel that keeps them for its close, are not', () => {
    const world = new World();
    const commands = Array.from({ length: PROBE_LIMITS.mostUnderWay }, () => world.probe()).flat();
    const origins = commands.map(({ origin }) => origin);
    world.book = new PaymentBook();
    world.book.resume(origins, world.env, origins.slice(1));
    expect(world.book.probes.underWay).toBe(PROBE_LIMITS.mostUnderWay - 1);
    expect(world.probe()).toHaveLength(1);
  });

  it('so many begin in a minute', () => {
    const world = new World();
    const one = (): void => {
      const [command] = world.probe();
      if (command !== undefined) world.end(command.origin, unknownTo(command).result);
    };
    for (let i = 0; i < PROBE_LIMITS.perMinute; i++) one();
    expect(world.refusal()).toEqual({ code: 'probes-limited', by: 'rate' });
    world.change = { ...world.change, now: NOW + 60 };
    one();
    // A clock that was set back by an hour forgets them.
    world.change = { ...world.change, now: NOW - 3_600 };
    one();
  });

  it('so much is under way, and so much of what could be sent', () => {
    const world = new World();
    const [most] = [PROBE_LIMITS.mostValue];
    world.change = { channels: [payChannel(1, peer.id, { sendable: msat(10n * most) })] };
    expect(world.refusal(request(most))).toEqual({ code: 'probes-limited', by: 'value' });
    world.probe(request(msat(most - 1_000_000n)));
    expect(world.refusal(request(sats(1_000)))).toEqual({ code: 'probes-limited', by: 'value' });

    const poor = new World();
    poor.change = { channels: [payChannel(1, peer.id, { sendable: sats(3_003) })] };
    expect(poor.refusal(request(sats(1_001)))).toEqual({ code: 'probes-limited', by: 'value' });
    poor.probe(request(sats(1_000)));
  });

  it('no way holds it for longer than some days', () => {
    const world = new World();
    world.probe();
    expect(world.asked[0]?.maxCltvExpiry).toBe(HEIGHT + PROBE_LIMITS.maxCltvDelta);
  });
});

describe('an HTLC that has a peer sign what it owes', () => {
  const owing = { channelId: payChannel(1, peer.id).channelId, peerId: peer.id, remoteHtlcMinimum: msat(1) };
  function ask(world: World, asked: AskedChannel = owing) {
    return world.book.probes.askForSignature(asked, world.env).map((effect) => {
      if (effect.tag !== 'command' || effect.command.tag !== 'add-htlc') throw new Error(effect.tag);
      return { channelId: effect.channelId, ...effect.command };
    });
  }

  it('is one satoshi, or the least that the peer takes, for the peer to read and not to take', () => {
    const [command] = ask(new World());
    if (command === undefined) throw new Error('nothing was sent');
    expect(command).toMatchObject({ channelId: owing.channelId, amount: 1_000n, cltvExpiry: HEIGHT + 40 });
    expect(openHtlc(command, peer.ecdh)).toMatchObject({
      ok: true,
      value: { tag: 'receive', total: 1_000n, keysendPreimage: null },
    });
    expect(ask(new World(), { ...owing, remoteHtlcMinimum: msat(5_000) })[0]?.amount).toBe(5_000n);
  });

  it('is none where it would be an output of a commitment, nor a second one while the first is there', () => {
    expect(ask(new World(), { ...owing, remoteHtlcMinimum: msat(300_001) })).toEqual([]);
    const world = new World();
    expect(ask(world)).toHaveLength(1);
    expect(ask(world)).toEqual([]);
    expect(ask(world, { ...owing, channelId: payChannel(2, peer.id).channelId })).toHaveLength(1);
  });

  it('is no payment and teaches nothing, and comes again where it came to nothing', () => {
    const world = new World();
    for (const end of [
      (origin: HtlcOrigin) => world.book.refused(origin, { code: 'not-opener' }, world.env),
      (origin: HtlcOrigin) => world.end(origin, { tag: 'abandoned', cause: 'not-sent' }),
      (origin: HtlcOrigin) => world.end(origin, { tag: 'failed', reason: new Uint8Array(292) }),
    ]) {
      const [command] = ask(world);
      if (command === undefined) throw new Error('nothing was sent');
      expect(world.book.added(command.origin, world.env)).toEqual({ commit: [], after: [] });
      expect(end(command.origin)).toEqual({ commit: [], after: [] });
    }
    expect(world.book.probes.underWay).toBe(0);
    expect(world.lessons).toEqual([]);
    expect(world.book.page(null, 10, world.env.now).entries).toEqual([]);
  });
});
