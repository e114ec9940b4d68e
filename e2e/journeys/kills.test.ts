import { seeded, wholeBetween } from '../real/scenarios/values.ts';
import type { KillPlan } from './kills/kill-switch.ts';
import { crashingTabs } from './kills/habitat.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import { accounted, AMOUNT, funded, opened, SITE, sumOf } from './kills/played.ts';
import { expect, test } from './stage/test.ts';

/** Of each kind: pay and be paid, at a commit or at any instant; a tenth of it for opening and closing. */
const KILLS = Number(process.env['LEYDEN_KILLS'] ?? 24);
const SEED = Number(process.env['LEYDEN_SEED'] ?? 20_261_127);
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
  const engine = await KilledEngine.open(await crashingTabs(browser), world, SITE);
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
