import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { txOf } from '../../real/scenarios/chain-money.ts';
import { newTally, payIn, payOut, receivedMsat, type Tally } from '../../real/scenarios/persistence.ts';
import { DEEP, Stage, waitForChannel } from '../../real/scenarios/stage.ts';
import { seeded, valueOf, wholeBetween } from '../../real/scenarios/values.ts';
import type { LocalLeyden } from '../../world/leyden/local-leyden.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import { askedImplementations } from '../asked.ts';
import type { ImplementationName } from '../implementation.ts';
import { does, whyNot } from '../cannot.ts';
import { USUAL, USUAL_FEES } from '../play.ts';
import { BROKEN } from '../scenarios/cut-line.ts';
import { Wiretap } from '../wiretap.ts';
import { heldByThem, heldByUs, keysend, type Action } from './actions.ts';

const MINUTES = Number(process.env['LEYDEN_SOAK_MINUTES'] ?? 1);
const SEED = Number(process.env['LEYDEN_SEED'] ?? 20_261_128);
/** In so many minutes everything happens. */
const EVERYTHING = 10;
const CAPACITY = 4_000_000n;
/** Not half of it: in a closing transaction the two parts are told by what they are. */
const PUSH = 1_900_000_000n;
/** Satoshis, of one transaction with few inputs at the rates that are told here. */
const MOST_FEE = 5_000;
/** More than a peer may pay to sweep what a close gave it. */
const SWEEP = 5_000n;
/** Millisatoshis: some ten of the largest payments above the reserve, and less than what may be in flight at once. */
const LOW = 250_000_000n;
/** sat/vB, of which one is told to us. */
const FEE_RATES = [3, 5, 8] as const;

type Seat = {
  readonly name: ImplementationName;
  readonly peer: RealPeer;
  readonly tally: Tally;
  readonly restsBeforeKill: boolean;
  /** The one that there is, as it began, and what had been paid over those before it: in millisatoshis, ours more by it. */
  channel: ChannelDetails;
  before: bigint;
  /** Until then nothing new is begun. */
  rest: Promise<void> | null;
  /** The payment that is under way. */
  busy: Promise<unknown>;
};

let stage: Stage<RealPeer>;
let us: LocalLeyden;
const seats: Seat[] = [];
const random = seeded(SEED);

beforeAll(async () => {
  const [first, ...others] = askedImplementations('process');
  if (first === undefined) throw new Error('nobody is here');
  stage = await Stage.start<RealPeer>(first, { satPerVb: USUAL });
  stage.esplora.setFeeEstimates(USUAL_FEES);
  us = await stage.local(50_000_000n);
  for (const [i, kind] of [first, ...others].entries()) {
    const folder = join(stage.folder, kind.name);
    const peer = await kind.start(stage.chain, { alias: kind.name, folder });
    stage.adopt(peer);
    // For channels that it opens, the one before not being swept yet.
    for (let coin = 0; coin < 3; coin++) await peer.fund(5_000_000n);
    const { name } = kind;
    seats.push({
      name,
      peer,
      tally: newTally(),
      restsBeforeKill: !does(name, 'killed-in-flight'),
      channel: await opened(peer, i % 2 === 0 ? 'us' : 'them'),
      before: 0n,
      rest: null,
      busy: Promise.resolve(),
    });
  }
});
afterAll(() => stage.stop());

async function opened(peer: RealPeer, by: 'us' | 'them'): Promise<ChannelDetails> {
  const channel = await stage.open(us, peer, { by, capacitySat: CAPACITY, pushMsat: PUSH });
  expect(by === 'us' ? channel.remoteMsat : channel.localMsat).toBe(PUSH);
  return channel;
}

const dial = async ({ peer }: Seat): Promise<boolean> =>
  (await us.api.connect(peer.id, peer.address.host, peer.address.port, true).catch(() => null))?.ok === true;

