import { seeded, wholeBetween } from '../real/scenarios/values.ts';
import { crashingTabs } from './kills/habitat.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import { beginAccount, funded, opened, payment, SITE } from './kills/played.ts';
import { KILLS, SEED } from './kills/plans.ts';
import { expectHits, measured, quiet, Tally } from './kills/tally.ts';
import { expect, test } from './stage/test.ts';

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
    const account = await beginAccount(played);
    const whole = (who: 'we' | 'they') =>
      measured(engine, 3, async () => {
        const pay = await payment(played, who);
        return async () => {
          await pay();
          await account();
        };
      });
    const paying = new Tally('paying', await whole('we'), random);
    const paid = new Tally('being paid', await whole('they'), random);
    const killsBefore = await engine.kills();
    let [missed, comingBack] = [0, 0];
    for (let round = 0; (await engine.kills()) - killsBefore < KILLS; round++) {
      const [who, tally] = round % 2 === 0 ? (['we', paying] as const) : (['they', paid] as const);
      const pay = await payment(played, who);
      await quiet(engine);
      if (round % 4 < 2) await engine.plan(tally.boundary());
      else await engine.killIn(tally.instant());
      const doing = pay();
      // A payment that takes fewer commits than planned ends by itself, or waits for whoever comes back.
      const settled = account().then(
        () => true,
        () => false,
      );
      const killed = await Promise.race([
        engine.dead().then(() => true),
        Promise.all([doing, settled]).then(() => false),
      ]);
      if (killed) tally.killed(await engine.lastKill());
      else missed++;
      await settled;
      // Every third time the one that comes back is killed as well.
      if (round % 3 === 2) {
        await engine.start({ at: round % 2 === 0 ? 'before' : 'after', commit: wholeBetween(random, 1, 4) });
        await engine.killIn(wholeBetween(random, 50, 700));
        await engine.dead();
        comingBack++;
      }
      await engine.restart();
      await doing;
      await account();
    }
    console.log(
      `${(await engine.kills()) - killsBefore} kills, ${comingBack} of them of one that came back, ${missed} rounds that ended before theirs`,
    );
    expectHits(paying, paid);
    expect((await engine.channels()).filter(({ closing }) => closing !== null)).toEqual([]);
  } finally {
    await engine.stop();
  }
});
