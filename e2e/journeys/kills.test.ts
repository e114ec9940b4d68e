import { seeded, wholeBetween } from '../real/scenarios/values.ts';
import { crashingTabs } from './kills/habitat.ts';
import { KilledEngine } from './kills/killed-engine.ts';
import { beginAccount, funded, opened, payment, SITE } from './kills/played.ts';
import { boundaries, KILLS, SEED } from './kills/plans.ts';
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
    const plans = boundaries(8);
    const killsBefore = await engine.kills();
    let missed = 0;
    for (let round = 0; (await engine.kills()) - killsBefore < KILLS; round++) {
      const byCommit = round % 4 < 2;
      const plan = plans.next().value;
      const pay = await payment(played, round % 2 === 0 ? 'we' : 'they');
      if (byCommit) await engine.plan(plan);
      else await engine.killIn(wholeBetween(random, 0, 250));
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
      if (!killed) missed++;
      await settled;
      // Every third time the one that comes back is killed as well.
      if (round % 3 === 2) {
        await engine.start({ at: round % 2 === 0 ? 'before' : 'after', commit: wholeBetween(random, 1, 4) });
        await engine.killIn(wholeBetween(random, 50, 700));
        await engine.dead();
      }
      await engine.restart();
      await account();
      await doing;
    }
    console.log(`${(await engine.kills()) - killsBefore} kills, ${missed} rounds that ended before theirs`);
    expect((await engine.channels()).filter(({ closing }) => closing !== null)).toEqual([]);
  } finally {
    await engine.stop();
  }
});