const payEachWay: Action = async (us, peer, amountMsat, tally) => {
  await payOut(us, peer, amountMsat, tally);
  await payIn(us, peer, amountMsat, tally);
};
/** What is begun and has no name yet: we are not killed meanwhile. */
const nameless = new Set<Promise<unknown>>();
async function undisturbed<T>(work: Promise<T>): Promise<T> {
  nameless.add(work);
  return work.finally(() => nameless.delete(work));
}
const ACTIONS = {
  eachWay: payEachWay,
  claimedByThem: heldByThem(true),
  givenBackByThem: heldByThem(false),
  claimedByUs: heldByUs(true),
  givenBackByUs: heldByUs(false),
  keysend: keysend(undisturbed),
} as const satisfies Readonly<Record<string, Action>>;
type ActionName = keyof typeof ACTIONS;
const OTHERS = ['claimedByThem', 'givenBackByThem', 'claimedByUs', 'givenBackByUs', 'keysend'] as const;

/** Mostly payments both ways; else one that is held, claimed or given back, or one without an invoice. */
function drawn({ name }: Seat): ActionName {
  if (random() < 0.6) return 'eachWay';
  const others = OTHERS.filter((one) => one !== 'keysend' || whyNot(name, 'keysend') === null);
  return others[wholeBetween(random, 0, others.length - 1)] ?? 'eachWay';
}

/** What is paid without an answer adds up: whose part has become small is paid, so that everything stays possible. */
async function levelled({ peer, channel: { channelId }, tally }: Seat): Promise<void> {
  const all = await us.api.listChannels().catch(() => []);
  const channel = all.find((one) => one.channelId === channelId);
  if (channel === undefined) return;
  if (channel.localMsat < LOW) await payIn(us, peer, LOW, tally);
  if (channel.remoteMsat < LOW) await payOut(us, peer, LOW, tally);
}

/** One after the other, until the time is over. */
async function paying(seat: Seat, end: number): Promise<void> {
  while (Date.now() < end) {
    // Whole satoshis: not every implementation counts the rest.
    const amountMsat = BigInt(wholeBetween(random, 1_000, 20_000)) * 1000n;
    while (seat.rest !== null) await seat.rest;
    const name = drawn(seat);
    seat.busy = levelled(seat).then(() => ACTIONS[name](us, seat.peer, amountMsat, seat.tally));
    await seat.busy;
    ended.set(name, (ended.get(name) ?? 0) + 1);
  }
}

/** No payment is under way, and as we see it as well nothing is left of the one before. */
async function atRest({ peer, channel: { channelId }, busy, name }: Seat): Promise<void> {
  await busy;
  const isLeft = async (): Promise<boolean> =>
    (await us.api.listChannels()).some((one) => one.channelId === channelId && one.pendingHtlcs > 0);
  await until(async () => !(await isLeft()), {
    what: `the channel with ${name} to rest`,
    timeoutMs: 120_000,
    describe: async () => [
      await us.api.listChannels(),
      await peer.channels().catch(String),
      us.log.slice(-8),
    ],
  });
}

/** Nothing is under way meanwhile, nor begun. */
async function resting(seat: Seat, work: () => Promise<unknown>): Promise<void> {
  const done = atRest(seat).then(work);
  seat.rest = done.then(() => undefined);
  await done;
  seat.rest = null;
}

async function killUs(): Promise<void> {
  while (nameless.size > 0) await Promise.all(nameless);
  await us.kill();
  await us.restart();
}

/** Estimates are asked for once in a while, and at each start. */
async function toldToUs(satPerVb: number): Promise<void> {
  stage.esplora.setFeeEstimates({ 2: 2 * satPerVb, 6: satPerVb, 144: satPerVb, 1008: 1 });
  await killUs();
  await until(async () => (await us.api.sync()).ok, { what: 'fee rates to be told' });
}

async function killThem(seat: Seat): Promise<void> {
  const again = async (): Promise<void> => {
    await seat.peer.kill();
    await seat.peer.restart();
  };
  await (seat.restsBeforeKill ? resting(seat, again) : again());
}

const line = (seat: Seat): Promise<unknown> =>
  until(() => dial(seat), { what: `a line to ${seat.name}`, everyMs: 200 });

