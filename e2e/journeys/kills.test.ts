import { fileURLToPath } from 'node:url';
import type { World } from '../world/world.ts';
import { until } from '../world/until.ts';
import { seeded, wholeBetween } from '../real/scenarios/values.ts';
import type { KillPlan } from './kills/kill-switch.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import { untilBroadcast } from './stage/chain.ts';
import { expect, test } from './stage/test.ts';

const SITE = process.env['LEYDEN_SITE'] ?? fileURLToPath(new URL('../../dist/site', import.meta.url));
/** Of each kind: pay and be paid, at a commit or at any instant; a tenth of it for opening and closing. */
const KILLS = Number(process.env['LEYDEN_KILLS'] ?? 24);
const SEED = Number(process.env['LEYDEN_SEED'] ?? 20_261_127);
const AMOUNT = 7_000_000n;

type Played = { readonly engine: KilledEngine; readonly world: World };

/** A wallet with a million satoshis. */
async function funded({ engine }: Played): Promise<void> {
  await engine.start();
  await engine.state();
  await engine.value('create', null, 'regtest');
  await engine.value('wordsConfirmed');
  await until(async () => (await engine.status()).chain.lastSyncAt !== null, { what: 'the first sync' });
  await engine.value('faucet', 1_000_000n);
  await until(async () => (await engine.balances()).onchain.confirmedSat === 1_000_000n, { what: 'coins' });
}

const request = ({ ldk }: World) => ({ nodeId: ldk.id, ...ldk.address, amountSat: 600_000n });

/** The one channel that is not closed, on both sides, once it can be used; null when neither side has one. */
async function channelOnBoth({ engine, world }: Played): Promise<boolean> {
  await world.mine();
  await engine.value('node.sync');
  return until(
    async () => {
      const ours = (await engine.channels()).filter(({ state }) => state !== 'closed');
      const theirs = await world.ldk.channels();
      if (ours.length === 0 && theirs.length === 0) return { open: false };
      const usable = ours.some(({ isUsable }) => isUsable) && theirs.some(({ isUsable }) => isUsable);
      return usable ? { open: true } : null;
    },
    {
      what: 'both sides to agree on the channel',
      describe: async () => ({ ours: await engine.channels(), theirs: await world.ldk.channels() }),
    },
  ).then(({ open }) => open);
}

async function opened(played: Played): Promise<void> {
  const { engine, world } = played;
  const { fundingTxId } = await engine.value<{ readonly fundingTxId: string }>('node.openChannel', {
    ...request(world),
    pushMsat: 250_000_000n,
  });
  await untilBroadcast(world, fundingTxId);
  expect(await channelOnBoth(played)).toBe(true);
}

const sumOf = ({ ldk }: World, type: 'payment-received' | 'payment-sent'): bigint =>
  BigInt(ldk.events.filter((event) => event.type === type).length) * AMOUNT;

/** After a kill: nothing is pending, and each side's balance is what the payments that happened make it. */
async function accounted({ engine, world }: Played, atFirst: bigint, tally: () => bigint): Promise<void> {
  await until(
    async () => {
      const [ours] = (await engine.channels()).filter(({ isUsable }) => isUsable);
      const theirs = (await world.ldk.channels()).find(({ isUsable }) => isUsable);
      return (
        ours?.pendingHtlcs === 0 &&
        theirs?.pendingIncoming === 0 &&
        theirs.pendingOutgoing === 0 &&
        ours.localMsat === atFirst + tally()
      );
    },
    {
      what: 'every satoshi to be accounted for',
      describe: async () => ({
        expected: atFirst + tally(),
        ours: await engine.channels(),
        theirs: await world.ldk.channels(),
        alarms: (await engine.status()).alarms,
      }),
    },
  );
  expect((await engine.status()).alarms).toEqual([]);
}

/** Each commit boundary in its turn, before and after. */
function* boundaries(most: number): Generator<KillPlan> {
  for (;;)
    for (let commit = 1; commit <= most; commit++) {
      yield { at: 'before', commit };
      yield { at: 'after', commit };
    }
}

test('the engine is killed while it pays and is paid: at each commit, at any instant, and while it comes back', async ({
  browser,
  world,
}) => {
  test.setTimeout(60_000 + KILLS * 20_000);
  const engine = await KilledEngine.open(browser, world, SITE);
  const played = { engine, world };
  const random = seeded(SEED);
  try {
    await funded(played);
    await opened(played);
    const { ldk } = world;
    const atFirst = (await engine.channels())[0]?.localMsat ?? 0n;
    const before = { in: sumOf(world, 'payment-received'), out: sumOf(world, 'payment-sent') };
    const tally = (): bigint =>
      sumOf(world, 'payment-sent') - before.out - (sumOf(world, 'payment-received') - before.in);
    const plans = boundaries(8);
    const killsBefore = await engine.kills();
    let missed = 0;
    for (let round = 0; (await engine.kills()) - killsBefore < KILLS; round++) {
      const pays = round % 2 === 0;
      const byCommit = round % 4 < 2;
      const plan = plans.next().value as KillPlan;
      const invoice = pays
        ? (await ldk.createInvoice({ amountMsat: AMOUNT })).bolt11
        : (
            await engine.value<{ readonly invoice: string }>('node.bolt11.receive', {
              amountMsat: AMOUNT,
              description: '',
            })
          ).invoice;
      if (byCommit) await engine.plan(plan);
      else await engine.killIn(wholeBetween(random, 0, 250));
      const doing: Promise<unknown> = pays
        ? engine.ask('node.bolt11.send', invoice)
        : // It may well fail: whether it did is in the account.
          ldk.pay(invoice).catch(() => null);
      // A payment that takes fewer commits than planned ends by itself, or waits for whoever comes back.
      const settled = accounted(played, atFirst, tally).then(
        () => true,
        () => false,
      );
      const killed = await Promise.race([
        engine.dead().then(() => true),
        Promise.all([doing, settled]).then(() => false),
      ]);
      if (!killed) missed++;
      await settled;
      // Every third time the one that comes back is killed as well.
      if (round % 3 === 2) {
        await engine.start({ at: round % 2 === 0 ? 'before' : 'after', commit: wholeBetween(random, 1, 4) });
        await engine.killIn(wholeBetween(random, 50, 700));
        await engine.dead();
      }
      await engine.restart();
      await accounted(played, atFirst, tally);
      await doing;
    }
    console.log(`${(await engine.kills()) - killsBefore} kills, ${missed} rounds that ended before theirs`);
    expect((await engine.channels()).filter(({ closing }) => closing !== null)).toEqual([]);
  } finally {
    await engine.stop();
  }
});
