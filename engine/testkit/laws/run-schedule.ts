import { feeratePerKw } from '../../base/units.ts';
import { FEERATE_FLOOR } from '../../bitcoin/fee.ts';
import { isLive, type Durable } from '../../channel/state.ts';
import type { ChannelType } from '../../wire/channel-type.ts';
import { CALM } from '../two-peer-env.ts';
import { decide } from './bills.ts';
import { law } from './law.ts';
import { moneyHolds, sharesHold, START } from './money.ts';
import { LawWorld } from './law-world.ts';
import { agreementHolds, alwaysHolds, durableOf, paymentsHold } from './laws.ts';
import { openedChannel, type Opened } from './opened.ts';
import type { Action, Schedule, Way } from './schedule.ts';

/**
 * Runs schedules over the curve that is installed when it is called first.
 * @throws {Broken} when a law does not hold: see laws.ts.
 */
export function scheduleRunner(): (schedule: Schedule) => Promise<void> {
  const opened = new Map<ChannelType['base'], Opened>();
  return ({ base, closes = 'closing_signed', script }) => {
    const start = opened.get(base) ?? openedChannel(base);
    opened.set(base, start);
    return run(start, closes, script);
  };
}

async function run(start: Opened, closes: Way, script: readonly Action[]): Promise<void> {
  const world = new LawWorld(start, closes);
  await world.begin();
  alwaysHolds(world);
  for (const action of script) {
    await world.act(action);
    alwaysHolds(world);
  }
  await conclude(world);
}

/** Everything works again, and everything comes to its end. */
async function conclude(world: LawWorld): Promise<void> {
  for (const node of world.nodes) {
    node.disk.refusals = 0;
    node.disk.crashAt = null;
    node.isOffline = false;
    node.feerates = CALM;
  }
  await world.raise();
  await quieten(world);
  await answer(world);
  if (isDisputed(world)) {
    await explain(world);
    // What is held came through only now.
    await answer(world);
  }
  alwaysHolds(world);
  const durables = world.nodes.map((node) => durableOf(world, node));
  if (durables.every((durable) => durable.phase === 'normal' || durable.phase === 'shutting-down')) {
    for (const { ledger, outcomes } of durables) {
      law(ledger.outgoing.size + ledger.incoming.size === 0, 'no HTLC stays for ever');
      law(outcomes.size === 0, 'what is written down is forgotten');
    }
    agreementHolds(world);
    const moved = paymentsHold(world, false);
    law(durables[0]?.ledger.local === START.alice - moved, 'balances are what was paid', () => String(moved));
    law(
      durables.every(({ phase }) => phase === 'normal'),
      'a close does not stand still',
    );
    return;
  }
  await finish(world);
}

/** Whoever holds a payment claims it or gives it back. */
async function answer(world: LawWorld): Promise<void> {
  for (const bill of world.bills) {
    decide(world[bill.payee], bill, bill.amount % 2n === 0n);
    await world.pump();
  }
  await quieten(world);
}

/** A raise of the fee rate was hung up on, for what it burns of HTLCs: they wait until the mempool is a reason for it. */
const isDisputed = (world: LawWorld): boolean =>
  world.nodes.some(({ life: { notices } }) =>
    notices.some((notice) => notice.tag === 'violation' && notice.violation.detail.endsWith('of HTLCs')),
  ) && world.nodes.some((node) => isHolding(durableOf(world, node)));

const isHolding = (durable: Durable): boolean =>
  isLive(durable) && durable.ledger.outgoing.size + durable.ledger.incoming.size > 0;

async function explain(world: LawWorld): Promise<void> {
  for (const node of world.nodes) node.feerates = SPIKE;
  await quieten(world);
  for (const node of world.nodes) node.feerates = CALM;
  await quieten(world);
}

/** As dear as schedules ever have it. */
const SPIKE = {
  urgent: feeratePerKw(50 * CALM.urgent),
  normal: feeratePerKw(50 * CALM.normal),
  background: feeratePerKw(50 * CALM.background),
  minimum: CALM.minimum,
};

/** Timers run, the chain is looked at, and the two talk until nothing is left to say. */
async function quieten(world: LawWorld): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const node of world.nodes) node.pass(11_000);
    await world.settle();
    world.look();
    await world.settle();
    world.join();
    await world.pump();
  }
}

const CHEAP = {
  urgent: FEERATE_FLOOR,
  normal: FEERATE_FLOOR,
  background: FEERATE_FLOOR,
  minimum: FEERATE_FLOOR,
};

/** The chain has the last word: blocks until both are done with it. */
async function finish(world: LawWorld): Promise<void> {
  for (let round = 0; round < 60; round++) {
    const durables = world.nodes.map((node) => durableOf(world, node));
    if (durables.every(({ phase }) => phase === 'closed')) break;
    // In the end fees are low: what is worth anything is taken.
    if (round === 8) for (const node of world.nodes) node.feerates = CHEAP;
    world.chain.mine(round < 8 ? 1 : 8);
    world.look();
    await world.pump();
    alwaysHolds(world);
  }
  const durables = world.nodes.map((node) => durableOf(world, node));
  law(!durables.some(isLive), 'what is closed by one is closed by both');
  const [one, two] = durables.map((durable) => ('spend' in durable ? durable.spend : null));
  law(one !== null && two !== null && one !== undefined && two !== undefined, 'the chain knows of the close');
  law((one.kind === 'mutual') === (two.kind === 'mutual'), 'both saw the same close');
  if (one.kind === 'mutual') {
    law(
      durables.every(({ phase }) => phase === 'closed'),
      'a channel that both closed is over',
    );
    const moved = paymentsHold(world, false);
    law(durables[0]?.ledger.local === START.alice - moved, 'balances are what was paid', () => String(moved));
    sharesHold(one.tx, moved, world.closes);
  } else {
    law(
      durables.every(({ phase }) => phase === 'closed'),
      'a channel that one closed is over',
    );
    paymentsHold(world, true);
    moneyHolds(world);
  }
}