const net = async ({ tally }: Seat): Promise<bigint> => (await receivedMsat(us, tally)) - tally.sent;

/** To the sat, by both sides' books and by what was paid since it began. */
async function counted(seat: Seat): Promise<ChannelDetails> {
  const { name, peer, channel, before } = seat;
  await stage.usable(us, peer, channel.channelId);
  const { ours, theirs } = await stage.settled(us, peer, channel.channelId);
  expect(ours.localMsat, name).toBe(channel.localMsat + (await net(seat)) - before);
  expect(ours.localMsat + ours.remoteMsat, name).toBe(CAPACITY * 1000n);
  const own = ours.remoteMsat / 1000n;
  // To LND's own, as opener, belongs what neither side has whole.
  expect(name === 'lnd' ? [own, own + 1n] : [own], name).toContain(theirs.ownSat);
  return ours;
}

/** What closing transactions gave us, and fundings took, in satoshis. */
let moved = 0n;

/**
 * The closing transaction gives each what was theirs, but for its fee, to the sat.
 *
 * @returns what it gave the peer
 */
async function closed({ channelId, localMsat, remoteMsat }: ChannelDetails): Promise<bigint> {
  const { closing } = await waitForChannel(
    us,
    (one) => one.channelId === channelId && one.state === 'closed',
  );
  expect(closing?.kind).toBe('cooperative');
  const { fee, vout } = await txOf(stage, closing?.txId ?? '');
  const values = vout.map(({ value }) => BigInt(value));
  expect(fee).toBeLessThan(MOST_FEE);
  const [own, other] = [localMsat / 1000n, remoteMsat / 1000n];
  // The opener pays; but with closing_complete whoever offered what was mined, and the other's part is whole.
  const shares = values.includes(own) ? [own, other - BigInt(fee)] : [own - BigInt(fee), other];
  expect(values.map(String).sort()).toEqual(shares.map(String).sort());
  moved += shares[0] ?? 0n;
  return shares[1] ?? 0n;
}

/** It is closed by either, and another takes its place, opened by either. Nobody dies, and no line breaks, meanwhile. */
async function anotherChannel(seat: Seat): Promise<void> {
  const { peer } = seat;
  messagesLeft = Infinity;
  await resting(seat, async () => {
    // Some sign no closing transaction far below their own estimate.
    await toldToUs(USUAL);
    await line(seat);
    const { channelId, ...last } = await counted(seat);
    if (random() < 0.5) valueOf(await us.api.closeChannel(channelId));
    else await peer.close(channelId);
    await stage.inMempool(await spender(channelId));
    await stage.mine(DEEP);
    await closed({ channelId, ...last });
    const by = random() < 0.5 ? 'us' : 'them';
    seat.before = await net(seat);
    seat.channel = await opened(peer, by);
    if (by !== 'us') return;
    const { fee } = await txOf(stage, seat.channel.fundingTxId ?? '');
    expect(fee).toBeLessThan(MOST_FEE);
    moved -= CAPACITY + BigInt(fee);
  });
}

const spender = (channelId: string): Promise<string> =>
  waitForChannel(us, (one) => one.channelId === channelId && one.closing != null).then(
    ({ closing }) => closing?.txId ?? '',
  );

/** How many of each came to their end. */
const ended = new Map<ActionName, number>();
const counts = { killsOfUs: 0, killsOfThem: 0, hangUps: 0, cuts: 0, blocks: 0, feeRates: 0, channels: 0 };

/** A line breaks at the message so many from now, whoever says it to whom: lost, or the last one that arrives. */
let messagesLeft = Infinity;
const tap = new Wiretap(() => {
  if (--messagesLeft > 0) return 'passes';
  messagesLeft = Infinity;
  counts.cuts++;
  return random() < 0.5 ? 'is lost' : 'is the last';
}, [BROKEN]);
afterAll(() => tap.stop());

/** Someone dies, a line breaks, a block comes, fee rates are other ones, or a channel takes the place of another. */
async function troubling(end: number): Promise<void> {
  while (Date.now() < end) {
    await pause(wholeBetween(random, 500, 4_000));
    const seat = seats[wholeBetween(random, 0, seats.length - 1)]!;
    const what = random();
    if (what < 0.2) {
      counts.killsOfUs++;
      await killUs();
    } else if (what < 0.5) {
      counts.killsOfThem++;
      await killThem(seat);
    } else if (what < 0.75) {
      messagesLeft = wholeBetween(random, 1, 40);
    } else if (what < 0.83) {
      counts.hangUps++;
      await us.api.disconnect(seat.peer.id).catch(() => null);
    } else if (what < 0.87) {
      counts.feeRates++;
      await toldToUs(FEE_RATES[wholeBetween(random, 0, FEE_RATES.length - 1)] ?? USUAL);
    } else if (what < 0.9) {
      counts.channels++;
      await anotherChannel(seat);
    } else {
      counts.blocks++;
      await stage.chain.mine(1);
    }
    for (const one of seats) await line(one);
  }
}

/** What the close gave them is on the chain, and theirs; some sweep it first, and pay for that. */
async function getsIt({ peer, name }: Seat, before: ReadonlyMap<string, bigint>, sat: bigint): Promise<void> {
  const least = (before.get(name) ?? 0n) + sat - SWEEP;
  for (let i = 0; i < 20 && (await peer.onchainSat()) < least; i++) await stage.mine(1);
  expect(await peer.onchainSat(), name).toBeGreaterThanOrEqual(least);
}

test(
  `everybody at once for ${MINUTES} minutes, seed ${SEED}`,
  { timeout: (MINUTES + 20) * 60_000 },
  async () => {
    const before = await us.api.listBalances();
    const end = Date.now() + MINUTES * 60_000;
    await Promise.all([...seats.map((seat) => paying(seat, end)), troubling(end)]);
    messagesLeft = Infinity;
    await toldToUs(USUAL);
    const last: ChannelDetails[] = [];
    for (const seat of seats) {
      await line(seat);
      last.push(await counted(seat));
      const { paidOut, paidIn, cutOff, givenUp } = seat.tally;
      console.log(
        `${seat.name}: ${paidOut} paid, ${paidIn} received; cut off: ${cutOff}, given up: ${givenUp.length}`,
      );
    }
    console.log(JSON.stringify({ ...counts, ...Object.fromEntries(ended) }));
    for (const { name, tally } of seats)
      expect(Math.min(tally.paidOut, tally.paidIn), name).toBeGreaterThan(0);
    if (MINUTES >= EVERYTHING) {
      expect(Object.values(counts).every((count) => count > 0)).toBe(true);
      const possible = Object.keys(ACTIONS).filter(
        (action) => action !== 'keysend' || seats.some(({ name }) => whyNot(name, 'keysend') === null),
      );
      expect([...ended.keys()].sort()).toEqual(possible.sort());
    }
    // And all of it comes back on the chain.
    const atPeers = new Map<string, bigint>();
    for (const { name, peer } of seats) atPeers.set(name, await peer.onchainSat());
    for (const { channelId } of last) valueOf(await us.api.closeChannel(channelId));
    for (const { channelId } of last) await spender(channelId);
    // A closing transaction that is known may still be on its way to whoever mines.
    await until(
      async () => {
        await stage.mine(1);
        return (await us.api.listChannels()).every(({ state }) => state === 'closed');
      },
      { what: 'every channel to be closed', timeoutMs: 120_000, describe: () => us.api.listChannels() },
    );
    expect((await us.api.status()).alarms).toEqual([]);
    for (const [i, channel] of last.entries()) await getsIt(seats[i]!, atPeers, await closed(channel));
    const { onchain, totalMsat, closingSat } = await us.api.listBalances();
    expect(onchain.confirmedSat).toBe(before.onchain.confirmedSat + moved);
    expect({ totalMsat, closingSat }).toEqual({ totalMsat: onchain.confirmedSat * 1000n, closingSat: 0n });
  },
);
